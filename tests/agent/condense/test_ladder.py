"""A conversation that outgrows its room is condensed, loses nothing that counts, and goes on."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.condense.ladder import make_room, milestone
from agent.condense.room import measure
from agent.conversation import fold
from agent.events import Condensed, Consulted
from agent.journal import read_journal
from agent.model.base import ContextOverflow, Message, ModelUnreachable, Reply, UserMessage
from agent.model.wire import write
from agent.toolset import tool_schemas
from doubles.history import faults_of
from doubles.scripted_model import calls, says
from doubles.small_window import SmallWindow
from tools.actions.condense import CondenseArguments

MakeLong = Callable[..., Any]
TOOLS = tool_schemas()
READ = calls(("read", {"path": "calculator.py"}))
NOTES = calls(
    ("condense", {"goal": "mend mean", "failed": ["adding two"], "next": ["drop the addition"]})
)


def condense(told: Any, key: str = "condensed-1-0", tighter: int = 0) -> Condensed | None:
    """What a condense did, if there was one."""
    room = measure(told.kit.model, TOOLS, tighter)
    assert room is not None
    before = len(told.kit.journal.entries)
    make_room(told.state, told.kit, key, room)
    events = [entry.event for entry in told.kit.journal.entries[before:]]
    assert room.count(told.messages) <= room.most
    return next((event for event in events if isinstance(event, Condensed)), None)


def fill(told: Any, text: str = "output {}\n") -> int:
    """Take turns, each too short to be cut, until the conversation presses on its room."""
    room = measure(told.kit.model, TOOLS)
    assert room is not None
    number = 0
    while room.count(told.messages) <= room.pressed:
        told.turn(READ, text.format(number) * (1_500 // len(text)))
        number += 1
    return number - 1


def kept_in(messages: Sequence[Message]) -> str:
    return "\n".join(message.content for message in messages)


def test_with_room_enough_nothing_happens(long: MakeLong) -> None:
    told = long(SmallWindow([], window=32_000))
    told.turn(READ, "short")
    assert condense(told) is None


def test_old_outputs_are_cut_first_and_the_journal_has_them(long: MakeLong) -> None:
    told = long(SmallWindow([], window=36_000))
    for number in range(40):
        told.turn(READ, f"first {number}\n" + "middle\n" * 400 + f"last {number}\n")
    before = told.messages
    event = condense(told)
    assert event is not None
    assert (event.how, event.after < event.before) == ("elided", True)
    after = told.messages
    assert len(after) == len(before)
    assert after[: event.kept] == before[: event.kept]
    first = after[event.kept].content
    assert first.startswith("first 0")
    assert first.rstrip().endswith("last 0")
    assert "left out to make room" in first
    assert "call-1" in first
    assert [m.content for m in after[-6:]] == [m.content for m in before[-6:]]


def test_then_notes_take_the_place_of_the_turns(long: MakeLong) -> None:
    model = SmallWindow([NOTES], window=16_000)
    told = long(model)
    last = fill(told)
    event = condense(told)
    assert event is not None
    assert event.how == "summarised"
    text = kept_in(told.messages)
    for needed in ("You repair a bug", "one too large", "Repair test_mean", "def function_399",
                   "Goal: mend mean", "- adding two", "- drop the addition",
                   f"output {last}\n"):  # fmt: skip
        assert needed in text
    assert "output 5\n" not in text
    changed = "+    return sum(values) / len(values) + 2" in text
    assert changed == fold(told.kit.journal.entries).changed
    assert model.asked[0][-1].content.startswith("The conversation is about to outgrow")


def test_the_second_time_the_code_is_chosen_anew(long: MakeLong) -> None:
    told = long(SmallWindow([NOTES, NOTES], window=16_000))
    fill(told)
    condense(told)
    fill(told, "again {}\n")
    event = condense(told, "condensed-2-0")
    assert event is not None
    assert event.how == "repacked"
    opening = told.messages[1].content
    assert "def function_399" not in opening
    assert "def mean(values):" in opening
    assert "one too large" in opening
    assert opening.endswith("Repair test_mean.")


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        (says("I found that the mean is off."), "- I found that the mean is off."),
        (READ, "- read calculator.py: output 9"),
        (calls(("condense", {"goal": 7})), "- read calculator.py: output 9"),
        (ContextOverflow("no"), "- read calculator.py: output 9"),
    ],
)
def test_a_model_that_takes_no_notes_is_not_waited_for(
    long: MakeLong, reply: Any, shown: str
) -> None:
    told = long(SmallWindow([reply], window=12_000), code="")
    fill(told, "output 9\n")
    event = condense(told)
    assert event is not None
    assert shown in kept_in(told.messages)


def test_an_unreachable_model_ends_nothing_and_is_asked_again(long: MakeLong) -> None:
    told = long(SmallWindow([ModelUnreachable("gone"), NOTES], window=16_000))
    fill(told)
    with pytest.raises(ModelUnreachable):
        condense(told)
    event = condense(told)
    assert event is not None
    assert "Goal: mend mean" in kept_in(told.messages)


def test_a_small_model_takes_the_notes_in_what_it_can_read(long: MakeLong) -> None:
    small = SmallWindow([NOTES], window=4_000, reserve=500)
    told = long(SmallWindow([], window=16_000))
    told.kit.small = small
    last = fill(told)
    event = condense(told)
    assert event is not None
    assert "Goal: mend mean" in kept_in(told.messages)
    asked = kept_in(small.asked[0])
    assert "one too large" in asked
    assert f"output {last}\n" in asked
    assert "output 2\n" not in asked
    assert "def function_399" not in asked
    assert [tool.name for tool in small.tools] == ["condense"]


def test_one_output_larger_than_the_window(long: MakeLong) -> None:
    told = long(SmallWindow([], window=12_000))
    told.turn(READ, "x = 1\n" * 50_000)
    event = condense(told)
    assert event is not None
    assert event.how == "elided"
    assert told.messages[-1].content.startswith("x = 1")


def test_an_opening_that_is_too_long_gets_less_code(long: MakeLong) -> None:
    told = long(SmallWindow([], window=6_000))
    event = condense(told)
    assert event is not None
    assert event.how == "repacked"
    assert "one too large" in told.messages[1].content


def test_what_may_not_be_lost_and_does_not_fit_is_an_honest_end(long: MakeLong) -> None:
    told = long(SmallWindow([], window=3_000), issue="The mean is wrong. " * 1000)
    with pytest.raises(ContextOverflow, match="rules, issue, tests and changes alone"):
        condense(told)


def test_notes_of_the_models_own_are_no_longer_than_there_is_room_for(long: MakeLong) -> None:
    told = long(SmallWindow([], window=5_000), code="")
    told.turn(READ, "output\n" * 200)
    facts = [f"fact {number}: " + "x" * 100 for number in range(200)]
    event = milestone(told.kit, CondenseArguments(goal="g", facts=facts))
    told.kit.journal.once("condensed-1", lambda: event)
    room = measure(told.kit.model, TOOLS)
    assert room is not None
    assert room.count(told.messages) <= room.pressed
    text = kept_in(told.messages)
    assert "fact 199" in text
    assert "fact 3:" not in text


def test_a_condense_is_carried_out_once(long: MakeLong) -> None:
    model = SmallWindow([NOTES], window=16_000)
    told = long(model)
    fill(told)
    condense(told)
    after = told.messages
    assert condense(told) is None
    assert told.messages == after
    assert fold(read_journal(told.kit.folder.journal)).messages == after
    assert len(model.asked) == 1
    [asked] = [e.event for e in told.kit.journal.entries if isinstance(e.event, Consulted)]
    assert asked.reply.message == NOTES.message


def test_three_hundred_turns_in_a_small_window(long: MakeLong) -> None:
    model = SmallWindow([NOTES] * 300, window=12_000)
    told = long(model)
    seen: list[str] = []
    for number in range(1, 301):
        event = condense(told, f"condensed-{number}-0")
        seen += [event.how] if event else []
        reply = calls(("shell", {"command": f"echo {number}"}), text="I look. " * (number % 9))
        told.turn(reply, f"line of {number}\n" * (number * 37 % 400))
    assert model.refused == 0
    assert {"elided", "summarised", "repacked"} <= set(seen)
    assert "one too large" in kept_in(told.messages)
    assert fold(read_journal(told.kit.folder.journal)).messages == told.messages


turns = st.tuples(
    st.sampled_from(["read", "condense", "two", "talk"]), st.integers(0, 3_000), st.booleans()
)


def reply_of(kind: str, number: int) -> Reply:
    if kind == "talk":
        return says("Let me think. " * (number % 50))
    if kind == "condense":
        return calls(("condense", {"goal": "g"}), ("read", {"path": f"{number}.py"}))
    wanted = [("read", {"path": f"{number}.py", "first": n + 1}) for n in range(2)]
    return calls(*wanted[: 2 if kind == "two" else 1])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(turns, min_size=1, max_size=30), st.integers(7_000, 30_000))
def test_whatever_happened_a_server_takes_what_is_left(
    long: MakeLong, happened: Sequence[tuple[str, int, bool]], window: int
) -> None:
    told = long(SmallWindow([says("notes")] * 100, window=window))
    for number, (kind, lines, spoken) in enumerate(happened, 1):
        told.turn(reply_of(kind, number), "a line\n" * lines, "And now?" * spoken)
        condense(told, f"condensed-{number}-0")
        messages = told.messages
        assert faults_of(write(messages, TOOLS, "native").messages) == []
        assert "one too large" in messages[1].content
        assert isinstance(messages[1], UserMessage)
