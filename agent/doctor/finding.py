"""One line of the doctor's."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class State(StrEnum):
    """How well something is."""

    OK = "ok"
    WARNING = "warning"
    """A run will go, with less."""
    FAILURE = "failure"
    """A run that needs this will not go."""


class Finding(BaseModel):
    """What was found, and what mends it."""

    model_config = ConfigDict(frozen=True)

    subject: str
    state: State
    text: str
    remedy: str = ""
    """One command, or one thing to do; empty when nothing is to be mended."""


def ok(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(subject=subject, state=State.OK, text=_line(text))


def warning(subject: str, text: str, remedy: str) -> Finding:
    """It goes, with less."""
    return Finding(subject=subject, state=State.WARNING, text=_line(text), remedy=remedy)


def failure(subject: str, text: str, remedy: str) -> Finding:
    """It does not go."""
    return Finding(subject=subject, state=State.FAILURE, text=_line(text), remedy=remedy)


def _line(text: str) -> str:
    return " ".join(text.split())
