"""A model server on the loopback that says what a test has written down for it."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; a dictionary or a list as body is sent as JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte."""
    cut: int | None = None
    """Send only so many bytes of the body, then close the connection."""
    pause: float = 0.0
    """Seconds between two bytes of the body."""
    endless: bytes = b""
    """Sent after the body again and again, every ``pause`` seconds, until the client is gone."""

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Request:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    json: Any


CHAT = "/v1/chat/completions"
Script = Sequence[Any] | Callable[[Any], Any]


class ScriptedServer:
    """Serves until the ``with`` block ends.

    ``script`` answers the requests for a reply, one after the other: each is an :class:`Answer`, or
    the JSON of one; or it is a function from a request's JSON to such. ``models`` answers ``GET
    /v1/models``, ``pages`` other paths, each in the same way. A client's probe is answered as by a
    server whose tool calls work, unless the ``script`` is to answer it.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        models: Any = None,
        pages: Mapping[str, Any] | None = None,
        script_probes: bool = False,
    ) -> None:
        self.script = script
        self.models = served("scripted") if models is None else models
        self.pages = pages or {}
        self.script_probes = script_probes
        self.requests: list[Request] = []
        self.left = threading.Event()
        """A client went away while it was still being answered."""
        self._next = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Base URL, with the version."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def posts(self) -> list[Any]:
        """The JSON of each request for a reply, probes left out."""
        return [
            request.json
            for request in self.requests
            if request.path == CHAT and (self.script_probes or not is_probe(request.json))
        ]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            found = self._find(request)
        return found if isinstance(found, Answer) else Answer(found)

    def wait(self, seconds: float) -> None:
        """Let time pass, but not beyond the end of the test."""
        if seconds:
            self.closing.wait(seconds)

    def _find(self, request: Request) -> Any:
        if request.path == "/v1/models":
            return self.models
        if request.path != CHAT:
            page = self.pages.get(request.path, Answer("not here", 404))
            return page(request.json) if callable(page) else page
        if is_probe(request.json) and not self.script_probes:
            return completion(None, ("report", {"word": "ready"}))
        if callable(self.script):
            return self.script(request.json)
        if self._next >= len(self.script):
            return Answer("the script is over", 418)
        self._next += 1
        return self.script[self._next - 1]


class _Http(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of many a test."""


def _handler(scripted: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def log_message(self, *_: object) -> None:
            pass

        def _respond(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parsed = json.loads(content) if content else None
            answer = scripted.answer(
                Request(self.command, self.path, dict(self.headers.items()), parsed)
            )
            scripted.wait(answer.delay)
            self.send_response(answer.status)
            headers: dict[str, Any] = {"Content-Type": "application/json"}
            if not answer.endless:
                headers["Content-Length"] = len(answer.data)
            for name, value in (headers | answer.headers).items():
                self.send_header(name, str(value))
            self.end_headers()
            try:
                self._send(answer.data[: answer.cut], 0.0 if answer.endless else answer.pause)
                while answer.endless and not scripted.closing.wait(answer.pause):
                    self.wfile.write(answer.endless)
            except OSError:
                scripted.left.set()

        def _send(self, data: bytes, pause: float) -> None:
            if not pause:
                self.wfile.write(data)
                return
            for byte in data:
                self.wfile.write(bytes([byte]))
                scripted.wait(pause)

    return Handler


def served(*names: str, **fields: Any) -> dict[str, Any]:
    """The JSON of a list of models, each with these further fields."""
    return {"object": "list", "data": [{"id": name, "object": "model"} | fields for name in names]}


def completion(
    content: str | None = None,
    *calls: tuple[str, Any],
    finish_reason: str | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """The JSON of a reply; a call is a tool's name and its arguments, as a string or not."""
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"given_{number}",
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
            for number, (name, arguments) in enumerate(calls)
        ]
    reason = finish_reason or ("tool_calls" if calls else "stop")
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    } | fields


def is_probe(body: Any) -> bool:
    """Whether a request is a client's question which way of writing calls works."""
    messages = body.get("messages") or [{}]
    return len(messages) < 3 and "Call the tool `report`" in str(messages[-1].get("content"))


def streamed(body: dict[str, Any], *, piece: int = 7, done: bool = True, **fields: Any) -> Answer:
    """The same reply as a stream; texts come in pieces of so many characters."""
    choice = body["choices"][0]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    message = choice["message"]
    for name in ("reasoning", "content"):
        deltas += [{name: part} for part in _pieces(message.get(name) or "", piece)]
    for index, call in enumerate(message.get("tool_calls", [])):
        function = call["function"]
        head = {"index": index, "id": call["id"], "type": "function"}
        deltas.append({"tool_calls": [head | {"function": {"name": function["name"]}}]})
        for part in _pieces(function["arguments"], piece):
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    last = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    chunks.append({"choices": [last]})
    if "usage" in body:
        chunks.append({"choices": [], "usage": body["usage"]})
    return Answer(
        events(*chunks) + (b"data: [DONE]\n\n" if done else b""),
        headers={"Content-Type": "text/event-stream"},
        **fields,
    )


def events(*chunks: Any) -> bytes:
    """Server-sent events, each with one JSON value."""
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
