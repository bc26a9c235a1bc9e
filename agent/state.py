"""The record of a run: small, frozen, checkpointed after every step; every field has one writer.

Messages and reports are in the journal, trees and long texts in the object store; the record holds
their ids. ``outcome`` is the only word on whether a run has ended.
"""

import operator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict


class Outcome(StrEnum):
    """How a run ended."""

    PROVEN = "proven"
    """A patch passed the gate."""
    NONE = "none"
    """No proven patch was found; the reason and the best attempt are kept."""
    REFUSED = "refused"
    """The run could not start: the repository, its tests or the settings are not fit for it."""


Phase = Literal["reproduce", "repair"]


class Reproduction(BaseModel):
    """Tests that fail on the base because of the issue."""

    model_config = ConfigDict(frozen=True)

    tests: list[str]
    """Ids of the tests; all must pass on the patch, most of them where they were written."""
    tree: str
    """The base, with the test files that were written for it, if any were."""
    written: bool = False
    """Whether the model wrote them; else they were there."""


class Attempt(BaseModel):
    """What became of one of several candidates."""

    model_config = ConfigDict(frozen=True)

    candidate: int
    """Its number, from 1."""
    verdict: str = ""
    """Blob of its last verdict; empty when it never came to one."""
    tokens: int = 0
    summary: str = ""
    """What the model said of it."""


class Repair(BaseModel):
    """The state of the machine between two steps."""

    model_config = ConfigDict(frozen=True)

    base: str = ""
    """Tree the run started from. Writer: prepare."""
    base_commit: str | None = None
    """Commit of that tree; None when the run started from uncommitted work. Writer: prepare."""
    test_command: str = ""
    """The repository's test command. Writer: prepare."""
    baseline: str = ""
    """Blob of the report of the untouched base. Writer: prepare."""
    context: str = ""
    """Blob of the text on the repository that every conversation starts with. Writer: locate."""
    phase: Phase = "reproduce"
    """What the conversation is about. Writer: reproduce."""
    reproduction: Reproduction | None = None
    """The accepted reproduction. Writer: reproduce."""
    first_try: bool = False
    """A search without a model is due before it is asked. Writers: reproduce, first_try."""
    replies: int = 0
    """Replies of the model so far. Writer: ask."""
    halted: str = ""
    """Why the model is not asked again; empty while it is. Writer: ask."""
    turns: int = 0
    """Turns whose calls were carried out. Writer: act."""
    submitted: bool = False
    """The last turn handed its work over. Writer: act."""
    gave_up: bool = False
    """It did so saying that it has not found the answer. Writer: act."""
    changed: bool = False
    """The conversation's turns have changed the repository. Writer: act."""
    candidates: int = 1
    """Candidates to attempt side by side. Writer: prepare."""
    candidate: int = 0
    """Which of them this record is of; 0 for the run itself. Writer: the fan-out."""
    attempts: Annotated[list[Attempt], operator.add] = []
    """Candidates that have ended, in the order they did. Writer: attempt."""
    verdicts: int = 0
    """Candidates judged. Writer: verify."""
    proven: bool = False
    """The last candidate passed the gate. Writer: verify."""
    outcome: Outcome | None = None
    """How the run ended; None until then. Writers: prepare (refused), publish, give_up."""
    reason: str = ""
    """One line that explains the outcome. Writers: as for ``outcome``."""
