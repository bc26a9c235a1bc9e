"""Learn the weights in ``tools/code/weights.json``.

Usage: learning.py --repositories DIR --out FILE [--commits N] [--seconds N] [--cache DIR]
                   [--issues FILE.jsonl --issue-repositories DIR] [--check] [--keep-files]

Every folder of DIR is a git repository with a history; N of its commits, or as many as are read in
so many seconds, give pairs of a message and what was changed. Messages hold no stack traces, so
real issues with their patches are learned from as well. ``--check`` leaves a quarter of the
repositories out in turn and scores the issues by what the others taught. ``--keep-files`` learns
the model of definitions alone, by the models of files that there are.

The weights maximise the likelihood of what was changed under a softmax over the files, or the
definitions, of one tree (ListNet's top-one probability: Cao, Qin, Liu, Tsai and Li, 2007), by Adam
(Kingma and Ba, 2015), with a small L2 penalty. Slope and bias are Platt's (1999), fitted on issues.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gold import functions
from numpy.typing import NDArray
from pairs import Pair, from_commits, from_issues

from tools.checks.suite_files import is_test_path
from tools.code.cache import OutlineCache
from tools.code.file_signals import close_look, own_signals, traits
from tools.code.issue import read_issue
from tools.code.ranking import Model, Signals, definition_rows, file_rows, learned, logarithmic
from tools.code.view import Evidence, View
from tools.git import GitError, History
from tools.sources import index_tree

COMMITS_BEFORE = 4_000
OPENED = 40
BY_HAND = {"covered": 3.0}
"""Weights of signals that no pair has."""
PENALTY, RATE, DECAY, EPOCHS, BATCH = 1e-3, 0.05, 0.95, 40, 32

Array = NDArray[np.float32]


@dataclass(slots=True)
class Sample:
    """One tree's candidates: a row of signals each, and which of them were changed."""

    group: str
    """The repository."""
    issue: bool
    names: Sequence[str]
    keys: Sequence[Any]
    rows: Array
    right: NDArray[np.bool_]


def main() -> None:
    arguments = _arguments()
    cache = OutlineCache(arguments.cache)
    issues: list[Pair] = []
    if arguments.issues:
        lines = [line for file in arguments.issues for line in file.read_text().splitlines()]
        issues = from_issues([json.loads(line) for line in lines], arguments.issue_repositories)
    repositories = sorted(arguments.repositories.iterdir())
    commits = [list(from_commits(path, arguments.commits)) for path in repositories]

    def everything() -> Iterator[tuple[View, Pair, bool]]:
        for pairs in commits:
            yield from _views(pairs, cache, arguments.seconds, issue=False)
        yield from _views(issues, cache, None, issue=True)

    kept = learned() if arguments.keep_files else None
    first = kept.alone if kept else _learn_alone(everything(), check=arguments.check)
    files, definitions = [], []
    for view, pair, issue in everything():
        close, signals = file_rows(view, first)
        files.append(_sample((close, signals), view, pair, issue))
        sources = [path for path in first.ordered(signals, close) if not is_test_path(path)]
        rows = definition_rows(view, sources[:OPENED], dict.fromkeys(close, 1.0))
        definitions.append(_sample((list(rows["file"]), rows), view, pair, issue))
    told = "files, by their neighbours too"
    second = kept.files if kept else _learn(told, files, check=arguments.check)
    for one, of_files in zip(definitions, files, strict=True):
        _set_files(one, of_files, second)
    third = _learn("definitions", definitions, check=arguments.check)
    models = {"alone": first, "files": second, "definitions": third}
    arguments.out.write_text(
        json.dumps({name: asdict(model) for name, model in models.items()}, indent=1) + "\n"
    )


def _learn_alone(views: Iterable[tuple[View, Pair, bool]], *, check: bool) -> Model[Any]:
    samples = [_sample(_own(view), view, pair, issue) for view, pair, issue in views]
    return _learn("files, by themselves", samples, check=check)


def _views(
    pairs: Sequence[Pair], cache: OutlineCache, seconds: float | None, *, issue: bool
) -> Iterator[tuple[View, Pair, bool]]:
    start = time.monotonic()
    for pair in pairs:
        if seconds is not None and time.monotonic() - start > seconds:
            return
        try:
            with History.opened(pair.repository) as history:
                index = index_tree(history, history.tree_of(pair.base), cache)
                before = history.commits(pair.base, COMMITS_BEFORE)
                evidence = Evidence(before, history.changes)
                yield View.of(read_issue(pair.text), index, evidence), pair, issue
        except GitError as error:
            print(f"{pair.repository.name} {pair.base}: {error}", file=sys.stderr)


def _own(view: View) -> tuple[list[Any], Signals[Any]]:
    own = own_signals(view)
    close = close_look(own, view)
    return close, {**own, **traits(view, close)}


def _sample(looked: tuple[list[Any], Signals[Any]], view: View, pair: Pair, issue: bool) -> Sample:
    keys, signals = looked
    gold: set[Any] = set(pair.changed) | functions(pair.changed, view.index)
    place = {key: number for number, key in enumerate(keys)}
    rows = np.zeros((len(keys), len(signals)), dtype=np.float32)
    for column, name in enumerate(sorted(signals)):
        for key, value in signals[name].items():
            if key in place:
                rows[place[key], column] = value
    right = np.array([key in gold for key in keys], dtype=np.bool_)
    return Sample(pair.repository.name, issue, sorted(signals), keys, rows, right)


def _set_files(one: Sample, of_files: Sample, model: Model[Any]) -> None:
    """Give the definitions of one tree what the model says of their files."""
    weights = np.array([model.weights[name] for name in of_files.names])
    scores = dict(zip(of_files.keys, of_files.rows @ weights, strict=True))
    by_file = logarithmic(model.chances(scores))
    one.rows[:, one.names.index("file")] = [by_file[path] for path, _ in one.keys]


def _learn(what: str, samples: Sequence[Sample], *, check: bool) -> Model[Any]:
    useful = [one for one in samples if one.right.any()]
    print(f"{what}: {len(useful)} of {len(samples)} samples", file=sys.stderr)
    if check:
        _check(what, useful)
    weights = _weights(useful)
    told = [one for one in useful if one.issue] or useful
    slope, bias = _platt(
        np.concatenate([_log_shares(one.rows @ weights) for one in told]),
        np.concatenate([one.right for one in told]),
    )
    named = zip(useful[0].names, weights, strict=True)
    rounded = {name: round(float(weight), 3) for name, weight in named}
    rounded |= {name: weight for name, weight in BY_HAND.items() if name in rounded}
    return Model(rounded, round(slope, 3), round(bias, 3))


def _weights(samples: Sequence[Sample]) -> NDArray[np.float64]:
    width = samples[0].rows.shape[1]
    weights, mean, square = np.zeros(width), np.zeros(width), np.zeros(width)
    order, step, rate = np.arange(len(samples)), 0, RATE
    generator = np.random.default_rng(0)
    for _ in range(EPOCHS):
        generator.shuffle(order)
        for start in range(0, len(order), BATCH):
            batch = [samples[number] for number in order[start : start + BATCH]]
            slopes = sum(_slope(one, weights) for one in batch) / len(batch) + PENALTY * weights
            step += 1
            mean = 0.9 * mean + 0.1 * slopes
            square = 0.999 * square + 0.001 * slopes**2
            scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
            weights = weights - rate * (mean / (1 - 0.9**step)) / scale
        rate *= DECAY
    return weights


def _slope(one: Sample, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = np.exp(_log_shares(one.rows @ weights))
    return one.rows.T @ (shares - one.right / one.right.sum())


def _log_shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = scores - scores.max()
    return np.maximum(scores - np.log(np.exp(scores).sum()), np.log(1e-12))


def _platt(x: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and bias of the logistic regression of ``right`` on ``x``, by Newton's method."""
    columns = np.stack([x, np.ones_like(x)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-columns @ found))
        spread = chances * (1 - chances) + 1e-9
        step = np.linalg.solve(
            columns.T @ (columns * spread[:, None]), columns.T @ (chances - right)
        )
        found = found - step
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]), float(found[1])


def _check(what: str, samples: Sequence[Sample]) -> None:
    """Score issues by models that have seen nothing of their repositories."""
    groups = sorted({one.group for one in samples if one.issue})
    ranks = []
    for fold in (groups[start::4] for start in range(4)):
        weights = _weights([one for one in samples if one.group not in fold])
        for one in samples:
            if one.issue and one.group in fold:
                order = np.argsort(-(one.rows @ weights), kind="stable")
                ranks.append(int(np.flatnonzero(one.right[order]).max()))
    found = np.array(ranks)
    told = ", ".join(f"@{k} {100 * np.mean(found < k):.1f}" for k in (1, 3, 5, 10, 50))
    print(f"{what}: {told} percent of {len(ranks)} issues whose repository was left out")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--commits", type=int, default=60, help="of each repository")
    parser.add_argument("--seconds", type=float, help="for each repository, each time it is read")
    parser.add_argument("--cache", type=Path, required=True, help="folder to keep the index in")
    parser.add_argument("--issues", type=Path, action="append", help="may be given several times")
    parser.add_argument("--issue-repositories", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep-files", action="store_true", help="learn of definitions only")
    return parser.parse_args()


if __name__ == "__main__":
    main()
