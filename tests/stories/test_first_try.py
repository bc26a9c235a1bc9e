"""With a language model at hand, a search without one may go first."""

from collections.abc import Callable
from typing import Any

import pytest

from agent.events import Acted, Judged, Replied, Told
from agent.state import Outcome
from doubles.repositories import CALCULATOR, RIGHT, WRONG
from doubles.scripted_model import ScriptedModel, calls, submit
from doubles.story import Story

MakeStory = Callable[..., Story]
SETTINGS = {"first_try": "embedded", "model": "scripted", "test_seconds": 5}
FAR = {
    "calculator.py": "def mean(values):\n    return 0\n",
    "test_calculator.py": (
        "from calculator import mean\n\n\ndef test_mean():\n    assert mean([2, 3.5]) == 2.75\n\n\n"
        "def test_other():\n    assert mean([1, 9, 5.5, 3.25]) == 4.6875\n"
    ),
}


def test_what_the_search_finds_is_judged_and_the_model_never_asked(story: MakeStory) -> None:
    told = story(settings=SETTINGS)
    record = told.run(ScriptedModel([]))
    assert record.outcome is Outcome.PROVEN
    assert not told.told(Replied)
    assert f"-{WRONG}" in told.patch
    assert "without a language model" in told.told(Acted)[0].summary


@pytest.mark.parametrize("minutes", [1.0, 0.0001])
def test_what_it_learned_is_handed_to_the_model(story: MakeStory, minutes: float) -> None:
    told = story(FAR, settings=SETTINGS | {"first_try_minutes": minutes})
    edit: tuple[str, dict[str, Any]] = (
        "edit",
        {"operation": "replace", "path": "calculator.py"}
        | {"old": "    return 0\n", "new": "    return sum(values) / len(values)\n"},
    )
    model = ScriptedModel([calls(edit), submit()])
    assert told.run(model).outcome is Outcome.PROVEN
    first = told.told(Told)[0].text
    assert model.asked[0][-1].content == first
    assert "without a language model" in first
    assert ("calculator.py:2: return 0" in first) == (minutes == 1.0)
    assert ("stopped when its time was up" in first) == (minutes != 1.0)
    assert told.patch.count("\n-") == 2  # the file's name and one line


def test_what_the_gate_refuses_is_undone_before_the_model_is_asked(story: MakeStory) -> None:
    # Fresh boxes hold no .git: there this test passes on the base and fails on any repair.
    test = "import pathlib\n\n\ndef test_box():\n"
    test += "    text = pathlib.Path('calculator.py').read_text()\n"
    test += "    assert pathlib.Path('.git').exists() or '+ 1' in text\n"
    told = story(CALCULATOR | {"test_box.py": test}, settings=SETTINGS)
    told.run(ScriptedModel([submit(solved=False)]))
    assert not told.told(Judged)[0].verdict.proven
    found, undone = told.told(Acted)[:2]
    assert (found.submitted, undone.submitted) == (True, False)
    assert undone.tree != found.tree


def test_without_the_setting_the_model_is_asked_at_once(story: MakeStory) -> None:
    told = story(settings={"model": "scripted"})
    model = ScriptedModel([submit(solved=False)])
    told.run(model)
    assert len(model.asked) == 1
    assert RIGHT not in told.patch
