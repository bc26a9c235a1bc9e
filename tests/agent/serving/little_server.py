"""A program that behaves like a model server, in the ways that servers misbehave.

    little_server.py PORT [--delay S] [--children N] [--die start|answer] [--exit N] [--deaf]
                     [--status N]

It answers a chat completion with one token, `--delay` seconds after its start, and has
`--children` further processes in its session. `--die` ends it without a word to its children, at
its start or when it has answered; `--deaf` makes it and them ignore SIGTERM; `--status` answers
every request with that status.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

arguments = argparse.ArgumentParser()
arguments.add_argument("port", type=int)
arguments.add_argument("--delay", type=float, default=0.0)
arguments.add_argument("--children", type=int, default=0)
arguments.add_argument("--die", choices=["start", "answer"])
arguments.add_argument("--exit", type=int, default=1)
arguments.add_argument("--deaf", action="store_true")
arguments.add_argument("--status", type=int, default=200)
given, rest = arguments.parse_known_args()

SLEEP = "import signal, time; {}time.sleep(600)"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); "


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = self.headers.get("Authorization", "")
        status = 401 if os.environ.get("LITTLE_KEY", key) != key else given.status
        content = json.dumps(
            {"choices": [{"message": {"content": "1"}}], "error": "told so"}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        if given.die == "answer":
            threading.Timer(0.2, os._exit, (given.exit,)).start()

    def log_message(self, *_: object) -> None:
        pass


if given.deaf:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(given.children):
    subprocess.Popen([sys.executable, "-c", SLEEP.format(DEAF if given.deaf else "")])
print("starting", *rest, flush=True)
print("to the other stream", file=sys.stderr, flush=True)
if given.die == "start":
    os._exit(given.exit)
time.sleep(given.delay)
ThreadingHTTPServer(("127.0.0.1", given.port), Handler).serve_forever()
