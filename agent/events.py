"""What can happen in a run, in the words of its journal. Every event is data; screens show it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.evidence.baseline import Baseline
from agent.evidence.gate import Verdict
from agent.model.base import Message, Reply, ToolMessage
from agent.source import Source
from agent.state import Outcome, Phase


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class Started(_Event):
    """A run was asked for. Holds all that is needed to go on with it in another process."""

    kind: Literal["started"] = "started"
    version: str
    repository: str
    """Root of the user's work tree."""
    issue: str
    from_dirty: bool = False
    """Start from the work tree as it is, uncommitted changes included."""
    settings: dict[str, Any]
    """Everything but keys and tokens."""
    source: Source | None = None
    """The address that the run began at, if it did."""


class Entered(_Event):
    """A step of the machine began. Shown, not kept."""

    kind: Literal["entered"] = "entered"
    step: str


class Prepared(_Event):
    """The repository was copied, a sandbox chosen and the test command found."""

    kind: Literal["prepared"] = "prepared"
    base: str
    base_commit: str | None
    files: int
    test_command: str
    sandbox: str
    bounds: str
    notes: list[str] = []
    """What the user should know: stronger sandboxes passed over, work left out."""


class Measured(_Event):
    """The untouched base was tested."""

    kind: Literal["measured"] = "measured"
    baseline: Baseline


class Located(_Event):
    """Code was chosen for the model to start with."""

    kind: Literal["located"] = "located"
    files: list[str]
    tokens: int
    window: int = 0
    """Tokens of the model's window."""


class Opened(_Event):
    """A conversation began, on a tree."""

    kind: Literal["opened"] = "opened"
    phase: Phase
    messages: list[Message]
    tree: str


class Replied(_Event):
    """The model answered."""

    kind: Literal["replied"] = "replied"
    turn: int
    reply: Reply
    role: Literal["main", "small"] = "main"
    """Which of the models it was."""


class Called(_Event):
    """A tool call is about to be carried out. Shown, not kept."""

    kind: Literal["called"] = "called"
    name: str
    arguments: dict[str, Any]


class RanTests(_Event):
    """The harness or the model ran tests. Shown, not kept."""

    kind: Literal["ran_tests"] = "ran_tests"
    passed: int
    broken: int


class Interrupted(_Event):
    """A box was lost, or no new one could be had; it is tried again. Shown, not kept."""

    kind: Literal["interrupted"] = "interrupted"
    reason: str


class Acted(_Event):
    """The calls of a reply were carried out; ``tree`` is the repository afterwards."""

    kind: Literal["acted"] = "acted"
    turn: int
    observations: list[ToolMessage]
    tree: str
    submitted: bool
    tests: str = ""
    """What the tests said that the turn ran, in a line; empty when it ran none."""
    solved: bool = True
    """What the model said of its own work when it submitted; shown, never believed."""
    summary: str = ""


class Told(_Event):
    """The harness said something to the model."""

    kind: Literal["told"] = "told"
    text: str


class Consulted(_Event):
    """A model was asked something besides the conversation, and answered."""

    kind: Literal["consulted"] = "consulted"
    purpose: Literal["notes", "document", "opinion"]
    asked: list[Message]
    reply: Reply


class Condensed(_Event):
    """The conversation was made shorter; what it is from here on follows from this and before."""

    kind: Literal["condensed"] = "condensed"
    how: Literal["milestone", "elided", "summarised", "repacked"]
    kept: int
    """Messages at its beginning that stay as they are, in the server's prefix cache too."""
    messages: list[Message]
    """What comes after them now."""
    before: int = 0
    """Tokens of the prompt before, where they are counted."""
    after: int = 0
    """Tokens of the prompt from here on."""
    window: int = 0
    """Tokens of the model's window."""
    most: int = 0
    """Tokens that a prompt may have of it."""


class Reproduced(_Event):
    """Tests that fail on the base were accepted as the reproduction of the issue."""

    kind: Literal["reproduced"] = "reproduced"
    tests: list[str]
    written: bool
    """By the model; else they were there."""
    left_aside: int = 0
    """Failing tests that the issue does not seem to be about; they may go on failing."""
    refused: list[str] = []
    """Why written tests were not accepted beside these, a sentence each; they have no say."""
    kept: list[str] = []
    """Those of them that could not be cut out of their files, and stay in the patch."""


class Judged(_Event):
    """A candidate was judged."""

    kind: Literal["judged"] = "judged"
    verdict: Verdict
    candidate: int = 0
    """Its number where several were attempted side by side, from 1."""
    tokens: int = 0
    """What it cost then; else replies are told one by one."""
    summary: str = ""
    """What the model said of it then."""


class Published(_Event):
    """The result was written."""

    kind: Literal["published"] = "published"
    patch: str
    """Path of the patch file."""
    output: str
    """Where else it went, in words; empty when only the file was asked for."""
    look_at: list[str] = []
    """What a person has to look at before it is used."""
    url: str = ""
    """Of the pull request or comment, if there is one."""


class Reported(_Event):
    """The forge was told that nothing was proven, or was left alone."""

    kind: Literal["reported"] = "reported"
    output: str
    """What was written, in words."""
    url: str = ""


class Ended(_Event):
    """The run ended."""

    kind: Literal["ended"] = "ended"
    outcome: Outcome
    reason: str
    patch: str = ""
    """Path of the patch file: proven, or the best attempt; empty when nothing was changed."""


Event = Annotated[
    Started
    | Entered
    | Prepared
    | Measured
    | Located
    | Opened
    | Replied
    | Called
    | RanTests
    | Interrupted
    | Acted
    | Told
    | Consulted
    | Condensed
    | Reproduced
    | Judged
    | Published
    | Ended
    | Reported,
    Field(discriminator="kind"),
]
