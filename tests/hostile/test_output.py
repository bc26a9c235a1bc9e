"""OUT: what the reader's terminal and page make of text that is not ours."""

from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.console import Console, PlainLines
from agent.events import Told
from agent.journal import Entry
from agent.narration import one_line, printable
from prompts import render
from prompts.border import bordered
from tools.checks.cases import clean
from tools.forge.harmless import fenced, harmless_line, harmless_markdown

UGLY = st.text(
    alphabet=st.one_of(
        st.characters(), st.sampled_from("\x1b\x9b\r\b\a\0\u202e\u200b[]();:#@`<>!")
    ),
    max_size=80,
)


def told(text):
    """What the console writes for a text of the harness that quotes it."""
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, width=200, no_color=True, highlight=False)
    event = Told(text=text.encode(errors="replace").decode())
    entry = {"key": "", "time": "2026-01-01T00:00:00Z", "elapsed": 1.0, "event": event}
    PlainLines(console)(Entry.model_validate(entry))
    return stream.getvalue()


@pytest.mark.case("OUT-01", "no escape sequence reaches the terminal")
def test_out_01(seen):
    attacks = [
        "\x1b]8;;http://evil\x07click\x1b]8;;\x07",
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b[2J\x1b[H",
        "\x9b31m",
        "\x1bP+q\x1b\\",
        "\x1b]0;title\x07",
        "\x1b[6n",
        "\x07\x08",
    ]
    for attack in attacks:
        shown = told(attack)
        assert not set("\x1b\x9b\x07\x08") & set(shown.replace("\x1b[0m", ""))
    seen(f"{len(attacks)} of {len(attacks)} shown as code points")


@pytest.mark.case("OUT-02", "a carriage return overwrites nothing")
def test_out_02(seen):
    assert "\r" not in told("failed\rpassed")
    assert "failed" in told("failed\rpassed")
    seen("both words stay")


@pytest.mark.case("OUT-03", "text cannot turn its direction")
def test_out_03(seen):
    assert "\u202e" not in printable("a\u202eb")
    assert "<U+202E>" in str(bordered("a\u202eb"))
    assert "\u202e" not in harmless_line("a\u202eb")
    seen("spelled out on the terminal, in prompts, in titles")


@pytest.mark.case("OUT-04", "no byte breaks a sink")
@settings(max_examples=150, deadline=None)
@given(text=UGLY)
def test_out_04(text):
    assert not any(ord(char) < 32 and char not in "\n\t" for char in printable(text))
    assert "\n" not in one_line(text)
    render("observations/invalid", name=text, reasons=[text], known=[text]).encode()
    clean(text).encode()
    harmless_markdown(clean(text))
    fenced(clean(text))


@pytest.mark.case("OUT-05", "a page loads, notifies and closes nothing")
def test_out_05(seen):
    attacks = [
        "![x](http://evil/beacon.png)",
        "@org/team",
        "Fixes #1",
        "<img src=x onerror=y>",
        "<details><summary>x",
        "[x](javascript:y)",
        "```\nbreakout",
        "http://evil/?q=1",
    ]
    for attack in attacks:
        page = harmless_markdown(attack)
        assert "![" not in page.replace("!&#8203;[", "")
        assert "<img" not in page
        assert "<details" not in page
        assert "@org" not in page
        assert "#1" not in page.replace("&#", "")
        assert "](javascript" not in page
    assert fenced("```\nbreakout").startswith("````")
    seen(f"{len(attacks)} of {len(attacks)} are only text")


@pytest.mark.case("OUT-06", "commands to a workflow runner begin no line of ours")
def test_out_06(seen):
    for attack in ("::add-mask::x", "::set-output name=a::b", "::stop-commands::t", "##[error]x"):
        lines = told(f"quoted\n{attack}\n").splitlines()
        assert not any(line.lstrip().startswith(("::", "##[")) for line in lines)
    seen("they stand behind the time and our own words")
