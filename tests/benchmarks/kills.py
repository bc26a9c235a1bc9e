"""Kills a run with SIGKILL at moments drawn at random, again and again, and goes on with it.

    python tests/benchmarks/kills.py [--kills 200] [--seed 1] [--sandbox none]

Each run is a process of its own against a model server on the loopback; its whole process group is
killed. Counted are kills, runs, turns that were lost (asked for again), patches that differ, and
what was done twice; and at the end whatever is left: processes, folders, containers.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.events import Acted, Judged, Replied
from agent.journal import read_journal
from doubles.repositories import CALCULATOR, CHECK, RIGHT, WRONG, make_repository
from doubles.scripted_server import ScriptedServer

PROGRAM = str(Path(sys.executable).with_name("patchwright"))
LONGEST = 6.0
"""Seconds after its start within which a process is killed, at random."""


def answer(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A reply that makes one call."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    call = {"id": "call-1", "type": "function", "function": function}
    message = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }


REPLIES = [
    answer("read", {"path": "calculator.py"}),
    answer("edit", {"operation": "create", "path": "notes.txt", "new": "a note\n"}),
    answer("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT}),
    answer("submit", {"summary": "done", "solved": True}),
]


def one_run(
    folder: Path, repository: Path, chance: random.Random, sandbox: str, left: int
) -> Counter[str]:
    """Kill one run as often as it takes to end, ``left`` times at most, and look at what it is."""
    runs = folder / "runs"
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    counted: Counter[str] = Counter(runs=1)

    def reply(request: dict[str, Any]) -> dict[str, Any]:
        return REPLIES[sum(message["role"] == "assistant" for message in request["messages"])]

    with ScriptedServer(reply) as server:
        common = ["--runs", str(runs)]
        start = [
            *("fix", str(repository), "--issue", "The mean is one too large", "--test", CHECK),
            *("--sandbox", sandbox, "--base-url", server.url, "--model", "scripted", "--yes"),
        ]
        while True:
            begun = list(runs.glob("*/journal.jsonl"))
            words = ["resume", "last"] if begun and begun[0].stat().st_size else start
            process = subprocess.Popen(
                [PROGRAM, *words, *common],
                env=environment,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            seconds = chance.uniform(0.3, LONGEST) if counted["kills"] < left else None
            try:
                process.wait(timeout=seconds)
                break
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                counted["kills"] += 1
        asked = Counter(
            sum(message["role"] == "assistant" for message in request["messages"])
            for request in server.posts
        )
    events = [entry.event for path in runs.glob("*/journal.jsonl") for entry in read_journal(path)]
    turns = [event.turn for event in events if isinstance(event, Replied)]
    acted = [event.turn for event in events if isinstance(event, Acted)]
    proven = [event for event in events if isinstance(event, Judged) and event.verdict.proven]
    patches = [path.read_text() for path in runs.glob("*/patch.diff")]
    counted["asked again"] = sum(asked.values()) - len(asked)
    counted["asked again more than once"] = sum(times > 2 for times in asked.values())
    counted["lost"] = int(turns != [1, 2, 3, 4] or acted != [1, 2, 3, 4])
    counted["done twice"] = int(len(proven) != 1)
    counted["other patch"] = int(len(patches) != 1 or "+" + RIGHT not in patches[0])
    return counted


def main() -> None:
    """Kill, count and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sandbox", default="none")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    total: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        repository = make_repository(Path(temporary) / "repository", CALCULATOR)
        while total["kills"] < options.kills:
            folder = Path(temporary) / f"run-{total['runs']}"
            folder.mkdir()
            left = options.kills - total["kills"]
            total += one_run(folder, repository, chance, options.sandbox, min(left, 12))
            print(f"{time.monotonic() - began:5.0f} s", dict(total), flush=True)
    for name in ("lost", "done twice", "other patch", "asked again more than once"):
        print(f"{name}: {total[name]}")
    sys.exit(int(any(total[name] for name in ("lost", "done twice", "other patch"))))


if __name__ == "__main__":
    main()
