"""The signals of definitions side by side, each from 0 to 1."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import log

from tools.code.outline import CALLABLE, ENCLOSING, Definition
from tools.code.signals import past, places
from tools.code.signals.lexical import bm25
from tools.code.signals.survey import Matched
from tools.code.view import Key, View
from tools.code.words import words

Scores = Mapping[Key, float]

_DIFFS = 12
"""Earlier commits whose diffs are read."""
_CALLERS = 15
_NAMESAKES = 4
"""A name that more definitions than this share calls none of them."""


def definition_signals(view: View, files: Sequence[str]) -> dict[str, Scores]:
    """What speaks for each definition of these files."""
    outlines = view.index.outlines
    keys = [(path, place) for path in files for place in range(len(outlines[path].definitions))]
    by_words = _scaled(_among(view.by_words, keys))
    framed = places.definitions_in_frames(view.located, view.index)
    first = {
        key: by_words.get(key, 0.0) + view.named.get(key, 0.0) + 2 * framed.get(key, 0.0)
        for key in keys
    }
    alike = view.alike[:_DIFFS]
    diffs = view.evidence.diffs([found.commit.id for found in alike]) if alike else {}
    return {
        "words": by_words,
        "words within its file": _within_files(by_words),
        "signature words": _scaled(_signature_words(view, keys)),
        "named": _among(view.named, keys),
        "qualified": _among(view.qualified, keys),
        "owner named": _of_owners(view, keys),
        "frame": _among(framed, keys),
        "covered": _covered(view, keys),
        "alike": _scaled(_among(past.definitions_alike(alike, diffs, outlines), keys)),
        "called": _scaled(_called(view, first)),
        **_traits(view, keys),
    }


def _signature_words(view: View, keys: Sequence[Key]) -> dict[Key, float]:
    texts = {}
    for path, place in keys:
        one = view.index.outlines[path].definitions[place]
        counts = Counter(words(f"{one.qualified} {one.signature} {one.docstring}"))
        shared = {word: counts[word] for word in sorted(counts.keys() & view.issue.terms.keys())}
        if shared:
            texts[path, place] = Matched(shared, sum(counts.values()))
    return bm25(view.issue.terms, texts, total=len(keys))


def _of_owners(view: View, keys: Sequence[Key]) -> dict[Key, float]:
    """What the issue says of the definition that each lies in."""
    scores = {}
    for path, place in keys:
        owner = path, view.index.outlines[path].definitions[place].parent
        score = max(view.named.get(owner, 0.0), view.qualified.get(owner, 0.0))
        if score:
            scores[path, place] = score
    return scores


def _covered(view: View, keys: Sequence[Key]) -> dict[Key, float]:
    """The most suspicious line of each that a failing test ran."""
    scores = {}
    for path, place in keys:
        one = view.index.outlines[path].definitions[place]
        lines = view.evidence.covered.get(path, {})
        ran = [score for line, score in lines.items() if one.start <= line <= one.end]
        if ran:
            scores[path, place] = max(ran)
    return scores


def _called(view: View, weight: Scores) -> dict[Key, float]:
    """Definitions whose name the most suspected ones hold, those of a rare name most."""
    by_name: defaultdict[str, list[Key]] = defaultdict(list)
    for path, place in weight:
        one = view.index.outlines[path].definitions[place]
        if one.kind in CALLABLE:
            by_name[one.name.lower().strip("_")].append((path, place))
    scores: defaultdict[Key, float] = defaultdict(float)
    for caller in sorted(weight, key=lambda key: (-weight[key], key))[:_CALLERS]:
        for word in view.index.words_of(caller[0]).by_definition[caller[1]]:
            owners = by_name.get(word, ())
            for owner in owners if len(owners) <= _NAMESAKES else ():
                if owner != caller:
                    scores[owner] += weight[caller] / len(owners)
    return dict(scores)


def _traits(view: View, keys: Sequence[Key]) -> dict[str, Scores]:
    """What kind of definition each is, whatever the issue."""
    found = {key: view.index.outlines[key[0]].definitions[key[1]] for key in keys}
    return {
        "is callable": {key: 1.0 for key, one in found.items() if one.kind in CALLABLE},
        "is enclosing": {key: 1.0 for key, one in found.items() if one.kind in ENCLOSING},
        "is chunk": {key: 1.0 for key, one in found.items() if one.kind == "chunk"},
        "is value": {
            key: 1.0 for key, one in found.items() if one.kind in ("variable", "constant", "type")
        },
        "is nested": {key: 1.0 for key, one in found.items() if one.parent >= 0},
        "is special": {key: 1.0 for key, one in found.items() if _special(one)},
        "size": {key: min(1.0, log(1 + one.end - one.start) / 7) for key, one in found.items()},
    }


def _special(one: Definition) -> bool:
    return one.kind == "constructor" or (one.name.startswith("__") and one.name.endswith("__"))


def _within_files(scores: Scores) -> dict[Key, float]:
    """Scores as shares of the best one in the same file."""
    best: dict[str, float] = {}
    for (path, _), score in scores.items():
        best[path] = max(best.get(path, 0.0), score)
    return {key: score / best[key[0]] for key, score in scores.items() if score}


def _among(scores: Scores, keys: Sequence[Key]) -> dict[Key, float]:
    return {key: scores[key] for key in keys if key in scores}


def _scaled(scores: Scores) -> dict[Key, float]:
    top = max(scores.values(), default=0.0)
    return {key: score / top for key, score in scores.items()} if top > 0 else {}
