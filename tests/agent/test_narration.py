import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Judged, Told
from agent.evidence.gate import Verdict
from agent.narration import call_in_words, one_line, printable, tell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 😀\n\ttext", "plain ü 😀\n\ttext"),
        ("\x1b[2J\r\x07", "<001B>[2J<000D><0007>"),
        ("a\u202eb\u200bc", "a<202E>b<200B>c"),
        ("\udc80", "<DC80>"),
    ],
)
def test_nothing_can_play_with_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_a_line_is_one_line_of_bounded_width(text: str) -> None:
    line = one_line(text, 40)
    assert len(line) <= 40
    assert not set("\n\r\x1b\x00\u2028") & set(line)


def test_calls_are_jotted_down() -> None:
    assert call_in_words("shell", {"command": "ls\n-l"}) == "shell ls -l"
    assert call_in_words("run_tests", {"tests": ["a::b"]}) == "run_tests a::b"
    assert call_in_words("run_tests", {}) == "run_tests"
    assert call_in_words("read", {"path": "a.py", "first": 3}) == "read a.py"


def test_what_is_told() -> None:
    refused = Verdict(proven=False, objections=["a", "b"], tree="t")
    assert tell(Judged(verdict=refused)) == "the gate refuses the change: a; b"
    assert tell(Told(text="line one\nline two")) == "harness: line one line two"
