"""Would a small neural embedder rank better? Its likeness to the issue, beside all other signals.

    embeddings.py --instances FILE.jsonl --repositories DIR --embedder PYTHON [--every N] [--json]

PYTHON is an interpreter that can run ``embed.py``. Of every issue the first files and definitions
that the learned ranking gives are read by the embedder, and the cosine of their texts with the
issue's is added to their scores with a weight. The weight of each repository's issues is the one
that does best on the *other* repositories, as it would be for a repository nobody has seen.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import Any

from localization import COMMITS, Gold

from tools.code.cache import OutlineCache
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.ranking import Suspect, rank
from tools.code.view import Evidence
from tools.git import History
from tools.sources import index_tree

FILES, DEFINITIONS = 20, 40
"""How many of each are read: what stands further down changes no figure below."""
CHARACTERS = 1_500
WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
RANKS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Read:
    """One issue: what the ranking put first, with its score, likeness and whether it is gold."""

    repository: str
    files: Sequence[tuple[float, float, bool]]
    gold_files: int
    """How many the patch changes, among them or not."""
    definitions: Sequence[tuple[float, float, bool]]
    gold_definitions: int


class Embedder:
    """The other interpreter, asked line by line."""

    def __init__(self, python: Path) -> None:
        program = Path(__file__).with_name("embed.py")
        self._process = subprocess.Popen(
            [python, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.texts = 0
        self.seconds = 0.0

    def likenesses(self, issue: str, texts: Sequence[str]) -> list[float]:
        """The cosine of each text with the issue's."""
        assert self._process.stdin
        assert self._process.stdout
        started = time.perf_counter()
        print(json.dumps([issue, *texts]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit("the embedder ended; what it said stands above")
        first, *others = json.loads(answer)
        self.texts += len(texts) + 1
        self.seconds += time.perf_counter() - started
        return [sum(a * b for a, b in zip(first, other, strict=True)) for other in others]


def read(instance: dict[str, Any], repositories: Path, cache: OutlineCache, by: Embedder) -> Read:
    base, text = instance["base_commit"], instance["problem_statement"]
    with History.opened(repositories / instance["repo"].replace("/", "__")) as history:
        index = index_tree(history, history.tree_of(base), cache)
        evidence = Evidence(history.commits(base, COMMITS), history.changes)
        ranking = rank(read_issue(text), index, evidence)
        files, definitions = ranking.files[:FILES], ranking.definitions[:DEFINITIONS]
        texts = [_file_text(index, one.path) for one in files]
        texts += [_definition_text(index, one) for one in definitions]
    likenesses = by.likenesses(text[:CHARACTERS], texts)
    gold = Gold.of(instance, index)
    keys = [(one.path, one.definition) for one in definitions]
    rows = [
        (log(one.probability / (1 - one.probability)), likeness)
        for one, likeness in zip([*files, *definitions], likenesses, strict=True)
    ]
    return Read(
        repository=instance["repo"],
        files=[
            (*row, one.path in gold.spots)
            for row, one in zip(rows[: len(files)], files, strict=True)
        ],
        gold_files=len(gold.spots),
        definitions=[
            (*row, key in gold.functions) for row, key in zip(rows[len(files) :], keys, strict=True)
        ],
        gold_definitions=len(gold.functions),
    )


def _file_text(index: Index, path: str) -> str:
    names = ", ".join(one.qualified for one in index.outlines[path].definitions)
    return f"{path}\n{index.text(path)[:400]}\n{names}"[:CHARACTERS]


def _definition_text(index: Index, one: Suspect) -> str:
    definition = index.outlines[one.path].definitions[one.definition]
    lines = index.text(one.path).splitlines()[definition.start - 1 : definition.end]
    return f"{one.path} {definition.qualified}\n{chr(10).join(lines)}"[:CHARACTERS]


def hits(reads: Sequence[Read], weight: float, *, files: bool) -> list[float]:
    """Percent of the issues that have any gold, by rank: all of it has come by then."""
    asked = [
        (one.files, one.gold_files) if files else (one.definitions, one.gold_definitions)
        for one in reads
    ]
    worst = [_worst(rows, gold, weight) for rows, gold in asked if gold]
    return [
        round(100 * sum(place <= rank for place in worst) / max(1, len(worst)), 1) for rank in RANKS
    ]


def _worst(rows: Sequence[tuple[float, float, bool]], gold: int, weight: float) -> int:
    ranked = sorted(rows, key=lambda row: -(row[0] + weight * row[1]))
    places = [place for place, row in enumerate(ranked, start=1) if row[2]]
    return places[-1] if len(places) == gold else sys.maxsize


def unseen(reads: Sequence[Read], *, files: bool) -> tuple[list[float], dict[str, float]]:
    """The figures with each repository's weight taken from the others, and those weights."""
    weights = {}
    for repository in sorted({one.repository for one in reads}):
        others = [one for one in reads if one.repository != repository]
        weights[repository] = max(WEIGHTS, key=lambda w: sum(hits(others, w, files=files)))
    moved = [replace(one, **_moved(one, weights[one.repository])) for one in reads]
    return hits(moved, 0.0, files=files), weights


def _moved(one: Read, weight: float) -> dict[str, list[tuple[float, float, bool]]]:
    """Its rows with the likeness in the score."""
    return {
        name: [(score + weight * likeness, likeness, gold) for score, likeness, gold in rows]
        for name, rows in (("files", one.files), ("definitions", one.definitions))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--embedder", type=Path, required=True, help="an interpreter")
    parser.add_argument("--cache", type=Path, required=True, help="folder to keep the index in")
    parser.add_argument("--every", type=int, default=1, help="take each so-many-th issue only")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    lines = arguments.instances.read_text().splitlines()[:: arguments.every]
    by, cache = Embedder(arguments.embedder), OutlineCache(arguments.cache)
    reads = [read(json.loads(line), arguments.repositories, cache, by) for line in lines]
    figures: dict[str, Any] = {"issues": len(reads), "ranks": RANKS}
    for name, files in (("files", True), ("functions", False)):
        with_it, weights = unseen(reads, files=files)
        alone = [hits(reads, weight, files=files) for weight in (0.0, 1e9)]
        figures[name] = {
            "without": alone[0], "with": with_it, "alone": alone[1], "weights": weights
        }  # fmt: skip
    figures["texts_a_second"] = round(by.texts / by.seconds, 1)
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
