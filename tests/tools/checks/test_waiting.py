"""What a limit on time counts, and what it does not."""

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.local_box import MakeBox
from tools.checks.base import Outcome, Request
from tools.checks.patchwright_report.waiting import MOST, left, waited
from tools.checks.run import run_checks

SECONDS = st.floats(0, 1000)


@given(st.floats(0.01, 100), SECONDS, st.floats(-10, 2000))
def test_waiting_gives_time_back_but_not_for_ever(
    limit: float, passed: float, waiting: float
) -> None:
    found = left(limit, passed, waiting)
    assert limit - passed <= found or found == MOST * limit - passed
    assert found <= limit
    assert found <= 0 or passed < MOST * limit
    assert left(limit, passed, 0.0) == min(limit - passed, MOST * limit - passed)


@given(st.floats(0.01, 100), SECONDS, SECONDS)
def test_time_that_goes_by_never_adds_any(limit: float, passed: float, waiting: float) -> None:
    assert left(limit, passed + 1, waiting) <= left(limit, passed, waiting)
    assert left(limit, passed, waiting + 1) >= left(limit, passed, waiting)


def test_what_the_system_does_not_tell_is_no_waiting() -> None:
    assert waited("nobody") == 0.0


def test_sleeping_is_no_waiting_and_no_more_is_told_than_has_passed() -> None:
    before, started = waited(), time.monotonic()
    time.sleep(0.05)
    assert 0 <= waited() - before <= time.monotonic() - started


def test_of_two_processes_on_one_processor_each_waits_for_the_other() -> None:
    """Both want a processor all the time, so they cannot wait less than it is not theirs."""
    work = (
        "import os, time\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "end = time.monotonic() + 1.0\nwhile time.monotonic() < end: pass\n"
        "print(time.process_time(), open('/proc/self/schedstat').read().split()[1])\n"
    )
    pair = [
        subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60)[0].split() for process in pair]
    if os.path.exists("/proc/self/schedstat"):
        for used, waiting in told:
            assert float(used) + int(waiting) / 1e9 > 0.7


CONFTEST = """\
import time
from patchwright_report.deadline import Deadline

Deadline._waited = staticmethod({})
"""
NONE, ALL = "lambda: 0.0", "time.monotonic"
SLEEP = "import time\n\n\ndef test():\n    time.sleep(1.2)\n"
LOOP = "def test():\n    while True:\n        pass\n"


@pytest.mark.parametrize(
    ("waiting", "test", "limit", "outcome"),
    [
        (NONE, SLEEP, 1.0, Outcome.FAILED),
        (ALL, SLEEP, 1.0, Outcome.PASSED),
        (ALL, LOOP, 0.2, Outcome.FAILED),
    ],
    ids=["no waiting", "nothing but waiting", "waiting without end"],
)
def test_a_test_has_its_limit_beside_what_it_waits(
    make_box: MakeBox, waiting: str, test: str, limit: float, outcome: Outcome
) -> None:
    box = make_box({"conftest.py": CONFTEST.format(waiting), "test_a.py": test})
    [case] = run_checks(box, Request("python3 -m pytest", seconds_per_test=limit)).cases
    assert case.outcome is outcome
    assert (f"longer than {limit:g} s" in case.message) == (outcome is Outcome.FAILED)
