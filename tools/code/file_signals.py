"""The signals of files side by side, each from 0 to 1: their own, and those by their neighbours."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from math import log

from tools.checks.suite_files import is_test_path
from tools.code.languages import is_source
from tools.code.signals import graph, mentions, past, places
from tools.code.signals.lexical import Texts
from tools.code.signals.survey import frequencies
from tools.code.view import Key, View

Scores = Mapping[str, float]

_BEST = 5
"""Definitions of a file that speak for it together."""
_SEEDS = 10
_SOURCES, _TESTS, _TEXTS = 300, 60, 60
"""Files of each sort that are looked at closely."""
_ASIDE = frozenset(("doc", "docs", "example", "examples", "benchmark", "benchmarks", "demo"))
_PACKAGE_FILES = ("__init__.", "index.", "mod.", "lib.")
_FIRST_LOOK = (
    "words", "prose words", "title words", "path words", "best definition", "named", "qualified",
    "path", "module", "frames", "alike", "covered", "text lately",
)  # fmt: skip
"""What decides which files are looked at closely, all weighing the same."""


def own_signals(view: View) -> dict[str, Scores]:
    """What speaks for each file by itself."""
    issue, index, evidence = view.issue, view.index, view.evidence
    files, total = view.survey.files, len(index.outlines)
    texts = Texts.of(files, total=total)
    rarity = {
        word: log(1 + total / (1 + count)) for word, count in frequencies(files.values()).items()
    }
    best, several = _by_file(view.by_words)
    lately = _scaled(past.files_lately(evidence.commits))
    return {
        "words": _scaled(texts.scores(issue.terms)),
        "title words": _scaled(texts.scores(issue.title_terms)),
        "prose words": _scaled(texts.scores(issue.prose_terms)),
        "path words": _scaled(places.path_words(issue, index.outlines, rarity)),
        "best definition": _scaled(best),
        "definitions": _scaled(several),
        "named": mentions.files_defining(view.named),
        "qualified": mentions.files_defining(view.qualified),
        "referring": _scaled(mentions.files_referring(issue, view.survey)),
        "path": places.files_by_path(issue, view.endings),
        "module": places.files_by_module(issue, index.outlines),
        "frames": places.files_in_frames(view.located),
        "covered": {path: max(lines.values()) for path, lines in evidence.covered.items() if lines},
        "alike": _scaled(past.files_alike(view.alike)),
        "lately": lately,
        "text lately": {
            path: score
            for path, score in lately.items()
            if path in index.outlines and not index.outlines[path].language
        },
        "often": _scaled(past.files_often(evidence.commits)),
    }


def traits(view: View, paths: Collection[str]) -> dict[str, Scores]:
    """What kind of file each is, whatever the issue."""
    outlines = view.index.outlines
    main = _main_language(view)
    return {
        "is source": {path: 1.0 for path in paths if outlines[path].language or is_source(path)},
        "is test": {path: 1.0 for path in paths if is_test_path(path)},
        "is aside": {path: 1.0 for path in paths if not _ASIDE.isdisjoint(path.split("/")[:-1])},
        "is of the main language": {
            path: 1.0 for path in paths if outlines[path].language == main != ""
        },
        "is a package's file": {
            path: 1.0 for path in paths if path.rpartition("/")[2].startswith(_PACKAGE_FILES)
        },
        "size": {path: min(1.0, log(1 + outlines[path].lines) / 10) for path in paths},
    }


def close_look(signals: Mapping[str, Scores], view: View) -> list[str]:
    """The files that could matter: the best of each sort by a first, unweighted sum."""
    sums: defaultdict[str, float] = defaultdict(float)
    for name in _FIRST_LOOK:
        for path, score in signals[name].items():
            sums[path] += score
    best = sorted(sums, key=lambda path: (-sums[path], path))
    outlines = view.index.outlines
    code = [path for path in best if path in outlines and outlines[path].language]
    texts = [path for path in best if path in outlines and not outlines[path].language]
    tests = (path for path in code if is_test_path(path))
    sources = (path for path in code if not is_test_path(path))
    return [*islice(sources, _SOURCES), *islice(tests, _TESTS), *texts[:_TEXTS]]


def neighbour_signals(view: View, close: Sequence[str], share: Scores) -> dict[str, Scores]:
    """What speaks for a file because of others that are suspected.

    Args:
        view: The issue in the tree.
        close: The files that are looked at.
        share: How likely each of them is, judged by itself; their sum is 1.
    """
    imports = graph.Imports(view.index)
    sources = [path for path in close if not is_test_path(path)]
    seeds = {path: share[path] for path in _first(sources, share, _SEEDS)}
    tests = [path for path in close if is_test_path(path)]
    linked = graph.links(view.index, imports, set(close))
    return {
        "together": past.files_together(seeds, view.evidence.commits),
        "linked": _scaled(graph.page_rank(linked, seeds)),
        "imported": _imported(seeds, imports),
        "importing": _importing(seeds, imports, sources),
        "beside": _beside(seeds, close),
        "tested": _scaled(
            graph.files_tested(
                {path: share[path] for path in _first(tests, share, _SEEDS)}, imports, sources
            )
        ),
    }


def _imported(seeds: Scores, imports: graph.Imports) -> dict[str, float]:
    scores: defaultdict[str, float] = defaultdict(float)
    for seed, chance in seeds.items():
        for path in sorted(imports.of(seed)):
            scores[path] += chance
    return dict(scores)


def _importing(seeds: Scores, imports: graph.Imports, sources: Collection[str]) -> dict[str, float]:
    found = {path: imports.of(path) for path in sources}
    return {
        path: sum(seeds[seed] for seed in sorted(seeds.keys() & imported))
        for path, imported in found.items()
    }


def _beside(seeds: Scores, close: Sequence[str]) -> dict[str, float]:
    folders: defaultdict[str, float] = defaultdict(float)
    for seed, chance in seeds.items():
        folders[seed.rpartition("/")[0]] += chance
    return {path: folders.get(path.rpartition("/")[0], 0.0) for path in close}


def _by_file(scores: Mapping[Key, float]) -> tuple[dict[str, float], dict[str, float]]:
    """For each file its best definition's score, and a falling sum of its best ones."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for (path, _), score in scores.items():
        found[path].append(score)
    best, several = {}, {}
    for path, unordered in found.items():
        ordered = sorted(unordered, reverse=True)[:_BEST]
        best[path] = ordered[0]
        several[path] = sum(score / place for place, score in enumerate(ordered, start=1))
    return best, several


def _main_language(view: View) -> str:
    lines: defaultdict[str, int] = defaultdict(int)
    for path, outline in view.index.outlines.items():
        if outline.language and not is_test_path(path):
            lines[outline.language] += outline.lines
    return max(sorted(lines), key=lambda language: lines[language], default="")


def _first(paths: Sequence[str], scores: Scores, count: int) -> list[str]:
    return sorted(paths, key=lambda path: (-scores[path], path))[:count]


def _scaled(scores: Scores) -> dict[str, float]:
    top = max(scores.values(), default=0.0)
    return {path: score / top for path, score in scores.items()} if top > 0 else {}
