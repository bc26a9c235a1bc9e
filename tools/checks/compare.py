"""Whether changes that the tests pass with do the same on other inputs than those of the tests.

Tests that several changes pass with do not say which is meant. Comparing what each does on inputs
near to those of the tests shows where they part (differential testing: W. M. McKeeman,
"Differential Testing for Software", Digital Technical Journal 10(1), 1998). How it is done is told
in :mod:`tools.checks.patchwright_report.compare`. It gives reasons to a reader and an order to a
search; no verdict rests on it.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tools.checks.base import Request
from tools.checks.events import read_events
from tools.checks.frameworks import framework_of
from tools.checks.run import Box, carry_out
from tools.checks.trials import SPARE, Change

_COMPARER = "python/patchwright_report/compare.py"
_LOG = "compared.jsonl"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """An input on which two changes do not do the same; changes are numbered from 1."""

    one: int
    other: int
    call: str
    """The call, as it would be written."""
    one_does: str
    other_does: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison showed; all texts are the repository's."""

    inputs: int = 0
    """How many calls were compared; none where it could not be done."""
    kept: Mapping[int, float] = field(default_factory=dict)
    """By change: the part of the passing tests' calls that come to what they came to before."""
    differences: Sequence[Difference] = ()
    """At most one for each two changes."""


def compare_changes(
    box: Box,
    request: Request,
    changes: Sequence[Change],
    failing: Collection[str],
    *,
    seconds: float,
) -> Compared:
    """Run the tests once, and each change on inputs near to theirs; the files stay as they are.

    Args:
        box: Where the repository is, without any of the changes.
        request: The command and the tests that call what is changed.
        changes: Each is confined to functions, else it is left out.
        failing: Tests whose calls need not come to what they came to.
        seconds: For one change.

    Raises:
        SandboxError: The box failed; nothing is known of the changes.
    """
    framework = framework_of(request)
    folder = box.scratch / f"checks-{secrets.token_hex(8)}"
    invocation = framework.invoke(replace(request, coverage=False), folder)
    if _COMPARER not in invocation.files:
        return Compared()
    asked = {
        "changes": [[change.path, change.old, change.new] for change in changes],
        "failing": list(failing),
        "seconds": seconds,
    }
    files = {**invocation.files, "compare.json": json.dumps(asked)}
    timeout = request.timeout + (len(changes) + 2) * (seconds + SPARE)
    _, outputs = carry_out(box, folder, replace(invocation, files=files), timeout)
    return _read(list(read_events("\n".join(outputs.named(_LOG)))), len(changes))


def _read(events: Sequence[list[Any]], count: int) -> Compared:
    inputs = 0
    kept: dict[int, float] = {}
    found: list[Difference] = []
    numbers = range(1, count + 1)
    for event in events:
        match event:
            case ["compared", int(many)]:
                inputs = max(0, many)
            case ["kept", int(number), int(same), int(of)] if number in numbers:
                kept[number] = same / of if of > 0 else 1.0
            case ["differ", int(one), int(other), str(call), str(a), str(b)] if (
                one in numbers and other in numbers and len(found) < count**2
            ):
                found.append(Difference(one, other, *(text[:_LONGEST] for text in (call, a, b))))
    return Compared(inputs, kept, found)
