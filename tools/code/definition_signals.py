"""The signals of definitions side by side, each from 0 to 1."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log

from tools.code.outline import CALLABLE, ENCLOSING, Definition, Outline
from tools.code.signals import past, places
from tools.code.signals.lexical import Texts, bm25
from tools.code.signals.survey import Matched
from tools.code.view import Key, View
from tools.code.words import words

Scores = Mapping[Key, float]

_DIFFS = 12
"""Earlier commits whose diffs are read."""


def definition_signals(view: View, files: Sequence[str]) -> dict[str, Scores]:
    """What speaks for each definition of these files."""
    outlines = view.index.outlines
    keys = [(path, place) for path in files for place in range(len(outlines[path].definitions))]
    in_names = Texts.of(_words_of(view, keys, lambda one: one.name), total=len(keys))
    framed = places.definitions_in_frames(view.located, view.index)
    alike = view.alike[:_DIFFS]
    diffs = view.evidence.diffs([found.commit.id for found in alike]) if alike else {}
    issue = view.issue
    return {
        "title words": _scaled(view.texts.scores(issue.title_terms, keys)),
        "title words in its name": _scaled(in_names.scores(issue.title_terms)),
        "prose words in its name": _scaled(in_names.scores(issue.prose_terms)),
        "signature words": _scaled(_signature_words(view, keys)),
        "named": _among(view.named, keys),
        "qualified": _among(view.qualified, keys),
        "owner named": _of_owners(view, keys),
        "frame": _among(framed, keys),
        "covered": _covered(view, keys),
        "alike": _scaled(_among(past.definitions_alike(alike, diffs, outlines), keys)),
        **_traits(view, keys),
    }


def _signature_words(view: View, keys: Sequence[Key]) -> dict[Key, float]:
    texts = _words_of(view, keys, lambda one: f"{one.qualified} {one.signature} {one.docstring}")
    return bm25(view.issue.terms, texts, total=len(keys))


def _words_of(
    view: View, keys: Sequence[Key], text: Callable[[Definition], str]
) -> dict[Key, Matched]:
    """What of the issue is in a text of each definition."""
    texts = {}
    for path, place in keys:
        counts = Counter(words(text(view.index.outlines[path].definitions[place])))
        shared = {word: counts[word] for word in sorted(counts.keys() & view.issue.terms.keys())}
        if shared:
            texts[path, place] = Matched(shared, sum(counts.values()))
    return texts


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


def _traits(view: View, keys: Sequence[Key]) -> dict[str, Scores]:
    """What kind of definition each is, whatever the issue."""
    outlines = view.index.outlines
    found = {key: outlines[key[0]].definitions[key[1]] for key in keys}
    own = _own_lines(outlines, dict.fromkeys(path for path, _ in keys))
    return {
        "is callable": {key: 1.0 for key, one in found.items() if one.kind in CALLABLE},
        "is enclosing": {key: 1.0 for key, one in found.items() if one.kind in ENCLOSING},
        "is chunk": {key: 1.0 for key, one in found.items() if one.kind == "chunk"},
        "is value": {
            key: 1.0 for key, one in found.items() if one.kind in ("variable", "constant", "type")
        },
        "is nested": {key: 1.0 for key, one in found.items() if one.parent >= 0},
        "is special": {key: 1.0 for key, one in found.items() if _special(one)},
        "is one of many": {
            key: min(1.0, log(1 + len(outlines[key[0]].definitions)) / 7) for key in keys
        },
        "is much of its file": {key: own[key] / max(1, outlines[key[0]].lines) for key in keys},
        "size": {key: min(1.0, log(1 + one.end - one.start) / 7) for key, one in found.items()},
    }


def _own_lines(outlines: Mapping[str, Outline], paths: Iterable[str]) -> dict[Key, int]:
    """How many lines of each definition are in no other inside it."""
    own: dict[Key, int] = {}
    for path in paths:
        for place, one in enumerate(outlines[path].definitions):
            lines = own[path, place] = one.end - one.start + 1
            if one.parent >= 0:
                own[path, one.parent] -= lines
    return own


def _special(one: Definition) -> bool:
    return one.kind == "constructor" or (one.name.startswith("__") and one.name.endswith("__"))


def _among(scores: Scores, keys: Sequence[Key]) -> dict[Key, float]:
    return {key: scores[key] for key in keys if key in scores}


def _scaled(scores: Scores) -> dict[Key, float]:
    top = max(scores.values(), default=0.0)
    return {key: score / top for key, score in scores.items()} if top > 0 else {}
