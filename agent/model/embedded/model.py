"""The embedded model: the search behind the same protocol as any language model.

A reply is a function of the conversation alone. The search is a deterministic generator; a
conversation that is not held live, as after a crash, is replayed into a new one.
"""

from collections.abc import Sequence
from threading import Lock

from agent.model.base import (
    AssistantMessage,
    Message,
    ModelRefused,
    Reply,
    ToolCall,
    ToolMessage,
    ToolSchema,
    UserMessage,
)
from agent.model.embedded.learned import Learned, learned
from agent.model.embedded.search import Progress, search
from agent.model.embedded.turns import Bounds, Talk, Turn

_WINDOW = 100_000_000
_CHARACTERS_PER_TOKEN = 3


class Embedded:
    """Classical program repair, without weights, that speaks through tool calls."""

    name = "embedded"
    window = _WINDOW

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._lock = Lock()
        self._talk: Talk | None = None
        self._progress = Progress()
        self._held: list[Message] = []
        """The conversation up to and with the last reply of the live search."""

    def check(self) -> None:
        """It can always be asked: it needs no server."""

    def count_tokens(self, text: str) -> int:
        """A high estimate; nothing is paid by it."""
        return len(text) // _CHARACTERS_PER_TOKEN + 1

    def learned(self) -> Learned | None:
        """What the search of the last conversation knows; None before it has begun to try."""
        trier = self._progress.trier
        return learned(trier) if trier else None

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:  # noqa: ARG002 - it knows its tools
        """The search's next turn.

        Raises:
            ModelRefused: The conversation has replies that this search would not have given.
        """
        with self._lock:
            held = len(self._held)
            live = self._talk is not None and held and list(messages[:held]) == self._held
            if live and self._talk is not None:
                message = self._go_on(self._talk, messages)
            else:
                message = self._replay(messages)
            self._held = [*messages, message]
            return Reply(message=message)

    def _go_on(self, talk: Talk, messages: Sequence[Message]) -> AssistantMessage:
        last = _last_reply(messages)
        assert last is not None
        return _message(talk.send(_answers(messages, last)), messages)

    def _replay(self, messages: Sequence[Message]) -> AssistantMessage:
        """Feed the recorded answers to a new search; its turns must be the recorded ones."""
        self._progress = Progress()
        talk = search(_task(messages), self._bounds, self._progress)
        self._talk, self._held = None, []
        turn = next(talk)
        for place, recorded in enumerate(messages):
            if isinstance(recorded, AssistantMessage):
                if _message(turn, messages[:place]).calls != recorded.calls:
                    raise ModelRefused(
                        "the recorded conversation has calls that this embedded search does not "
                        "make: it was recorded by other code or other settings"
                    )
                turn = talk.send(_answers(messages, place))
        self._talk = talk
        return _message(turn, messages)


def _task(messages: Sequence[Message]) -> str:
    """What the conversation's beginning says, up to the first reply."""
    texts = []
    for message in messages:
        if isinstance(message, AssistantMessage):
            break
        if isinstance(message, UserMessage):
            texts.append(message.content)
    return "\n".join(texts)


def _last_reply(messages: Sequence[Message]) -> int | None:
    places = [i for i, m in enumerate(messages) if isinstance(m, AssistantMessage)]
    return places[-1] if places else None


def _answers(messages: Sequence[Message], place: int) -> list[str]:
    """The observations that answer a reply's calls, in the calls' order; empty where one lacks."""
    reply = messages[place]
    assert isinstance(reply, AssistantMessage)
    found: dict[str, str] = {}
    for message in messages[place + 1 :]:
        if isinstance(message, AssistantMessage):
            break
        if isinstance(message, ToolMessage):
            found[message.call_id] = message.content
    return [found.get(call.id, "") for call in reply.calls]


def _message(turn: Turn, before: Sequence[Message]) -> AssistantMessage:
    count = sum(isinstance(message, AssistantMessage) for message in before)
    calls = [
        ToolCall(id=f"call-{count}-{place}", name=name, arguments=arguments)
        for place, (name, arguments) in enumerate(turn.calls)
    ]
    return AssistantMessage(content=turn.text, calls=calls)
