"""Runs whose conversation outgrows the model's window: none ends of it, and any can be resumed."""

from collections.abc import Callable, Sequence

import pytest

from agent.events import Condensed, Consulted, Replied, Told
from agent.journal import Journal
from agent.model.base import AssistantMessage, Message, Reply, ToolMessage, UserMessage
from agent.state import Outcome
from doubles.repositories import CHECK, RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.small_window import SmallWindow
from doubles.story import Story

MakeStory = Callable[..., Story]
REPAIR = ("edit", {"operation": "replace", "path": "calculator.py", "old": WRONG, "new": RIGHT})
MUCH = ("shell", {"command": "seq 1 2000"})
LITTLE = ("shell", {"command": "seq 1 380"})
"""Not worth cutting, so that notes have to be taken sooner."""
NOTES = {"goal": "mend the mean", "done": ["read calculator.py"], "next": ["edit it"]}


def test_the_model_condenses_by_itself(story: MakeStory) -> None:
    told = story(settings={"test": CHECK})
    model = ScriptedModel(
        [
            calls(("read", {"path": "calculator.py"})),
            calls(("shell", {"command": "echo aside"}), ("condense", NOTES), text="I understand."),
            calls(REPAIR),
            calls(("condense", NOTES)),
            submit(),
        ]
    )
    assert told.run(model).outcome is Outcome.PROVEN
    assert [event.how for event in told.told(Condensed)] == ["milestone", "milestone"]
    opening, after = model.asked[0], model.asked[2]
    assert after[: len(opening)] == opening
    memory = after[len(opening)]
    assert isinstance(memory, UserMessage)
    assert "Goal: mend the mean" in memory.content
    assert "- read calculator.py" in memory.content
    [_, aside] = [message for message in after if isinstance(message, ToolMessage)]
    assert aside.content.endswith("aside")
    names = [c.name for m in after if isinstance(m, AssistantMessage) for c in m.calls]
    assert names == ["read", "shell"]
    assert "-    return sum(values) / len(values) + 1" in model.asked[4][len(opening)].content


def printing(call: tuple[str, dict[str, str]]) -> Callable[[Sequence[Message]], Reply]:
    """What a model says that makes this call, and takes notes when asked to."""

    def line(messages: Sequence[Message]) -> Reply:
        asked = "Call `condense` now" in messages[-1].content
        return calls(("condense", NOTES) if asked else call)

    return line


@pytest.mark.case("MOD-08", "the conversation is condensed and asked again, the issue kept")
@pytest.mark.parametrize("hidden", [0, 900])
def test_a_long_run_in_a_small_window(story: MakeStory, hidden: int) -> None:
    """Also where the server counts more tokens than we do."""
    told = story(settings={"test": CHECK})
    model = SmallWindow(
        [printing(MUCH)] * 11 + [calls(REPAIR), submit()], window=6_000, hidden=hidden
    )
    assert told.run(model).outcome is Outcome.PROVEN
    assert max(model.lengths) + model.reserve <= model.window
    assert len(told.told(Condensed)) > 1
    assert model.refused == 0 or hidden
    for asked in model.asked:
        text = "\n".join(message.content for message in asked)
        assert "The mean is one too large" in text
        assert "You repair a bug" in text


@pytest.mark.parametrize("written", [False, True], ids=["before-writing", "after-writing"])
@pytest.mark.parametrize("kind", [Consulted, Condensed, Replied])
def test_killed_around_a_condense_and_resumed(
    story: MakeStory, monkeypatch: pytest.MonkeyPatch, kind: type, written: bool
) -> None:
    class Killed(BaseException):
        pass

    lines = [printing(LITTLE)] * 9 + [calls(REPAIR), submit()]
    told = story(settings={"test": CHECK})
    model = SmallWindow(list(lines), window=5_000)
    once = Journal.once
    seen = []

    def dying(journal, key, make):  # type: ignore[no-untyped-def]
        if key in {entry.key for entry in journal.entries}:
            return once(journal, key, make)
        if not written:
            event = make()
            seen.append(event)
            if isinstance(event, kind) and any(isinstance(e, Consulted) for e in seen):
                raise Killed
            return once(journal, key, lambda: event)
        event = once(journal, key, make)
        seen.append(event)
        if isinstance(event, kind) and any(isinstance(e, Consulted) for e in seen):
            raise Killed
        return event

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "once", dying)
        with pytest.raises(Killed):
            told.run(model)
    assert told.run(model).outcome is Outcome.PROVEN
    lost = 0 if written or kind is Condensed else 1
    asked = len(told.told(Replied)) + len(told.told(Consulted))
    assert len(model.asked) == asked + lost


def test_a_model_in_a_loop_is_warned_shown_what_it_tried_and_stopped(story: MakeStory) -> None:
    told = story(settings={"test": CHECK})
    look = calls(("read", {"path": "calculator.py"}))
    test = calls(("run_tests", {}))
    model = ScriptedModel([look, test] * 20)
    record = told.run(model)
    assert record.outcome is Outcome.NONE
    assert record.reason == "the model goes in circles (8 turns in a row brought nothing new)"
    warning, nudge = [event.text for event in told.told(Told)]
    assert warning.startswith("Your last 3 turns did again what was done before")
    assert "- read calculator.py (4 times)" in nudge
    assert "- run_tests: 0 passed, 1 broken" in nudge
    assert len(model.asked) == 10


def test_a_model_that_heeds_the_warning_goes_on(story: MakeStory) -> None:
    told = story(settings={"test": CHECK})
    look = calls(("read", {"path": "calculator.py"}))
    model = ScriptedModel([look] * 4 + [calls(REPAIR), submit()])
    assert told.run(model).outcome is Outcome.PROVEN
    assert "nothing new" in model.asked[4][-1].content
