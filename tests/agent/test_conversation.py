"""Whatever a journal tells, the conversation folded from it can be sent to a server."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.conversation import fold
from agent.events import Acted, Opened, Replied, Told
from agent.journal import Entry
from agent.model.base import (
    AssistantMessage,
    CallFormat,
    Reply,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from agent.model.formats import FORMATS
from agent.model.ladder import find_rung
from agent.model.wire import write
from agent.toolset import tool_schemas
from doubles.history import faults_of

TOOLS = tool_schemas()[:1]


def entry(event: Any) -> Entry:
    return Entry.model_validate(
        {"key": "", "time": datetime.now(UTC), "elapsed": 0, "event": event}
    )


texts = st.text(max_size=5)
calls = st.lists(
    st.builds(
        ToolCall,
        id=st.sampled_from("abc"),
        name=st.sampled_from(["shell", "fly"]),
        arguments=st.dictionaries(texts, texts, max_size=1),
    ),
    max_size=2,
)
replies = st.builds(
    Reply,
    message=st.builds(
        AssistantMessage,
        content=texts,
        calls=calls,
        call_format=st.sampled_from(list(FORMATS)),
        failed=st.booleans(),
    ),
    malformed=st.lists(texts, max_size=1),
    cut_off=st.booleans(),
)


def turn(number: int, reply: Reply, *, killed: bool) -> list[Any]:
    """A turn as ``act`` carries it out, or broken off before it could."""
    events: list[Any] = [Replied(turn=number, reply=reply)]
    made = reply.message.calls
    if made and not killed:
        observations = [ToolMessage(call_id=c.id, name=c.name, content="ok") for c in made]
        acted = Acted(turn=number, observations=observations, tree="t", submitted=False)
        events.append(acted)
    if (reply.malformed or reply.cut_off or not made) and not killed:
        events.append(Told(text="again"))
    return events


@settings(max_examples=200)
@given(
    st.lists(st.tuples(replies, st.booleans()), max_size=6),
    st.sampled_from(list(FORMATS)),
    st.booleans(),
)
def test_no_run_makes_a_history_that_a_server_refuses(
    turns: Sequence[tuple[Reply, bool]], start: CallFormat, reopened: bool
) -> None:
    opened = Opened(
        phase="repair",
        messages=[SystemMessage(content="rules"), UserMessage(content="task")],
        tree="t",
    )
    events: list[Any] = [opened]
    for number, (reply, killed) in enumerate(turns, 1):
        events += turn(number, reply, killed=killed)
    events += [opened] if reopened else []
    messages = fold(map(entry, events)).messages
    written = write(messages, TOOLS, find_rung(messages, start).format)
    assert faults_of(written.messages) == []
