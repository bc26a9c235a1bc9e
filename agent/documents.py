"""Documents that are too long for a prompt are summed up, part by part, by the small model."""

from agent.consult import consult
from agent.events import Consulted
from agent.journal import read_journal
from agent.kit import Kit
from agent.model.base import UserMessage, Windowed
from prompts import render
from tools.actions.base import excerpt

_LONGEST = 40_000
"""Characters of an issue that go into every prompt as they are."""
_PARTS = 20
"""Parts of a document that are summed up; what is longer is left out in its middle."""
_CHARACTERS_PER_TOKEN = 2
"""At least so many; a part has to fit the model that sums it up."""


def readable_issue(kit: Kit) -> str:
    """The issue, or where it is very long its beginning, its end, and a summary of the rest.

    What a model says of it is in the journal, so it is the same each time in a run.

    Raises:
        ModelError: The model that is to sum it up cannot be asked.
    """
    longest = min(_LONGEST, kit.model.window // 4 * _CHARACTERS_PER_TOKEN)
    if kit.settings.embedded or len(kit.issue) <= longest:
        return kit.issue
    cut = excerpt(kit.issue, longest // 2)
    middle = kit.issue[len(cut.head) : len(kit.issue) - len(cut.tail)]
    parts = _summed_up(kit, middle, longest // 4)
    return render(
        "long_issue", characters=len(kit.issue), head=cut.head, tail=cut.tail, parts=parts
    )


def _summed_up(kit: Kit, text: str, characters: int) -> list[str]:
    """A summary for each part, all of them together of no more than so many characters."""
    model = kit.small or kit.model
    room = model.window - (model.reserve if isinstance(model, Windowed) else model.window // 4)
    size = max(1_000, room // 2 * _CHARACTERS_PER_TOKEN)
    texts = [text[start : start + size] for start in range(0, len(text), size)]
    if len(texts) > _PARTS:
        texts = [*texts[: _PARTS // 2], *texts[-_PARTS // 2 :]]
    said = _said_before(kit)
    if len(said) == len(texts):
        return [text[: characters // len(texts)] for text in said if text]
    said = []
    for number, part in enumerate(texts, 1):
        question = render("document", text=part, number=number, total=len(texts))
        reply = consult(
            kit, f"document-{number}", "document", model, [UserMessage(content=question)], []
        )
        said.append(reply.message.content.strip()[: characters // len(texts)])
    return [part for part in said if part]


def _said_before(kit: Kit) -> list[str]:
    """The summaries in the run's own journal, which its candidates need not ask for again."""
    events = (entry.event for entry in read_journal(kit.folder.journal))
    return [
        event.reply.message.content.strip()
        for event in events
        if isinstance(event, Consulted) and event.purpose == "document"
    ]
