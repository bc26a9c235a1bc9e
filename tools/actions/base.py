"""What an action is: a name, a model of its arguments, and a function that performs it.

Actions return data; the words a model reads about it are in ``prompts/observations/``, one
template an action, and its description is in ``prompts/tools/``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from tools.code.past_edits import PastEdit
from tools.workspace import Workspace


class Arguments(BaseModel):
    """Base of every action's arguments: what the model sends is checked against the fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Bench:
    """What an action works at: the repository in its box, and how its tests are run."""

    workspace: Workspace
    test_command: str
    test_timeout: float
    """Seconds for a whole run of the test command."""
    seconds_per_test: float
    """Seconds for one test where the framework allows a bound; a model can only ask for less."""
    past: Callable[[Sequence[str]], Sequence[PastEdit]] = lambda _: ()
    """Small edits that earlier commits made to files and those beside them, newest first."""


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Action(Generic[A]):
    """One tool of the model."""

    name: str
    arguments: type[A]
    perform: Callable[[Bench, A], dict[str, Any]]
    """Carries the call out; returns the values that its observation's template shows."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text cut to a size: its first and last lines, and how many between them were left out."""

    head: str
    tail: str = ""
    omitted: int = 0


def excerpt(text: str, characters: int) -> Excerpt:
    """Cut a text at line ends, keeping its head and its tail in about equal parts."""
    if len(text) <= characters:
        return Excerpt(text)
    half = characters // 2
    head, tail = text[:half], text[-half:]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    omitted = text[len(head) : len(text) - len(tail)].count("\n")
    return Excerpt(head, tail, max(omitted, 1))
