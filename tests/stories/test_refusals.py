"""Repositories that a run cannot start on: one clear reason each, before the model is asked."""

from collections.abc import Callable

import pytest

from agent.events import Ended
from agent.state import Outcome
from doubles.repositories import CALCULATOR
from doubles.scripted_model import ScriptedModel
from doubles.story import PYTEST, Story


@pytest.mark.parametrize(
    ("files", "settings", "reason"),
    [
        ({"README": "nothing here\n"}, {"test": None}, "no test runner that patchwright knows"),
        (CALCULATOR, {"test": f"{PYTEST} nowhere.py"}, "ran no test (exit code 4)"),
        (
            CALCULATOR
            | {"test_calculator.py": "import time\n\n\ndef test():\n    time.sleep(60)\n"},
            {"test_minutes": 0.05, "test_seconds": 60},
            "did not end within 0.05 minutes",
        ),
    ],
)
def test_refused_with_a_reason(
    story: Callable[..., Story],
    files: dict[str, str],
    settings: dict[str, object],
    reason: str,
) -> None:
    told = story(files, settings=settings)
    model = ScriptedModel([])
    record = told.run(model)
    assert record.outcome is Outcome.REFUSED
    assert reason in record.reason
    assert "\n" not in record.reason
    assert model.asked == []
    assert told.told(Ended)[0].reason == record.reason
