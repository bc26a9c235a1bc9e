"""A client for any server with OpenAI's chat completions API: vLLM, llama.cpp, Ollama, OpenAI."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from agent.model.base import Message, ModelError, ModelRefused, ModelUnreachable, Reply, ToolSchema
from agent.model.complaints import complaint, is_complaint, one_line
from agent.model.retry import Patience, TryAgain
from agent.model.server import NoAnswer, Server
from agent.model.wire import Unreadable, clean_text, read_reply, request_body

DEFAULT_WINDOW = 131_072
"""Tokens of a model whose server does not tell."""
MAX_TOKENS = 8192
"""Tokens kept free for a reply, where the window is large enough."""
CHECK_SECONDS = 2.4
"""For connecting and again for the answer, so that a check is over within five seconds."""

_BYTES_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Served:
    """A model as its server lists it."""

    name: str
    window: int | None = None
    """Tokens; vLLM tells, most others do not."""


class OpenAIModel:
    """A served model.

    Args:
        base_url: Where the server is: ``http://host:8000``, with or without ``/v1``.
        model: The model's name; by default the first that the server lists.
        api_key: Sent as a bearer token, and never shown.
        window: Tokens of prompt and reply; by default what the server tells, or 131072.
        max_tokens: Tokens of the longest reply; at most a quarter of the window is asked for.
        temperature: Zero for the likeliest reply.
        read_timeout: Seconds for one answer, from the connection to its last byte.
        patience: How failures that may pass are retried.

    Raises:
        ModelRefused: The URL is none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        window: int | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0.0,
        read_timeout: float = 600.0,
        patience: Patience | None = None,
    ) -> None:
        self._server = Server(base_url, api_key, read_timeout)
        self._model = model
        self._window = window
        self._max_tokens = max_tokens
        self._temperature = temperature
        self._patience = patience or Patience()
        self._served: Served | None = None

    @property
    def name(self) -> str:
        """The model's name; the server is asked for it when none was given."""
        return self._model or self._ask_served().name

    @property
    def window(self) -> int:
        """Tokens that prompt and reply may fill together."""
        return self._window or self._ask_served().window or DEFAULT_WINDOW

    def check(self) -> None:
        """Return when the server is there and has the model.

        Raises:
            ModelUnreachable: No server, or no model server; told within five seconds.
            ModelRefused: It does not take the key, or has no such model.
        """
        self._ask_served()

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """The next message of the conversation, after the retries that make sense."""
        body = request_body(
            self.name,
            messages,
            tools,
            max_tokens=max(1, min(self._max_tokens, self.window // 4)),
            temperature=self._temperature,
        )
        answer = self._patience.keep_trying(lambda: self._try(body))
        try:
            return read_reply(answer, turn=len(messages))
        except Unreadable as error:
            came_back = one_line(self._server.without_key(json.dumps(answer)))
            raise ModelUnreachable(
                f"{self._server.url}/chat/completions answered with {error}: {came_back}"
            ) from None

    def count_tokens(self, text: str) -> int:
        """An estimate on the high side: code and prose have more than three bytes a token."""
        return -(-len(clean_text(text).encode()) // _BYTES_PER_TOKEN)

    def close(self) -> None:
        """Let go of the connections. Closing twice is harmless."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _try(self, body: Mapping[str, Any]) -> Any:
        """The parsed answer to one request."""
        url = f"{self._server.url}/chat/completions"
        try:
            answer = self._server.post("/chat/completions", body)
        except NoAnswer as error:
            raise TryAgain(ModelUnreachable(f"no reply from {url}: {error}")) from None
        parsed = answer.body
        if answer.status == 200 and parsed is not None and not is_complaint(parsed):
            return parsed
        found = complaint(answer.status, self._server.without_key(answer.text))
        if found.worth_another_try:
            raise TryAgain(found.error(url), answer.wait)
        raise self._not_found(found.error(url)) if found.status == 404 else found.error(url)

    def _not_found(self, error: ModelError) -> ModelError:
        try:
            names = [model.name for model in self._list_served() or []]
        except ModelError:
            names = []
        return ModelRefused(f"{error}; asked for the model {self.name!r}; {_told(names)}")

    def _ask_served(self) -> Served:
        if self._served is None:
            self._served = self._choose(self._list_served())
        return self._served

    def _choose(self, served: list[Served] | None) -> Served:
        if self._model is None:
            if not served:
                raise ModelRefused(f"{self._server.url} lists no model; name one with --model")
            return served[0]
        # Ollama lists the tag that a name without one stands for.
        wanted = (self._model, f"{self._model}:latest")
        for model in served or []:
            if model.name in wanted:
                return model
        if served is None:
            return Served(self._model)
        told = _told([model.name for model in served])
        raise ModelRefused(f"{self._server.url} has no model {self._model!r}; {told}")

    def _list_served(self) -> list[Served] | None:
        """The server's models; None where it has the API but, it seems, no list of models."""
        url = f"{self._server.url}/models"
        try:
            answer = self._server.get("/models", seconds=CHECK_SECONDS)
        except NoAnswer as error:
            raise ModelUnreachable(
                f"no model server at {self._server.url}: {error}; start one"
                " (for example `vllm serve MODEL`) or pass --base-url"
            ) from None
        if answer.status in (404, 405) and self._model is not None:
            return None
        body, told = answer.body, self._server.without_key(answer.text)
        if answer.status != 200 or is_complaint(body):
            raise complaint(answer.status, told).error(url)
        found = body.get("data") if isinstance(body, dict) else None
        if not isinstance(found, list):
            raise ModelUnreachable(f"{url} answered with no list: {one_line(told)}")
        return [_read_served(entry) for entry in found if _has_name(entry)]


def _has_name(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and bool(entry["id"])


def _read_served(entry: Mapping[str, Any]) -> Served:
    window = entry.get("max_model_len")
    known = isinstance(window, int) and not isinstance(window, bool) and window > 0
    return Served(clean_text(entry["id"]), window if known else None)


def _told(names: list[str]) -> str:
    if not names:
        return "check --model and --base-url"
    return "it has " + ", ".join(one_line(name, 80) for name in names[:10])
