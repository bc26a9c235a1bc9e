import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.budget import Spent
from agent.events import Condensed, Judged, Told
from agent.evidence.gate import Verdict
from agent.narration import call_in_words, one_line, printable, tell, used_in_words


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


def test_a_condense_is_told_with_what_it_brought() -> None:
    cut = Condensed(how="elided", kept=2, messages=[], before=60_000, after=31_000)
    assert tell(cut) == "old outputs of the conversation are cut: 60,000 to 31,000 tokens"
    own = Condensed(how="milestone", kept=2, messages=[])
    assert tell(own) == "the model condenses the conversation to its notes"


def test_what_was_used_of_the_model() -> None:
    used = Spent(
        steps=3, tokens=110, seconds=9.0, prompt=100_000, cached=97_000, completion=10,
        model_seconds=4.4, gpu_seconds=17.6, money=0.123,
    )  # fmt: skip
    assert used_in_words(used) == (
        "3 replies, 100,000 tokens of prompts (97% cached), 10 of completions, 4 s waited,"
        " 18 GPU-seconds, cost 0.12"
    )
    nothing = Spent(steps=0, tokens=0, seconds=0.0)
    assert used_in_words(nothing) == (
        "0 replies, 0 tokens of prompts, 0 of completions, 0 s waited"
    )


@pytest.mark.parametrize("tests", [1, True, "test_a", {"a": 1}, None])
def test_a_call_whose_arguments_are_of_any_kind_can_be_told(tests: object) -> None:
    assert call_in_words("run_tests", {"tests": tests}) == "run_tests"
