"""The files as they were and as they are now, and the calls that lead from one to the other."""

from collections.abc import Generator
from dataclasses import dataclass

from agent.model.embedded import say
from agent.model.embedded.look import texts_of
from agent.model.embedded.spans import step
from agent.model.embedded.turns import Call, Talk, Turn


@dataclass(slots=True)
class Desk:
    """Where the search edits."""

    originals: dict[str, str]
    now: dict[str, str]

    def go(self, path: str = "", text: str = "") -> list[Call]:
        """The edits that leave this one file changed, to this text; without a path, none."""
        wanted = self.originals | ({path: text} if path else {})
        calls: list[Call] = []
        for name, after in wanted.items():
            change = step(self.now[name], after)
            if change:
                old, new = change
                arguments = {"operation": "replace", "path": name, "old": old, "new": new}
                calls.append(("edit", arguments))
                self.now[name] = after
        return calls

    def change(self, path: str, text: str) -> dict[str, str] | None:
        """One passage to be replaced in the original, as ``try_changes`` takes it."""
        found = step(self.originals[path], text)
        return {"path": path, "old": found[0], "new": found[1]} if found else None

    def restore(self) -> Talk:
        """Put all files back as they were."""
        calls = self.go()
        if calls:
            yield Turn(say.RESTORING, tuple(calls))

    def recover(self) -> Generator[Turn, list[str], None]:
        """Something else changed a file: see what is there, and put the original back."""
        texts = yield from texts_of(say.RECOVERING, list(self.originals))
        self.now.update(texts)
        yield from self.restore()
