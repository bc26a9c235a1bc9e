"""What does the index cost: cold, warm, after one change; beside bare parsing; in memory?

    python tests/benchmarks/indexing.py --repository DIR [--commit SHA] [--suffix .py] [--json]
    python tests/benchmarks/indexing.py --repository DIR --synthesise 10000 30000 100000
    python tests/benchmarks/indexing.py --repository DIR --aider PYTHON

PYTHON is the interpreter of an environment that has ``aider-chat``: its repository map of the same
files is then made too, once cold and, as a request of a session would, warm.

DIR is a git repository, bare or not. Bare parsing is tree-sitter alone over the bytes that the
index parses, already in memory, in as many processes. Both take turns, and a ratio is the median of
the turns', so that another program on the machine hurts both; "processor" figures are in seconds of
processor time of all processes, git's included, and suffer less. A synthesised tree takes the first
lines of the repository's files, each with a line of its own. Memory is the largest resident size of
the process that holds the index, and with its workers.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from hashlib import sha1
from pathlib import Path
from typing import Any

from prompts import render
from sandbox.workers import Workers
from tools.code.cache import FILE, OutlineCache
from tools.code.index import Index
from tools.code.issue import read_issue
from tools.code.languages import language_by_path, reader
from tools.code.pack import pack
from tools.code.ranking import rank
from tools.code.view import Evidence
from tools.git import History
from tools.git.objects import Objects
from tools.git.program import GitDirectory, rev_parse

TURNS = 5
ISSUE = "Rows get lost\n\nA query with `filter()` and `order_by()` loses rows when it is cached."
COMMITS, BUDGET, CHARACTERS_PER_TOKEN = 4_000, 131_072, 3.5
AIDER = Path(__file__).parent / "aider_map.py"
Entries = list[tuple[str, str]]


class Tree:
    """The files of one commit, read by git as a run reads them."""

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        objects = Path(rev_parse(arguments.repository, "--git-path", "objects"))
        commit = rev_parse(arguments.repository, arguments.commit)
        self.objects = Objects(GitDirectory(folder / "git", borrow=objects))
        self.entries: Entries = [
            (entry.path, entry.blob)
            for entry in self.objects.entries(self.objects.tree_of(commit))
            if entry.regular and entry.path.endswith(arguments.suffix)
        ]

    def build(self, folder: Path, count: int) -> Index:
        with Workers("tools.code.reading:answer", count=count) as workers:
            return Index.build(
                self.entries,
                self.objects.get_many,
                OutlineCache(folder),
                sizes=self.objects.sizes,
                map=workers.map,
            )


def seconds(action: Callable[[], object]) -> float:
    return both_seconds(action)[0]


def both_seconds(action: Callable[[], object]) -> tuple[float, float]:
    """By the clock, and of processor time."""
    started, used = time.perf_counter(), processor_seconds()
    action()
    return time.perf_counter() - started, processor_seconds() - used


def processor_seconds() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def parse_all(files: Sequence[tuple[str, bytes]]) -> None:
    for name, data in files:
        reader(name).parser.parse(data)


def parse_bare(files: Sequence[tuple[str, bytes]], count: int) -> None:
    """Parse in so many forked processes, each with its share of the files in memory."""
    fork = multiprocessing.get_context("fork")
    shares = [fork.Process(target=parse_all, args=(files[start::count],)) for start in range(count)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()


def measure(tree: Tree, folder: Path, count: int) -> dict[str, Any]:
    """Cold, warm and changed, in seconds."""
    index = tree.build(folder / "first", count)
    parsed = [(path, outline) for path, outline in index.outlines.items() if outline.language]
    blobs = dict(tree.entries)
    contents = tree.objects.get_many([blobs[path] for path, _ in parsed])
    names = [outline.language for _, outline in parsed]
    files = list(zip(names, contents, strict=True))
    for name in set(names):
        reader(name)  # loaded before the clock runs; forked processes inherit it
    bare, cold = [], []
    for turn in range(TURNS):
        bare.append(both_seconds(lambda: parse_bare(files, count)))
        cold.append(both_seconds(lambda turn=turn: tree.build(folder / f"cold{turn}", count)))
    warm = folder / "cold0"
    opened = [seconds(lambda: tree.build(warm, count)) for _ in range(TURNS)]
    words = [seconds(lambda: [None for _ in index.words()]) for _ in range(TURNS)]
    return {
        "files": len(tree.entries),
        "parsed": len(parsed),
        "parsed_megabytes": round(sum(len(data) for _, data in files) / 1e6, 1),
        "definitions": sum(len(outline.definitions) for outline in index.outlines.values()),
        "bare_seconds": median(one for one, _ in bare),
        "cold_seconds": median(one for one, _ in cold),
        "cold_to_bare": median(a / b for (a, _), (b, _) in zip(cold, bare, strict=True)),
        "bare_processor": median(one for _, one in bare),
        "cold_processor": median(one for _, one in cold),
        "cold_to_bare_processor": median(a / b for (_, a), (_, b) in zip(cold, bare, strict=True)),
        "warm_seconds": median(opened),
        "words_seconds": median(words),
        "changed_seconds": round(change(tree, warm, count) - statistics.median(opened), 3),
        "cache_megabytes": round((warm / FILE).stat().st_size / 1e6, 1),
    }


def request(index: Index, repository: Path, commit: str) -> dict[str, Any]:
    """Seconds to read the history, and to rank and pack for an issue."""
    history, ranked = [], []
    for _ in range(TURNS):
        with History.opened(repository) as opened:
            started = time.perf_counter()
            evidence = Evidence(opened.commits(rev_parse(repository, commit), COMMITS))
            history.append(time.perf_counter() - started)
            ranked.append(seconds(lambda evidence=evidence: rank_and_pack(index, evidence)))
    return {"history_seconds": median(history), "request_seconds": median(ranked)}


def rank_and_pack(index: Index, evidence: Evidence) -> None:
    ranking = rank(read_issue(ISSUE), index, evidence)
    pack(ranking, index, budget=BUDGET, count_tokens=count_roughly, render=render)


def count_roughly(text: str) -> int:
    return int(len(text) / CHARACTERS_PER_TOKEN)


def aider(tree: Tree, python: Path, folder: Path) -> dict[str, Any]:
    """What Aider's map costs of the same files, written to a folder."""
    for (path, _), data in zip(
        tree.entries, tree.objects.get_many([blob for _, blob in tree.entries]), strict=True
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    done = subprocess.run([python, AIDER, folder], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def change(tree: Tree, folder: Path, count: int) -> float:
    """Seconds to index again after one file was changed, the worker's start included."""
    place = len(tree.entries) // 2
    path, blob = tree.entries[place]
    data = tree.objects.get(blob)
    taken = []
    for turn in range(TURNS):
        changed = Changed(tree, place, data + b"\n# changed %d\n" % turn)
        taken.append(seconds(lambda changed=changed: changed.build(folder, count)))
    tree.entries[place] = path, blob
    return statistics.median(taken)


class Changed(Tree):
    """A tree in which one file has other bytes."""

    def __init__(self, tree: Tree, place: int, data: bytes) -> None:
        self.objects = tree.objects
        self.data, self.blob = data, sha1(data).hexdigest()
        self.entries = list(tree.entries)
        self.entries[place] = tree.entries[place][0], self.blob

    def build(self, folder: Path, count: int) -> Index:
        with Workers("tools.code.reading:answer", count=count) as workers:
            return Index.build(
                self.entries,
                lambda blobs: iter([self.data for _ in blobs]),
                OutlineCache(folder),
                map=workers.map,
            )


def synthesise(
    tree: Tree, files: int, lines: int
) -> tuple[Entries, Callable[[Sequence[str]], Iterator[bytes]]]:
    """Entries of a tree of so many files, and what reads them."""
    code = [entry for entry in tree.entries if language_by_path(entry[0])]
    heads = {
        blob: b"".join(data.splitlines(keepends=True)[:lines])
        for (_, blob), data in zip(
            code, tree.objects.get_many([blob for _, blob in code]), strict=True
        )
    }

    def read(blobs: Sequence[str]) -> Iterator[bytes]:
        for blob in blobs:
            number, _, source = blob.partition("-")
            yield heads[source] + f"\nunique_{number} = {number}\n".encode()

    names = ((number, *code[number % len(code)]) for number in range(files))
    return [(f"{number // 100}/{path}", f"{number}-{blob}") for number, path, blob in names], read


def weigh(tree: Tree, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Seconds and memory of a cold index of so many files (0: the tree as it is)."""
    files, count = arguments.weigh, arguments.processes
    entries, read, sizes = tree.entries, tree.objects.get_many, tree.objects.sizes
    if files:
        entries, read = synthesise(tree, files, arguments.lines)
        sizes = None
    with Workers("tools.code.reading:answer", count=count) as workers:
        store = OutlineCache(folder)
        started = time.perf_counter()
        with closing(store):
            index = Index.build(entries, read, store, sizes=sizes, map=workers.map)
            taken = time.perf_counter() - started
            passed = seconds(lambda: [None for _ in index.words()])
    own, others = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "files": len(entries),
        "cold_seconds": round(taken, 2),
        "milliseconds_a_file": round(taken / len(entries) * 1000, 3),
        "words_seconds": round(passed, 2),
        "megabytes": round(own),
        "megabytes_with_workers": round(own + count * others),
    }


def apart(arguments: argparse.Namespace, files: int) -> dict[str, Any]:
    """:func:`weigh` in a process of its own, whose memory holds nothing else."""
    command = [
        sys.executable, __file__, "--repository", str(arguments.repository),
        "--commit", arguments.commit, "--suffix", arguments.suffix,
        "--processes", str(arguments.processes), "--lines", str(arguments.lines),
        "--weigh", str(files),
    ]  # fmt: skip
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", type=Path, required=True)
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--suffix", default="", help="only files whose name ends so")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--synthesise", type=int, nargs="*", default=[], metavar="FILES")
    parser.add_argument("--lines", type=int, default=200, help="of each synthesised file, at most")
    parser.add_argument("--aider", type=Path, metavar="PYTHON", help="compare with its map")
    parser.add_argument("--weigh", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = Tree(arguments, folder)
        if arguments.weigh is not None:
            print(json.dumps(weigh(tree, folder, arguments)))
            return
        figures = {"processes": arguments.processes}
        figures |= measure(tree, folder, arguments.processes)
        index = tree.build(folder / "cold0", arguments.processes)
        figures |= request(index, arguments.repository, arguments.commit)
        if arguments.aider:
            (folder / "files").mkdir()
            figures |= aider(tree, arguments.aider, folder / "files")
        sizes = [apart(arguments, files) for files in (0, *arguments.synthesise)]
    if arguments.json:
        print(json.dumps(figures | {"memory": sizes}))
        return
    for key, value in figures.items():
        print(f"{key:>20} {value}")
    for size in sizes:
        print("  ".join(f"{key} {value}" for key, value in size.items()))


if __name__ == "__main__":
    main()
