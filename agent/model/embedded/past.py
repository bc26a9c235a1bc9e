"""What the repository's own earlier fixes say of which changes are made in it.

An edit whose shape, the names left out, was made here before is more likely to be made again:
"history-driven program repair" (X.-B. D. Le, D. Lo and C. Le Goues, SANER 2016) found that such
changes are right more often than others.
"""

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2

from agent.model.embedded.kinds import METHODS
from agent.model.embedded.spans import Edit, apply
from tools.code.past_edits import PastEdit

SAME, LIKE, SAME_USE, LINE = 1.0, 0.4, 0.4, 0.5
"""How near a place is, for an edit to be made once more, that has the very expression, that has one
of its form, that uses it alike; and one that an added line could belong to."""
REMEMBERED = 0.5
"""How usual it is, beside the templates, that an earlier edit is made once more."""
MOST = 200
"""Edits that are looked at for that."""

_TOKEN = re.compile(
    r"[A-Za-z_$][\w$]*|\d[\w.]*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`"
    r"|===|!==|\*\*=?|//=?|<<=?|>>=?|&&|\|\||\?\?|\?\.|=>|->|[-+*/%&|^<>=!@:]=|\+\+|--|\S"
)
_SCRIPT = (
    "null undefined true false this function const let var typeof instanceof new throw length size "
    "push includes indexOf Array Math Number String Object"
)
_WORDS = frozenset([*keyword.kwlist, *vars(builtins), *METHODS, "self", *_SCRIPT.split()])
"""Words that mean the same wherever they stand; every other one is a name."""
_NUMBERS = frozenset(("0", "1", "2"))
_LONGEST = 24
"""Signs and words of a shape, before and after together; a longer one does not come again."""
_SAY_NOTHING = ("v0 > v1", "N > N", "S > S")
"""Names are renamed, versions raised and texts reworded far more often than mended."""
_OFTEN = 3.0
"""The logarithm of how often is as often as counts."""


def shape(before: str, after: str) -> str:
    """What an edit does, the names and what stays left out; empty where that says nothing.

    ``if size < limit:`` to ``if size <= limit:`` is ``< > <=``. Names are told apart by their
    order alone, so ``f(a, b)`` to ``f(b, a)`` is the shape of every swap.
    """
    one, other = _TOKEN.findall(before), _TOKEN.findall(after)
    shorter = min(len(one), len(other))
    head = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    shorter -= head
    tail = next((i for i in range(shorter) if one[-1 - i] != other[-1 - i]), shorter)
    out, put = one[head : len(one) - tail], other[head : len(other) - tail]
    if not (out or put) or len(out) + len(put) > _LONGEST:
        return ""
    names: dict[str, str] = {}
    found = f"{_abstract(out, names)} > {_abstract(put, names)}"
    return "" if found in _SAY_NOTHING else found


def _abstract(tokens: Sequence[str], names: dict[str, str]) -> str:
    found = []
    for token in tokens:
        if token[0].isdigit():
            found.append(token if token in _NUMBERS else "N")
        elif token[0] in "'\"`":
            found.append("S")
        elif (token[0].isalpha() or token[0] in "_$") and token not in _WORDS:
            found.append(names.setdefault(token, f"v{len(names)}"))
        else:
            found.append(token)
    return " ".join(found)


@dataclass(slots=True)
class Past:
    """The small edits that earlier commits made around the suspicious code."""

    edits: Sequence[PastEdit] = ()
    _shapes: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        shapes = (shape("\n".join(edit.before), "\n".join(edit.after)) for edit in self.edits)
        self._shapes = Counter(shape for shape in shapes if shape)

    def usual(self, text: str, edits: Sequence[Edit]) -> float:
        """From 1 for a change of a new kind to 2 for one that was made often before."""
        if not self._shapes:
            return 1.0
        start = text.rfind("\n", 0, min(edit.start for edit in edits)) + 1
        end = text.find("\n", max(edit.end for edit in edits))
        lines = text[start : end if end >= 0 else len(text)]
        moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
        times = self._shapes[shape(lines, apply(lines, moved))]
        return 1 + min(1.0, log2(1 + times) / _OFTEN)


def past_edits(text: str) -> list[PastEdit]:
    """Read an answer of ``past_changes``; a text that is none tells of none."""
    found: list[tuple[str, list[str], list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("@@ "):
            found.append((line[3:], [], []))
        elif found and line.startswith("-"):
            found[-1][1].append(line[1:])
        elif found and line.startswith("+"):
            found[-1][2].append(line[1:])
    return [PastEdit(path, tuple(before), tuple(after)) for path, before, after in found]
