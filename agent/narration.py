"""A run in plain words: one line for each event worth telling. Pure; screens set the looks."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from agent.budget import Spent
from agent.events import (
    Acted,
    Condensed,
    Consulted,
    Entered,
    Event,
    Interrupted,
    Judged,
    Located,
    Measured,
    Prepared,
    Published,
    Replied,
    Reported,
    Reproduced,
    Started,
    Told,
)
from agent.evidence.baseline import Baseline
from agent.state import Outcome
from tools.checks.base import Report

_WIDTH = 160

OUTCOME_WORDS = {
    Outcome.PROVEN: "proven",
    Outcome.NONE: "no proven patch",
    Outcome.REFUSED: "refused",
}


def printable(text: str) -> str:
    """Text that cannot move a cursor, hide itself or change a terminal; newlines and tabs stay.

    Control, format (bidirectional overrides, zero-width) and private characters, and lone
    surrogates are shown as their code points.
    """
    return "".join(char if _harmless(char) else f"<{ord(char):04X}>" for char in text)


def one_line(text: str, width: int = _WIDTH) -> str:
    """The text as one printable line, shortened to a width in characters."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= width else line[: width - 1] + "…"


def counted(report: Report) -> str:
    """``3 passed, 1 broken``."""
    return f"{len(report.passed)} passed, {len(report.broken)} broken"


def call_in_words(name: str, arguments: Mapping[str, Any]) -> str:
    """A tool call as a person would jot it down."""
    shown = arguments.get("command") or arguments.get("path") or arguments.get("pattern") or ""
    tests = arguments.get("tests")
    if name == "run_tests" and isinstance(tests, list):
        shown = ", ".join(str(test) for test in tests)
    return one_line(f"{name} {shown}", 100)


def used_in_words(used: Spent) -> str:
    """What a run has used of its model, as a line."""
    cached = f" ({used.cached / used.prompt:.0%} cached)" if used.prompt else ""
    parts = [
        f"{used.steps} replies",
        f"{used.prompt:,} tokens of prompts{cached}",
        f"{used.completion:,} of completions",
        f"{used.model_seconds:.0f} s waited",
        f"{used.gpu_seconds:.0f} GPU-seconds" * bool(used.gpu_seconds),
        f"cost {used.money:.2f}" if used.money is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def tell(event: Event) -> str:
    """The line for an event; empty for those that are not worth one."""
    line = _tell(event)
    return one_line(line) if line else ""


def notes(event: Event) -> list[str]:
    """What people should know besides: of the sandbox, how a reply came about, of the patch."""
    match event:
        case Prepared(notes=noted):
            return noted
        case Replied(reply=reply) | Consulted(reply=reply):
            return reply.notices
        case Interrupted(reason=reason):
            return [f"the sandbox was lost ({reason}); what it was doing is done again in another"]
        case Published(look_at=found):
            return [f"look at this before you use the patch: {what}" for what in found]
    return []


def _tell(event: Event) -> str:
    match event:
        case Started():
            return f"repairing {event.repository}"
        case Entered(step="locate" | "verify" as step):
            return {"locate": "choosing code", "verify": "judging the change in fresh boxes"}[step]
        case Prepared():
            return _prepared(event)
        case Measured(baseline=baseline):
            return _measured(baseline)
        case Located(files=files, tokens=tokens):
            return f"starting with {len(files)} files, {tokens:,} tokens"
        case Reproduced():
            kind = "written" if event.written else "found"
            aside = f"; {event.left_aside} other failing tests left aside" * bool(event.left_aside)
            aside += f"; {len(event.refused)} written tests not accepted" * bool(event.refused)
            return f"reproduction {kind}: {', '.join(event.tests[:3])}{_more(event.tests)}{aside}"
        case Replied(reply=reply) if reply.message.content:
            return f"model: {reply.message.content}"
        case Acted(submitted=True):
            return "the model hands its work over" if event.solved else "the model gives up"
        case Told(text=text):
            return f"harness: {text}"
        case Condensed():
            return _condensed(event)
        case Judged(verdict=verdict, candidate=candidate):
            change = f"candidate {candidate}" if candidate else "the change"
            if verdict.proven:
                return f"the gate accepts {change}"
            return f"the gate refuses {change}: {'; '.join(verdict.objections)}"
        case Published(output=output) | Reported(output=output) if output:
            return f"result: {output}"
    return ""


def _prepared(event: Prepared) -> str:
    base = f"commit {event.base_commit[:12]}" if event.base_commit else "the work tree as it is"
    return f"{event.files} files from {base}; tests: {event.test_command}; sandbox: {event.sandbox}"


def _measured(baseline: Baseline) -> str:
    report, unstable = baseline.report, len(baseline.unstable)
    differ = f"; {unstable} differ from run to run and do not count" * bool(unstable)
    return f"tests on the base: {counted(report)} in {report.seconds:.1f} s{differ}"


def _condensed(event: Condensed) -> str:
    how = {
        "milestone": "the model condenses the conversation to its notes",
        "elided": "old outputs of the conversation are cut",
        "summarised": "the conversation is condensed to notes",
        "repacked": "the conversation is condensed to notes, and its code chosen anew",
    }[event.how]
    return f"{how}: {event.before:,} to {event.after:,} tokens" if event.before else how


def _more(tests: list[str]) -> str:
    return f" and {len(tests) - 3} more" if len(tests) > 3 else ""


def _harmless(char: str) -> bool:
    return char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
