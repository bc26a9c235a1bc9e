"""Which models a server has, and how much they can read at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.model.base import ModelError, ModelRefused, ModelUnreachable
from agent.model.clean import clean_text
from agent.model.complaints import complaint, is_complaint, one_line
from agent.model.server import NoAnswer, Server

DEFAULT_WINDOW = 131_072
"""Tokens of a model whose server does not tell."""
CHECK_SECONDS = 2.4
"""For connecting and again for the answer, so that a check is over within five seconds."""


def _named(entries: Any, name: str) -> Any:
    """The entry of a list that is of the model of this name; Ollama adds a tag to names."""
    wanted = (name, f"{name}:latest")
    return next(entry for entry in entries if entry.get("id", entry.get("name")) in wanted)


_WINDOWS: tuple[tuple[str, Callable[[Any, str], Any]], ...] = (
    # At a server's root: llama.cpp, TGI, LM Studio, Ollama (of a model that is loaded).
    ("/props", lambda body, _: body["default_generation_settings"]["n_ctx"]),
    ("/info", lambda body, _: body["max_total_tokens"]),
    ("/api/v0/models", lambda body, name: _named(body["data"], name)["loaded_context_length"]),
    ("/api/ps", lambda body, name: _named(body["models"], name)["context_length"]),
)


@dataclass(frozen=True, slots=True)
class Served:
    """A model as its server lists it."""

    name: str
    window: int | None = None
    """Tokens; vLLM and SGLang tell in their list, others elsewhere."""
    owner: str = ""
    """``vllm`` where vLLM serves it."""


class Directory:
    """Finds the model that is meant among those that a server has; asks once."""

    def __init__(self, server: Server, model: str | None) -> None:
        self._server = server
        self._model = model
        self._served: Served | None = None

    @property
    def name(self) -> str:
        """The model's name; the server is asked for it when none was given."""
        return self._model or self.served().name

    def served(self) -> Served:
        """The model as its server lists it.

        Raises:
            ModelUnreachable: No server, or no model server; told within five seconds.
            ModelRefused: It does not take the key, or has no such model.
        """
        if self._served is None:
            self._served = self._choose(self._list())
        return self._served

    @property
    def owner(self) -> str:
        """Who serves the model, ``vllm`` for one; empty where that cannot be known now."""
        try:
            return self.served().owner
        except ModelError:
            return ""

    def window(self) -> int:
        """Tokens of prompt and reply together, as far as the server can be made to tell."""
        served = self.served()
        if served.window is None:
            found = self._ask_window()
            self._served = served = Served(served.name, found or DEFAULT_WINDOW, served.owner)
        assert served.window is not None
        return served.window

    def not_found(self, error: ModelError) -> ModelError:
        """What to say when the server does not know the model or the path."""
        try:
            names = [model.name for model in self._list() or []]
        except ModelError:
            names = []
        return ModelRefused(f"{error}; asked for the model {self.name!r}; {_told(names)}")

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

    def _list(self) -> list[Served] | None:
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
        return [_read(entry) for entry in found if _has_name(entry)]

    def _ask_window(self) -> int | None:
        for path, find in _WINDOWS:
            try:
                answer = self._server.get(path, seconds=CHECK_SECONDS, at_root=True)
                value = find(answer.body, self.name) if answer.status == 200 else None
            except NoAnswer:
                return None
            except (KeyError, TypeError, AttributeError, StopIteration):
                continue  # this server has something else at that path
            if isinstance(value, int) and _is_count(value):
                return value
        return None


def _has_name(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and bool(entry["id"])


def _read(entry: Mapping[str, Any]) -> Served:
    window, owner = entry.get("max_model_len"), entry.get("owned_by")
    return Served(
        clean_text(entry["id"]),
        window if _is_count(window) else None,
        owner if isinstance(owner, str) else "",
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _told(names: list[str]) -> str:
    if not names:
        return "check --model and --base-url"
    return "it has " + ", ".join(one_line(name, 80) for name in names[:10])
