"""Recorded replies over HTTP, as an OpenAI-compatible server gives them, streamed or not.

For trying out clients, this one's own and others', without a model. The same request gets the same
reply again, as after a connection that broke; another request gets the next one.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from agent.model.base import Reply, ToolCall
from agent.model.formats import FORMATS
from agent.model.probe import question
from agent.model.sse import DONE

MODEL = "replay"
_PIECE = 24
"""Characters of a text that come in one piece of a stream."""


class ReplayServer:
    """Serves on the loopback until its ``with`` block ends."""

    def __init__(self, replies: Sequence[Reply], port: int = 0) -> None:
        self._replies = list(replies)
        self._given: dict[str, int] = {}
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Base URL, with the version."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The completion for a request; None when there is nothing left to say."""
        if _is_probe(request):
            call = ToolCall(id="probe", name=question()[1].name, arguments={"word": "ready"})
            return completion(Reply.model_validate({"message": {"calls": [call.model_dump()]}}))
        key = json.dumps(request.get("messages"))
        with self._lock:
            number = self._given.setdefault(key, len(self._given))
        return completion(self._replies[number]) if number < len(self._replies) else None


def completion(reply: Reply) -> dict[str, Any]:
    """A reply as a server sends it whole."""
    message = FORMATS[reply.message.call_format].reply(reply.message)
    if reply.message.reasoning:
        message["reasoning"] = reply.message.reasoning
    reason = "length" if reply.cut_off else "tool_calls" if "tool_calls" in message else "stop"
    usage = {
        "prompt_tokens": reply.usage.prompt,
        "completion_tokens": reply.usage.completion,
        "total_tokens": reply.usage.total,
        "prompt_tokens_details": {"cached_tokens": reply.usage.cached},
    }
    return {
        "id": "replayed",
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": usage,
    }


def chunks(whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same as a stream's chunks."""
    choice = whole["choices"][0]
    yield _chunk({"role": "assistant", "content": ""})
    for name in ("reasoning", "content"):
        for piece in _pieces(choice["message"].get(name) or ""):
            yield _chunk({name: piece})
    for index, call in enumerate(choice["message"].get("tool_calls", [])):
        function = call["function"]
        begun = {"name": function["name"], "arguments": ""}
        yield _chunk({"tool_calls": [call | {"index": index, "function": begun}]})
        for piece in _pieces(function["arguments"]):
            yield _chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield _chunk({}, choice["finish_reason"])
    yield {"object": "chat.completion.chunk", "choices": [], "usage": whole["usage"]}


def _chunk(delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def _is_probe(request: Mapping[str, Any]) -> bool:
    tools = request.get("tools") or []
    names = [tool.get("function", {}).get("name") for tool in tools]
    return names == [question()[1].name]


def _handler(server: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/v1/models":
                listed = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
                self._send(200, json.dumps(listed).encode())
            else:
                self._send(404, b'{"error": {"message": "Not Found"}}')

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path != "/v1/chat/completions":
                self._send(404, b'{"error": {"message": "Not Found"}}')
                return
            request = json.loads(content)
            answer = server.answer(request)
            if answer is None:
                self._send(400, b'{"error": {"message": "the recording is over"}}')
            elif request.get("stream"):
                events = [*map(json.dumps, chunks(answer)), DONE]
                stream = "".join(f"data: {event}\n\n" for event in events)
                self._send(200, stream.encode(), "text/event-stream")
            else:
                self._send(200, json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing; who asks sees the answer."""

        def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
