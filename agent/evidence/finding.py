"""What a look at a patch can find in it, before and beside all tests."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Action(StrEnum):
    """What follows from a finding."""

    REFUSED = "refused"
    """The patch is not judged any further: this could make a test say what is not so."""
    LEFT_OUT = "left out"
    """That part of the patch was not taken over, so it had no say in the verdict."""
    FLAGGED = "flagged"
    """It may be right and may be a trick; nobody but a reader can tell."""


class Finding(BaseModel):
    """One thing found in a patch."""

    model_config = ConfigDict(frozen=True)

    rule: str
    """The name of the rule, as in :data:`agent.evidence.tamper.RULES`."""
    action: Action
    path: str
    line: int = 0
    """In the patched file, counted from 1; 0 where it is about the file as a whole."""
    text: str
    """What was found, as a clause for people."""

    @property
    def place(self) -> str:
        """``path:line``."""
        return f"{self.path}:{self.line}" if self.line else self.path


def of_action(findings: Sequence[Finding], action: Action) -> list[Finding]:
    """The findings that one action follows from."""
    return [finding for finding in findings if finding.action is action]
