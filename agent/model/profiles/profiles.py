"""Profiles are data: this reads them and finds the one for a model's name.

A name is whatever the server or the user calls the model: a name on the Hugging Face hub, a folder,
a GGUF file, a tag of Ollama. Its last part is compared with each profile's patterns, in order, and
the first that matches wins; the last profile matches everything.
"""

import fnmatch
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FAMILIES = ("iquest", "qwen", "devstral", "gpt_oss", "glm", "deepseek", "minimax", "generic")
"""The files, in the order in which they are tried."""

_STRICT = ConfigDict(frozen=True, extra="forbid")


class BadProfile(Exception):
    """A file with profiles cannot be read; the message names the file and what is wrong."""


class Sampling(BaseModel):
    """How tokens are chosen, as the model's makers recommend; None where they say nothing."""

    model_config = _STRICT

    temperature: float | None = Field(default=None, ge=0, le=2)
    """Request field ``temperature``."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Request field ``top_p``."""
    top_k: int | None = Field(default=None, ge=1)
    """Request field ``top_k``; not in OpenAI's own API."""
    min_p: float | None = Field(default=None, ge=0, le=1)
    """Request field ``min_p``; not in OpenAI's own API."""
    repetition_penalty: float | None = Field(default=None, gt=0, le=2)
    """Request field ``repetition_penalty``; not in OpenAI's own API."""


class Reasoning(BaseModel):
    """Whether the model thinks before it answers, and how that is governed."""

    model_config = _STRICT

    kind: Literal["none", "always", "switch", "effort"] = "none"
    """Never; always; on or off by ``switch``; more or less by ``efforts``."""
    switch: str | None = None
    """Field of ``chat_template_kwargs`` that takes true or false."""
    on: bool = False
    """Whether it thinks when the request says nothing."""
    efforts: tuple[str, ...] = ()
    """Values of the request field ``reasoning_effort``, least first."""
    keep: bool = False
    """Whether what it thought in earlier turns must be sent back with the history."""


class Quirk(BaseModel):
    """Something to know when serving or asking the model."""

    model_config = _STRICT

    text: str
    """What happens, and what to do about it."""
    source: str
    """URL, or how it was measured."""


class Profile(BaseModel):
    """What is known of the models that a pattern names."""

    model_config = _STRICT

    name: str
    """Name of the profile itself."""
    match: tuple[str, ...] = Field(min_length=1)
    """Patterns in lower case, ``*`` for anything, compared with the last part of a name."""
    context: int | None = Field(default=None, ge=1)
    """Tokens that the makers support; None where only the server knows."""
    sampling: Sampling = Sampling()
    """How tokens are chosen."""
    tool_parser: str | None = None
    """vLLM's ``--tool-call-parser``; None when nobody says which, and calls are asked as JSON."""
    reasoning_parser: str | None = None
    """vLLM's ``--reasoning-parser``; None when the model does not think."""
    reasoning: Reasoning = Reasoning()
    """Whether it thinks."""
    server_flags: tuple[str, ...] = ()
    """Further flags that vLLM needs for this model."""
    remote_code: bool = False
    """Whether the checkpoint brings Python code that vLLM must run to load it."""
    quirks: tuple[Quirk, ...] = ()
    """What else to know."""
    sources: dict[str, str] = {}
    """Where each of the above is from: field name to URL."""


def find(model: str, own: Sequence[Profile] = ()) -> Profile:
    """The profile for a model's name; ``own`` are tried before those that come along."""
    names = _names(model)
    for profile in (*own, *shipped()):
        if any(fnmatch.fnmatchcase(name, p) for name in names for p in profile.match):
            return profile
    raise AssertionError("the last profile matches every name")


@cache
def shipped() -> tuple[Profile, ...]:
    """The profiles that come along, in the order in which they are tried."""
    found: list[Profile] = []
    for family in FAMILIES:
        file = resources.files("agent.model.profiles") / f"{family}.toml"
        found += _parse(file.read_text(encoding="utf-8"), f"{family}.toml", ())
    return tuple(found)


def read(path: Path) -> tuple[Profile, ...]:
    """A user's own profiles; each may start from another one, named in ``like``.

    Raises:
        BadProfile: The file cannot be read, or a profile in it is not right.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(f"cannot read {path}: {error}") from None
    return _parse(text, str(path), shipped())


def _parse(text: str, source: str, known: Iterable[Profile]) -> tuple[Profile, ...]:
    try:
        tables = tomllib.loads(text).get("profile")
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"{source}: {error}") from None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadProfile(f"{source}: it holds no [[profile]]")
    by_name = {profile.name: profile for profile in known}
    return tuple(_profile(table, source, by_name) for table in tables)


def _profile(table: dict[str, Any], source: str, known: dict[str, Profile]) -> Profile:
    like = table.pop("like", None)
    if like is not None and like not in known:
        raise BadProfile(f"{source}: like = {like!r} is none of: {', '.join(sorted(known))}")
    base = known[like].model_dump(exclude_defaults=True) if like is not None else {}
    try:
        return Profile.model_validate(_merged(base, table))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        named = table.get("name", "a profile without a name")
        raise BadProfile(f"{source}: {named}: {where}: {first['msg']}") from None


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """The tables in each other; what ``over`` names wins."""
    both = {
        name: _merged(base[name], value)
        if isinstance(value, dict) and isinstance(base.get(name), dict)
        else value
        for name, value in over.items()
    }
    return base | both


def _names(model: str) -> list[str]:
    """What of a name is compared: its last part, and a folder of the hub's cache in it."""
    parts = [part for part in model.strip().lower().replace("\\", "/").split("/") if part]
    cached = [part.split("--")[-1] for part in parts if part.startswith("models--")]
    return [*parts[-1:], *cached] or [""]
