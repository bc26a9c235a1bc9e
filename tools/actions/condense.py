"""Replace the conversation so far by the model's own notes on it.

The idea of a context that the model itself tends, as one of its tools: https://arxiv.org/abs/2512.22087
"""

from typing import Any

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench


class CondenseArguments(Arguments):
    """What has to be known of the conversation once it is gone."""

    goal: str
    done: list[str] = Field(default_factory=list)
    failed: list[str] = Field(default_factory=list)
    facts: list[str] = Field(default_factory=list)
    next: list[str] = Field(default_factory=list)


def _perform(_bench: Bench, _arguments: CondenseArguments) -> dict[str, Any]:
    return {}


CONDENSE = Action("condense", CondenseArguments, _perform)
