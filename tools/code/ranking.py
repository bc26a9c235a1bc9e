"""What an issue is about, best first: every signal, weighed.

Two linear models in a row for files, one for definitions. The first judges each file by itself;
its best guesses then speak for their neighbours, and the second judges by both. The weights lie in
``weights.json``, written by ``tests/benchmarks/learning.py`` from commits of public repositories.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import exp, log
from operator import itemgetter
from typing import Generic, TypeVar

from tools.checks.suite_files import is_test_path
from tools.code import collection
from tools.code.definition_signals import definition_signals
from tools.code.file_signals import close_look, neighbour_signals, own_signals, traits
from tools.code.index import Index
from tools.code.issue import Issue
from tools.code.view import Evidence, Key, View

_OPENED = 150
"""Files whose definitions are ranked."""
_TEST_FILES, _TESTS = 6, 40
_FIXES, _LIKE = 3, 0.5
_REASONS = 4
_TRAITS = ("is ", "size")
_LEAST = 1e-12
"""No share is taken to be less, so that it has a logarithm."""

Item = TypeVar("Item", str, Key)
Reasons = tuple[tuple[str, float], ...]
"""Signals, with the share of each in the score, largest first."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A file or a definition that may have to be seen to repair the issue."""

    path: str
    definition: int
    """Position in ``index.outlines[path].definitions``, or -1 for the file as a whole."""
    probability: float
    """Estimated chance that a right patch changes it, 0 to 1."""
    signals: Reasons = ()
    """What chose it."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the issue is probably about, best first."""

    files: Sequence[Suspect] = ()
    definitions: Sequence[Suspect] = ()
    tests: Sequence[Suspect] = ()
    """Tests that exercise the suspects."""
    fixes: Sequence[tuple[str, str, str]] = ()
    """Similar past fixes: commit id, subject, diff."""


Signals = dict[str, Mapping[Item, float]]
"""Signals by their names: the value of each item that has any."""


@dataclass(frozen=True, slots=True)
class Model(Generic[Item]):
    """What each signal weighs, and how scores become probabilities."""

    weights: Mapping[str, float]
    slope: float
    bias: float

    def scores(self, signals: Signals[Item], items: Iterable[Item]) -> dict[Item, float]:
        """The weighted sum of each item's signals; only their differences mean something."""
        totals = dict.fromkeys(items, 0.0)
        for name, weight in self.weights.items():
            for item, value in signals[name].items():
                if item in totals:
                    totals[item] += weight * value
        return totals

    def ordered(self, signals: Signals[Item], items: Iterable[Item]) -> list[Item]:
        """Items by their scores, best first."""
        return ordered(self.scores(signals, items))

    def shares(self, scores: Mapping[Item, float]) -> dict[Item, float]:
        """What is each item's of a whole that is divided by the scores' exponentials."""
        top = max(scores.values(), default=0.0)
        parts = {item: exp(score - top) for item, score in scores.items()}
        whole = sum(parts.values())
        return {item: part / whole for item, part in parts.items()}

    def chances(self, scores: Mapping[Item, float]) -> dict[Item, float]:
        """The probability of each item that a right patch changes it.

        A logistic function of the logarithm of its share (Platt, 1999), since several may be right.
        """
        return {
            item: 1 / (1 + exp(-self.bias - self.slope * log(max(share, _LEAST))))
            for item, share in self.shares(scores).items()
        }

    def reasons(self, signals: Signals[Item], items: Iterable[Item]) -> dict[Item, Reasons]:
        """The signals that speak most for each item, with what each adds to its score.

        What kind of item it is counts in the score, but is no reason that tells anybody something.
        """
        telling = [
            (name, weight, signals[name])
            for name, weight in self.weights.items()
            if not name.startswith(_TRAITS)
        ]
        found = {}
        for item in items:
            parts = [(name, weight * values.get(item, 0.0)) for name, weight, values in telling]
            best = sorted([part for part in parts if part[1] > 0], key=itemgetter(1), reverse=True)
            found[item] = tuple(best[:_REASONS])
        return found


@dataclass(frozen=True, slots=True)
class Models:
    """The three models that a ranking needs."""

    alone: Model[str]
    """Of files, by their own signals and traits."""
    files: Model[str]
    """Of files, by those and their neighbours."""
    definitions: Model[Key]
    """Of definitions, by theirs and that of their file."""


@collection.put_off()
def rank(issue: Issue, index: Index, evidence: Evidence) -> Ranking:
    """Rank the files and definitions of a tree; the same input gives the same ranking."""
    return rank_view(View.of(issue, index, evidence), learned())


def rank_view(view: View, models: Models) -> Ranking:
    """The ranking that these models give."""
    close, files = file_rows(view, models.alone)
    scores = models.files.scores(files, close)
    chances = models.files.chances(scores)
    sources = [path for path in ordered(scores) if not is_test_path(path)]
    definitions = definition_rows(view, sources[:_OPENED], chances)
    by_definition = models.definitions.scores(definitions, definitions["file"])
    likely = models.definitions.chances(by_definition)
    for_files = models.files.reasons(files, sources)
    for_definitions = models.definitions.reasons(definitions, ordered(by_definition))
    return Ranking(
        files=[Suspect(path, -1, chances[path], why) for path, why in for_files.items()],
        definitions=[Suspect(*key, likely[key], why) for key, why in for_definitions.items()],
        tests=_tests(view, close, chances),
        fixes=_fixes(view),
    )


def file_rows(view: View, alone: Model[str]) -> tuple[list[str], Signals[str]]:
    """The files that could matter, and every signal of each."""
    own = own_signals(view)
    close = close_look(own, view)
    signals: Signals[str] = {**own, **traits(view, close)}
    shares = alone.shares(alone.scores(signals, close))
    signals["alone"] = logarithmic(shares)
    return close, {**signals, **neighbour_signals(view, close, shares)}


def definition_rows(view: View, files: Sequence[str], chances: Mapping[str, float]) -> Signals[Key]:
    """Every signal of the definitions in these files, that of the file among them."""
    outlines = view.index.outlines
    by_file = logarithmic(chances)
    return {
        **definition_signals(view, files),
        "file": {
            (path, place): by_file[path]
            for path in files
            for place in range(len(outlines[path].definitions))
        },
    }


def logarithmic(chances: Mapping[str, float]) -> dict[str, float]:
    """Probabilities as signals: 1 for certain, 0 for one in a thousand or less."""
    return {
        path: max(0.0, 1 + log(max(chance, _LEAST)) / log(1000)) for path, chance in chances.items()
    }


def ordered(scores: Mapping[Item, float]) -> list[Item]:
    """The items, best first; those of the same score in their own order."""
    return sorted(scores, key=lambda item: (-scores[item], item))


@lru_cache(maxsize=1)
def learned() -> Models:
    """The models whose weights lie beside this module."""
    data = json.loads(resources.files("tools.code").joinpath("weights.json").read_text())
    return Models(Model(**data["alone"]), Model(**data["files"]), Model(**data["definitions"]))


def _tests(view: View, close: Sequence[str], chances: Mapping[str, float]) -> list[Suspect]:
    """The tests most like the issue, in the files of tests that are most suspected."""
    tests = [path for path in close if is_test_path(path)]
    best = sorted(tests, key=lambda path: (-chances[path], path))[:_TEST_FILES]
    found = {key: score for key, score in view.by_words.items() if key[0] in best}
    top = max(found.values(), default=1.0)
    return [
        Suspect(*key, chances[key[0]] * found[key] / top, (("words", 1.0),))
        for key in ordered(found)[:_TESTS]
    ]


def _fixes(view: View) -> list[tuple[str, str, str]]:
    alike = [found.commit for found in view.alike[:_FIXES] if found.likeness >= _LIKE]
    diffs = view.evidence.diffs([commit.id for commit in alike])
    return [
        (commit.id, commit.message.partition("\n")[0], diffs[commit.id].decode(errors="replace"))
        for commit in alike
        if commit.id in diffs
    ]
