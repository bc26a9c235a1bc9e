"""A streamed reply put together into the completion that a server would have sent whole; no I/O.

The chunks are those of https://platform.openai.com/docs/api-reference/chat-streaming. Servers
differ: calls come without an index, or all with the same one; a name is sent again with each
piece; arguments come as an object at once; usage comes in a chunk of its own, in every chunk, or
not at all.
"""

import json
from collections.abc import Mapping
from typing import Any

REASONING_FIELDS = ("reasoning", "reasoning_content")
"""vLLM says ``reasoning`` since 0.12; it, SGLang, llama.cpp and others the longer one before."""


class Assembly:
    """The reply so far."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.error: Mapping[str, Any] | None = None
        """The chunk that is a complaint instead of a part of the reply."""
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._calls: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}
        self._token_ids: list[int] = []
        self._usage: Any = None

    @property
    def started(self) -> bool:
        """Whether anything that the model has generated has arrived."""
        return bool(self._content or self._reasoning or self._calls or self._token_ids)

    def add(self, chunk: Any) -> None:
        """Take the next chunk in; what is no chunk at all is an error of the stream."""
        if not isinstance(chunk, dict) or ("error" in chunk and not chunk.get("choices")):
            self.error = chunk if isinstance(chunk, dict) else {"error": {"message": str(chunk)}}
            return
        if isinstance(chunk.get("usage"), dict):
            self._usage = chunk["usage"]
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            # A server that gives up in the middle may send the bare error object.
            if chunk.get("object") == "error" or "message" in chunk:
                self.error = chunk
            return
        for choice in choices:
            if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
                self._take_choice(choice)

    def completion(self) -> dict[str, Any]:
        """What has come, in the form of a completion that was not streamed."""
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self._content)}
        if self._reasoning:
            message["reasoning"] = "".join(self._reasoning)
        if self._calls:
            message["tool_calls"] = [_joined(call) for call in self._calls]
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        if self._token_ids:
            choice["token_ids"] = self._token_ids
        return {"object": "chat.completion", "choices": [choice], "usage": self._usage}

    def _take_choice(self, choice: Mapping[str, Any]) -> None:
        if isinstance(choice.get("finish_reason"), str):
            self.finish_reason = choice["finish_reason"]
        ids = choice.get("token_ids")
        if isinstance(ids, list):
            self._token_ids += [number for number in ids if isinstance(number, int)]
        # Some servers end a stream with the whole message instead of one more piece of it.
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._take_delta(delta)

    def _take_delta(self, delta: Mapping[str, Any]) -> None:
        if isinstance(delta.get("content"), str) and delta["content"]:
            self._content.append(delta["content"])
        for field in REASONING_FIELDS:
            if isinstance(delta.get(field), str) and delta[field]:
                self._reasoning.append(delta[field])
                break
        pieces = delta.get("tool_calls")
        for place, piece in enumerate(pieces if isinstance(pieces, list) else []):
            if isinstance(piece, dict):
                self._take_call(piece, place)
        if isinstance(delta.get("function_call"), dict):
            self._take_call({"function": delta["function_call"]}, 0)

    def _take_call(self, piece: Mapping[str, Any], place: int) -> None:
        call = self._call_for(piece, place)
        if isinstance(piece.get("id"), str) and piece["id"]:
            call["id"] = piece["id"]
        function = piece.get("function")
        if not isinstance(function, dict):
            return
        name, arguments = function.get("name"), function.get("arguments")
        if isinstance(name, str) and name != call["name"]:
            call["name"] += name
        if arguments is not None:
            call["arguments"].append(arguments)

    def _call_for(self, piece: Mapping[str, Any], place: int) -> dict[str, Any]:
        """The call that a piece belongs to; another id under the same index is another call.

        So is another name, once the arguments of the first have begun, and the same name, once
        they have ended.
        """
        index = piece.get("index")
        index = index if isinstance(index, int) else place
        known = self._places.get(index)
        given, function = piece.get("id"), piece.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if known is not None:
            call = self._calls[known]
            other_id = given and call["id"] and given != call["id"]
            other_name = name and (_ended(call) if name == call["name"] else call["arguments"])
            if not other_id and not other_name:
                return call
        self._places[index] = len(self._calls)
        self._calls.append({"id": "", "name": "", "arguments": []})
        return self._calls[-1]


def _ended(call: Mapping[str, Any]) -> bool:
    """Whether the arguments so far are whole."""
    text = "".join(piece for piece in call["arguments"] if isinstance(piece, str))
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _joined(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call in its final form; arguments that came as one object stay one."""
    pieces = call["arguments"]
    whole = pieces[0] if len(pieces) == 1 and not isinstance(pieces[0], str) else None
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    arguments = text if whole is None else whole
    function = {"name": call["name"], "arguments": arguments}
    return {"id": call["id"], "type": "function", "function": function}
