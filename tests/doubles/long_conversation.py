"""A conversation of any length, written into a real journal; none of its calls is carried out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from agent import runs
from agent.conversation import fold
from agent.events import Acted, Opened, Replied, Told
from agent.kit import Kit
from agent.model.base import Message, Model, Reply, SystemMessage, ToolMessage, UserMessage
from agent.state import Repair
from doubles.repositories import CALCULATOR, make_repository
from doubles.story import Story
from prompts import render

CODE = "".join(f"def function_{number}():\n    return {number}\n" for number in range(400))
OLD = CALCULATOR["calculator.py"]
DIFF = "".join(
    unified_diff(
        OLD.splitlines(keepends=True),
        OLD.replace("+ 1", "+ 2").splitlines(keepends=True),
        "a/calculator.py",
        "b/calculator.py",
    )
)
TASK = "\n\n# Your task\n\nRepair test_mean."


@dataclass
class Long:
    """A conversation in the making: its turns are written into a real journal, none is acted."""

    kit: Kit
    state: Repair
    turns: int = 0
    trees: list[str] = field(default_factory=list)

    def turn(self, reply: Reply, output: str, told: str = "") -> None:
        """One turn whose calls all gave this output."""
        self.turns += 1
        number = self.turns
        journal = self.kit.journal
        journal.once(f"replied-{number}", lambda: Replied(turn=number, reply=reply))
        results = [
            ToolMessage(call_id=call.id, name=call.name, content=output)
            for call in reply.message.calls
        ]
        if results:
            tree = self.trees[number % len(self.trees)]
            acted = Acted(turn=number, observations=results, tree=tree, submitted=False)
            journal.once(f"acted-{number}", lambda: acted)
        if told or not results:
            journal.once(f"told-{number}", lambda: Told(text=told or "Call a tool."))

    @property
    def messages(self) -> list[Message]:
        return fold(self.kit.journal.entries).messages


@contextmanager
def long_conversation(
    folder: Path, model: Model, *, code: str = CODE, issue: str = "The mean is one too large"
) -> Iterator[Long]:
    """A conversation with a model on the calculator, opened and without any turn."""
    repository = folder / "repository"
    if not repository.exists():
        make_repository(repository, CALCULATOR)
    story = Story(
        repository,
        runs.create(folder / "runs"),
        issue=issue,
        settings={"index": str(folder / "index")},
    )
    with story.kit(model) as kit:
        commit, base = kit.store.fetch(repository)
        text = render("repository", code=code, issue=issue, test_command="pytest")
        messages: list[Message] = [
            SystemMessage(content=render("system")),
            UserMessage(content=text + TASK),
        ]
        opened = Opened(phase="repair", messages=messages, tree=base)
        kit.journal.once("opened-repair", lambda: opened)
        state = Repair(
            base=base,
            base_commit=commit,
            test_command="pytest",
            context=kit.store.put(text.encode()),
            phase="repair",
        )
        yield Long(kit, state, trees=[base, kit.store.apply(base, DIFF.encode())])
