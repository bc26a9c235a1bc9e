"""The conversation with the model, folded from the journal: prompts only grow until a condense."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.events import Acted, Condensed, Opened, Replied, Told
from agent.journal import Entry
from agent.model.base import Message, UserMessage


@dataclass(slots=True)
class Conversation:
    """The messages of the phase that was opened last, and what is known of its end."""

    messages: list[Message] = field(default_factory=list)
    start_tree: str = ""
    tree: str = ""
    """The repository as the last turn left it."""
    opened: list[Message] = field(default_factory=list)
    """What it was opened with: rules, code, issue and task."""
    summarised: bool = False
    """Notes have taken the place of turns since the code of the opening was chosen."""
    silent: int = 0
    """Replies without a call since the last one with."""
    last: Acted | None = None
    """The last turn that was carried out."""

    @property
    def opening(self) -> int:
        """How many messages are its opening; a condense may change them, not their number."""
        return len(self.opened)

    @property
    def changed(self) -> bool:
        """Whether the model's turns have changed the repository."""
        return self.tree != self.start_tree


def fold(entries: Iterable[Entry]) -> Conversation:
    """The conversation that a journal's entries tell of."""
    conversation = Conversation()
    for entry in entries:
        match entry.event:
            case Opened(messages=messages, tree=tree):
                conversation = Conversation(list(messages), tree, tree, list(messages))
            case Replied(reply=reply):
                conversation.messages.append(reply.message)
                conversation.silent = 0 if reply.message.calls else conversation.silent + 1
            case Acted() as acted:
                conversation.messages.extend(acted.observations)
                conversation.tree = acted.tree
                conversation.last = acted
            case Told(text=text):
                conversation.messages.append(UserMessage(content=text))
            case Condensed(how=how, kept=kept, messages=messages):
                conversation.messages[kept:] = messages
                if how != "elided":
                    conversation.summarised = how != "repacked"
    return conversation
