"""Counts tokens exactly: by asking the server, or with the model's own tokenizer file."""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agent.model.base import ModelRefused
from agent.model.server import NoAnswer, Server

SECONDS = 60.0
"""For one count; a hundred thousand tokens take a server about half a second."""

_TEMPLATE_FIELDS = ("tools", "chat_template_kwargs")


class NotCounted(Exception):
    """No count could be had.

    Args:
        message: Why.
        passing: The server did not answer; it may the next time.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class Counter(Protocol):
    """Counts as the model's own tokenizer does."""

    def text(self, text: str) -> int:
        """Tokens of a text alone."""
        ...

    def prompt(self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> int:
        """Tokens of a prompt in its wire form, template, tools and all."""
        ...


class TokenizeEndpoint:
    """vLLM: ``/tokenize`` takes a text, or messages and tools.

    https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#tokenizer-api
    """

    def __init__(self, server: Server, model: str) -> None:
        self._server = server
        self._model = model

    def text(self, text: str) -> int:
        """Tokens of a text, without those that begin and end a prompt."""
        return self._count({"prompt": text, "add_special_tokens": False})

    def prompt(self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> int:
        """Tokens of a prompt, up to where the reply begins."""
        seen = {key: fields[key] for key in _TEMPLATE_FIELDS if key in fields}
        return self._count({"messages": messages, "add_generation_prompt": True} | seen)

    def _count(self, body: Mapping[str, Any]) -> int:
        found = _post(self._server, "/tokenize", {"model": self._model, **body})
        return _checked(found.get("count"))


class TemplateEndpoint:
    """llama.cpp: ``/apply-template`` makes the prompt, ``/tokenize`` counts it.

    https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def text(self, text: str) -> int:
        """Tokens of a text, without those that begin and end a prompt."""
        return self._count(text, special=False)

    def prompt(self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> int:
        """Tokens of a prompt, up to where the reply begins."""
        seen = {key: fields[key] for key in (*_TEMPLATE_FIELDS, "tool_choice") if key in fields}
        made = _post(self._server, "/apply-template", {"messages": messages} | seen)
        prompt = made.get("prompt")
        if not isinstance(prompt, str):
            raise NotCounted("no prompt came back")
        return self._count(prompt, special=True)

    def _count(self, text: str, *, special: bool) -> int:
        body = {"content": text, "add_special": special, "parse_special": special}
        tokens = _post(self._server, "/tokenize", body).get("tokens")
        return _checked(len(tokens) if isinstance(tokens, list) else None)


class ChatTokenizeEndpoint:
    """TGI: ``/chat_tokenize`` takes a chat request, ``/tokenize`` a text.

    https://huggingface.github.io/text-generation-inference/
    """

    def __init__(self, server: Server, model: str) -> None:
        self._server = server
        self._model = model

    def text(self, text: str) -> int:
        """Tokens of a text."""
        return _checked(len(_post_list(self._server, "/tokenize", {"inputs": text})))

    def prompt(self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> int:
        """Tokens of a prompt, up to where the reply begins."""
        seen = {key: fields[key] for key in ("tools", "tool_choice") if key in fields}
        body = {"model": self._model, "messages": messages} | seen
        found = _post(self._server, "/chat_tokenize", body).get("tokenize_response")
        return _checked(len(found) if isinstance(found, list) else None)


def find_endpoint(server: Server, model: str) -> Counter | None:
    """The way this server counts tokens; None where it does not.

    Raises:
        NotCounted: It did not answer, so this is not known.
    """
    example = [{"role": "user", "content": "a"}]
    ways: tuple[Counter, ...] = (
        TokenizeEndpoint(server, model),
        TemplateEndpoint(server),
        ChatTokenizeEndpoint(server, model),
    )
    for way in ways:
        try:
            if way.text("a") > 0 and way.prompt(example, {}) > 0:
                return way
        except NotCounted as error:
            if error.passing:
                raise
    return None


class TokenizerFile:
    """A model's ``tokenizer.json``, and the chat template beside it where there is one.

    Args:
        path: The file, or the folder that holds it.

    Raises:
        ModelRefused: It cannot be read, or the library ``tokenizers`` is not installed.
    """

    def __init__(self, path: Path) -> None:
        folder = path if path.is_dir() else path.parent
        try:
            library = importlib.import_module("tokenizers")
            file = path / "tokenizer.json" if path.is_dir() else path
            self._tokenizer: Any = library.Tokenizer.from_str(file.read_text(encoding="utf-8"))
        except ImportError:
            raise ModelRefused(
                "counting with a tokenizer file needs the library tokenizers; install it with"
                " pip install 'patchwright[tokenizers]'"
            ) from None
        except (OSError, ValueError) as error:
            raise ModelRefused(f"cannot read the tokenizer {path}: {error}") from None
        except Exception as error:  # noqa: BLE001 - the library raises Exception itself
            raise ModelRefused(f"cannot read the tokenizer {path}: {error}") from None
        self._template, self._special = _read_template(folder)

    def text(self, text: str) -> int:
        """Tokens of a text, without those that begin and end a prompt."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def prompt(self, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]) -> int:
        """Tokens of a prompt, up to where the reply begins."""
        if self._template is None:
            raise NotCounted("there is no chat template beside the tokenizer")
        given = {"tools": fields.get("tools"), **fields.get("chat_template_kwargs", {})}
        shown = [_for_template(message) for message in messages]
        try:
            prompt = self._template.render(
                messages=shown, add_generation_prompt=True, **self._special, **given
            )
        except (TemplateError, TypeError, ValueError) as error:
            raise NotCounted(f"the chat template fails: {error}") from None
        return self.text(prompt)


def _read_template(folder: Path) -> tuple[Any, dict[str, str]]:
    """The chat template as transformers would render it, and the special tokens it may name."""
    config = _read_json(folder / "tokenizer_config.json")
    file = folder / "chat_template.jinja"
    source = file.read_text(encoding="utf-8") if file.is_file() else config.get("chat_template")
    if not isinstance(source, str):
        return None, {}
    # https://github.com/huggingface/transformers/blob/main/src/transformers/utils/chat_template_utils.py
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    special = {}
    for name in ("bos_token", "eos_token", "pad_token", "unk_token"):
        token = config.get(name)
        token = token.get("content") if isinstance(token, dict) else token
        special[name] = token if isinstance(token, str) else ""
    return environment.from_string(source), special


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> None:
    raise TemplateError(message)


def _for_template(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as servers show it to a template: arguments as objects, no content as none."""
    shown = dict(message)
    if "tool_calls" in shown:
        shown["tool_calls"] = [
            call
            | {
                "function": call["function"]
                | {"arguments": json.loads(call["function"]["arguments"])}
            }
            for call in shown["tool_calls"]
        ]
    return shown


def _post(server: Server, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    found = _ask(server, path, body)
    if not isinstance(found, dict):
        raise NotCounted("no object came back")
    return found


def _post_list(server: Server, path: str, body: Mapping[str, Any]) -> list[Any]:
    found = _ask(server, path, body)
    if not isinstance(found, list):
        raise NotCounted("no list came back")
    return found


def _ask(server: Server, path: str, body: Mapping[str, Any]) -> Any:
    try:
        answer = server.post(path, body, seconds=SECONDS, at_root=True)
    except NoAnswer as error:
        raise NotCounted(str(error), passing=True) from None
    if answer.status != 200:
        raise NotCounted(f"the server answered {answer.status}")
    return answer.body


def _checked(count: Any) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise NotCounted("no number came back")
    return count
