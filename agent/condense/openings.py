"""The third rung: the code in the opening is chosen anew, around what the work is about by now."""

from functools import cached_property

from agent import context
from agent.condense.parts import Parts, joined
from agent.conversation import Conversation
from agent.documents import readable_issue
from agent.kit import Kit
from agent.model.base import AssistantMessage, Message, UserMessage
from agent.state import Repair
from prompts import render
from tools.actions.condense import CondenseArguments
from tools.code.index import Index
from tools.code.pack import pack
from tools.code.ranking import Ranking

_INDEX_SECONDS = 120.0
"""After so long the code is chosen from the files that have been read."""
_PATHS = 20
"""Files that the model looked at last which count as suspects."""


class Openings:
    """Openings of one conversation, with other code in them.

    Args:
        state: Of the run.
        kit: Its services.
        conversation: As it is.
    """

    def __init__(self, state: Repair, kit: Kit, conversation: Conversation) -> None:
        self._state = state
        self._kit = kit
        self._conversation = conversation
        self._context = kit.store.get(state.context).decode()

    def bare(self) -> list[Message]:
        """The opening without any code: rules, issue and task."""
        return self._with("")

    def packed(self, parts: Parts, notes: CondenseArguments | None, tokens: int) -> list[Message]:
        """The opening with no more than so many tokens of code, of the repository as it is now."""
        if tokens <= 0:
            return self.bare()
        index = self._index
        about = "\n".join([self._kit.issue, *_looked_at(parts), *_noted(notes)])
        found = pack(
            self._rank(index, about),
            index,
            budget=tokens,
            count_tokens=self._kit.model.count_tokens,
            render=render,
        )
        return self._with(found.text)

    def _with(self, code: str) -> list[Message]:
        rules, told, *rest = self._conversation.opened
        if not isinstance(told, UserMessage) or not told.content.startswith(self._context):
            raise AssertionError("a conversation opens with its rules, then code, issue and task")
        text = render(
            "repository",
            code=code,
            issue=readable_issue(self._kit),
            test_command=self._state.test_command,
        )
        return [rules, UserMessage(content=text + told.content[len(self._context) :]), *rest]

    @cached_property
    def _place(self) -> context.Place:
        tree = self._conversation.tree
        return context.Place(self._kit.repository, self._kit.store, tree, self._state.base_commit)

    @cached_property
    def _index(self) -> Index:
        return context.read(self._place, self._kit.settings.index, seconds=_INDEX_SECONDS)

    def _rank(self, index: Index, about: str) -> Ranking:
        return context.suspects(self._place, index, about)


def _looked_at(parts: Parts) -> list[str]:
    """The files that the model has read and changed, the latest first."""
    calls = [
        call
        for message in reversed(joined(parts.turns))
        if isinstance(message, AssistantMessage)
        for call in message.calls
    ]
    paths = [str(call.arguments["path"]) for call in calls if "path" in call.arguments]
    return list(dict.fromkeys(paths))[:_PATHS]


def _noted(notes: CondenseArguments | None) -> list[str]:
    return [] if notes is None else [*notes.facts, *notes.next]
