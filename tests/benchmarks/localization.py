"""Which code would have been shown for real issues? Scored by the patches that fixed them.

Usage:
    localization.py --instances FILE.jsonl --repositories DIR [--limit N] [--json]
                    [--leave-one-out] [--misses] [--by-language]

DIR/OWNER__NAME is a git repository of each instance, bare or not; a link will do. Only the issue's
text and the base commit are read, and history as far as the base commit comes from it; the gold
patch scores. Tokens are those of a byte-level BPE of 32,768 words, trained once on the code of the
repositories' first instances.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bpe import train
from gold import changed, functions

from prompts import render
from tools.code.cache import OutlineCache
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.pack import Pack, pack
from tools.code.ranking import Models, Ranking, learned, rank_view
from tools.code.view import Evidence, View
from tools.git import History
from tools.sources import index_tree

FILE_RANKS = (1, 3, 5, 10, 50)
FUNCTION_RANKS = (1, 5, 10, 50)
BUDGETS = (32_768, 65_536, 131_072)
COMMITS = 4_000
TRAITS = ("is ", "size", "alone", "file")
"""Of kinds of files and definitions, and what one model hands to the next: no signals."""
TRAINING_CHARACTERS = 2_000_000


@dataclass(slots=True)
class Scores:
    """One issue: the rank that holds all gold files, all gold functions, and what packs show."""

    instance: str
    language: str
    gold_files: int
    files: int | None
    functions: int | None
    packed_files: dict[int, bool] = field(default_factory=dict)
    packed_functions: dict[int, bool] = field(default_factory=dict)
    index_seconds: float = 0.0
    pack_seconds: float = 0.0
    missed: list[str] = field(default_factory=list)


def main() -> None:
    arguments = _arguments()
    lines = arguments.instances.read_text().splitlines()
    instances = [json.loads(line) for line in lines if line][: arguments.limit]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.repositories, OutlineCache(arguments.cache or Path(folder)))
        bench.train(instances)
        variants = _variants() if arguments.leave_one_out else {}
        found: dict[str, list[Scores]] = defaultdict(list)
        for number, instance in enumerate(instances, start=1):
            for name, scores in bench.score(instance, variants).items():
                found[name].append(scores)
            _progress(number, len(instances), found["all"][-1])
    if arguments.misses:
        for scores in found["all"]:
            for line in scores.missed:
                print(f"{scores.instance}: {line}")
    _report(found, by_language=arguments.by_language)
    if arguments.json:
        print(json.dumps(_summary(found["all"])))


@dataclass(slots=True)
class Bench:
    """What all issues are scored with."""

    repositories: Path
    cache: OutlineCache
    tokenizer: Any = None

    def train(self, instances: Sequence[dict[str, Any]]) -> None:
        """Train the tokenizer on two million characters of each repository."""
        first = {instance["repo"]: instance for instance in reversed(instances)}
        texts = [text for repo in sorted(first) for text in self._code(first[repo])]
        self.tokenizer = train(texts)

    def score(self, instance: dict[str, Any], variants: Mapping[str, Models]) -> dict[str, Scores]:
        """Rank and pack for one issue, then look at its patch; rank with each variant as well."""
        base = instance["base_commit"]
        with self._history(instance) as history:
            start = time.perf_counter()
            index = index_tree(history, history.tree_of(base), self.cache)
            indexed = time.perf_counter()
            evidence = Evidence(history.commits(base, COMMITS), history.changes)
            view = View.of(read_issue(instance["problem_statement"]), index, evidence)
            ranking = rank_view(view, learned())
            packs = {max(BUDGETS): self._pack(ranking, index, max(BUDGETS))}
            packed = time.perf_counter()
            packs |= {budget: self._pack(ranking, index, budget) for budget in BUDGETS[:-1]}
            others = {name: rank_view(view, models) for name, models in variants.items()}
        gold = Gold.of(instance, index)
        scores = gold.scores(ranking)
        scores.index_seconds, scores.pack_seconds = indexed - start, packed - indexed
        for budget, made in packs.items():
            unseen = [path for path in gold.spots if not made.shows(path)]
            cut = [key for key in gold.functions if not _whole(made, index, key)]
            scores.packed_files[budget] = not unseen
            scores.packed_functions[budget] = not cut
            if budget == max(BUDGETS):
                scores.missed = [*_told_files(unseen, index), *_told_functions(cut, index)]
        return {"all": scores, **{name: gold.scores(other) for name, other in others.items()}}

    def _pack(self, ranking: Ranking, index: Index, budget: int) -> Pack:
        return pack(ranking, index, budget=budget, count_tokens=self._count, render=render)

    def _count(self, text: str) -> int:
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def _history(self, instance: dict[str, Any]) -> AbstractContextManager[History]:
        return History.opened(self.repositories / instance["repo"].replace("/", "__"))

    def _code(self, instance: dict[str, Any]) -> Iterator[str]:
        with self._history(instance) as history:
            index = index_tree(history, history.tree_of(instance["base_commit"]), self.cache)
            left = TRAINING_CHARACTERS
            for path, outline in index.outlines.items():
                if outline.language and left > 0:
                    text = index.text(path)
                    left -= len(text)
                    yield text


@dataclass(frozen=True, slots=True)
class Gold:
    """What the patch of one issue changes."""

    instance: str
    index: Index
    spots: Mapping[str, Any]
    """By file."""
    functions: Collection[tuple[str, int]]

    @classmethod
    def of(cls, instance: dict[str, Any], index: Index) -> "Gold":
        spots = changed(instance["patch"])
        return cls(instance["instance_id"], index, spots, functions(spots, index))

    def scores(self, ranking: Ranking) -> Scores:
        """At which ranks all of it has come."""
        files = [one.path for one in ranking.files]
        return Scores(
            instance=self.instance,
            language=_language(self.spots, self.index),
            gold_files=len(self.spots),
            files=_worst(files, self.spots) if self.spots else None,
            functions=(
                _worst(_functions(ranking, self.index), self.functions) if self.functions else None
            ),
        )


def _whole(made: Pack, index: Index, key: tuple[str, int]) -> bool:
    one = index.outlines[key[0]].definitions[key[1]]
    return made.shows(key[0], one.start, one.end)


def _language(paths: Iterable[str], index: Index) -> str:
    known = [index.outlines[path].language for path in paths if path in index.outlines]
    return next((language for language in known if language), "no language")


def _told_files(paths: Iterable[str], index: Index) -> Iterator[str]:
    for path in paths:
        yield f"file {path}: {index.kept_out.get(path, 'ranked low')}"


def _told_functions(keys: Iterable[tuple[str, int]], index: Index) -> Iterator[str]:
    for path, place in sorted(keys):
        one = index.outlines[path].definitions[place]
        yield f"{one.kind} {path}:{one.qualified} ({one.end - one.start + 1} lines)"


def _worst(ranked: Sequence[Any], gold: Iterable[Any]) -> int:
    """The rank, from 1, at which all of the gold has come; far out when some never does."""
    places = {item: place for place, item in enumerate(ranked, start=1)}
    return max(places.get(item, sys.maxsize) for item in gold)


def _functions(ranking: Ranking, index: Index) -> list[tuple[str, int]]:
    """What a gold function could be: stretches of text, variables and namespaces compete not."""
    return [
        (one.path, one.definition)
        for one in ranking.definitions
        if index.outlines[one.path].definitions[one.definition].kind
        not in ("chunk", "variable", "constant", "module")
    ]


def _variants() -> dict[str, Models]:
    """The learned models without each of their signals."""
    models = learned()
    weighed = {*models.alone.weights, *models.files.weights, *models.definitions.weights}
    names = sorted(name for name in weighed if not name.startswith(TRAITS))
    return {
        f"without {name}": Models(
            *(
                replace(model, weights={k: v for k, v in model.weights.items() if k != name})
                for model in (models.alone, models.files, models.definitions)
            )
        )
        for name in names
    }


def _summary(scores: Sequence[Scores]) -> dict[str, Any]:
    with_functions = [one for one in scores if one.functions is not None]
    with_files = [one for one in scores if one.files is not None]
    return {
        "issues": len(scores),
        "files": {f"acc@{k}": _percent([one.files <= k for one in with_files]) for k in FILE_RANKS},
        "functions": {
            f"acc@{k}": _percent([one.functions <= k for one in with_functions])
            for k in FUNCTION_RANKS
        },
        "packed": {
            str(budget): {
                "files": _percent([one.packed_files.get(budget, False) for one in with_files]),
                "functions": _percent(
                    [one.packed_functions.get(budget, False) for one in with_functions]
                ),
            }
            for budget in BUDGETS
        },
        "seconds": {
            "index_median": round(statistics.median(one.index_seconds for one in scores), 3),
            "pack_median": round(statistics.median(one.pack_seconds for one in scores), 3),
        },
    }


def _percent(hits: Sequence[bool]) -> float:
    return round(100 * sum(hits) / len(hits), 1) if hits else 0.0


def _report(found: dict[str, list[Scores]], *, by_language: bool) -> None:
    groups = dict(found)
    for one in found["all"]:
        if one.gold_files == 1:
            groups.setdefault("one gold file", []).append(one)
        if by_language:
            groups.setdefault(one.language, []).append(one)
    print(f"{'':28}{'files':>15}{'functions':>29}  files/functions packed, percent")
    print(f"{'':28}     n    @1    @3    @5   @10      @10  128K   64K   32K")
    for name, scores in groups.items():
        summary = _summary(scores)
        ranks = "".join(f"{summary['files'][f'acc@{k}']:6}" for k in (1, 3, 5, 10))
        packs = "  ".join(
            f"{packed['files']:.0f}/{packed['functions']:.0f}"
            for packed in reversed(summary["packed"].values())
            if scores[0].packed_files
        )
        functions = summary["functions"]["acc@10"]
        print(f"{name:28}{len(scores):6}{ranks}   {functions:6}  {packs}")


def _progress(number: int, total: int, scores: Scores) -> None:
    if sys.stderr.isatty():
        print(f"\r{number}/{total} {scores.instance:50}", end="", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--leave-one-out", action="store_true", help="also without each signal")
    parser.add_argument("--misses", action="store_true", help="say what 128K did not show")
    parser.add_argument("--by-language", action="store_true")
    parser.add_argument("--cache", type=Path, help="folder to keep the index in")
    return parser.parse_args()


if __name__ == "__main__":
    main()
