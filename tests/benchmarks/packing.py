"""Is a pack ever over its budget, ever different for the same input, and how long does it take?

Usage, from the repository's root:
    PYTHONPATH=tests python tests/benchmarks/packing.py [--packs N] [--first N] [--no-speed]
                                                        [--json]

Packs N random (repository, ranking, budget) triples, each twice, counted in turn by a real BPE
tokenizer and by counters that make no sense; then a repository of 3,000 files at 131,072 tokens
with a stand-in for a tokenizer that costs nothing. The digest is that of all packed texts: it must
be the same in another process with another PYTHONHASHSEED.
"""

import argparse
import json
import statistics
import time
from hashlib import sha256
from math import exp
from random import Random

from doubles.packs import counters, random_budget, random_ranking, random_tree
from doubles.trees import ROOT, TextTree
from prompts import render
from tools.code.pack.packing import pack
from tools.code.ranking import Ranking, Suspect

FILES = 3_000
RANKED = 150
BUDGET = 131_072
REPEATS = 9


def random_packs(first: int, number: int) -> dict[str, object]:
    over, different, digest = 0, 0, sha256()
    names = sorted(counters())
    asked = []
    for seed in range(first, first + number):
        random, name = Random(seed), names[seed % len(names)] if seed % 2 else "tokenizer"
        tree = random_tree(random)
        ranking, budget = random_ranking(random, tree), random_budget(random)
        texts = []
        for count_tokens in (counters()[name], counters()[name]):
            calls: list[int] = []

            def counted(text: str, count=count_tokens, calls=calls) -> int:
                calls.append(len(text))
                return count(text)

            found = pack(ranking, tree, budget=budget, count_tokens=counted, render=render)
            over += found.tokens > budget or (
                bool(found.text) and count_tokens(found.text) > budget
            )
            texts.append(found.text)
            asked.append(len(calls))
        different += texts[0] != texts[1]
        digest.update(texts[0].encode())
    return {
        "packs": number,
        "over_budget": over,
        "nondeterministic": different,
        "counts_median": statistics.median(asked),
        "counts_most": max(asked),
        "digest": digest.hexdigest()[:16],
    }


def large_repository() -> tuple[Ranking, TextTree]:
    """Our own sources many times over; all files are ranked, and the definitions of some."""
    rooms = (ROOT / room for room in ("agent", "sandbox", "tools"))
    paths = sorted(path for room in rooms for path in room.rglob("*.py"))
    ours = TextTree({str(path.relative_to(ROOT)): path.read_text() for path in paths})
    copies = [(f"copy_{n // len(paths)}/{ours.paths[n % len(paths)]}", n) for n in range(FILES)]
    tree = TextTree({})
    tree.paths = tuple(copy for copy, _ in copies)
    tree.files = {copy: ours.files[ours.paths[n % len(paths)]] for copy, n in copies}
    tree.outlines = {copy: ours.outlines[ours.paths[n % len(paths)]] for copy, n in copies}
    order = Random(1).sample(tree.paths, FILES)
    places = {path: range(len(tree.outlines[path].definitions)) for path in order[:RANKED]}
    keys = [(path, place) for path in places for place in places[path]]
    Random(2).shuffle(keys)
    # Chances fall as those of real rankings do on the development issues.
    files = [
        Suspect(path, -1, 0.64 / rank**1.25 * exp(-rank / 100))
        for rank, path in enumerate(order, start=1)
    ]
    definitions = [
        Suspect(*key, 0.39 / rank**0.9 * exp(-rank / 700)) for rank, key in enumerate(keys, start=1)
    ]
    return Ranking(files=files, definitions=definitions), tree


def speed() -> dict[str, object]:
    ranking, tree = large_repository()
    seconds = []
    for _ in range(REPEATS):
        start = time.process_time()
        found = pack(
            ranking,
            tree,
            budget=BUDGET,
            count_tokens=lambda text: len(text) * 2 // 7,
            render=render,
        )
        seconds.append(time.process_time() - start)
    return {
        "files": len(tree.paths),
        "definitions_ranked": len(ranking.definitions),
        "filled": round(found.tokens / BUDGET, 3),
        "cpu_seconds_median": round(statistics.median(seconds), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first pack")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--no-speed", action="store_true", help="leave the large repository out")
    arguments = parser.parse_args()
    figures: dict[str, dict[str, object]] = {
        "random": random_packs(arguments.first, arguments.packs)
    }
    if not arguments.no_speed:
        figures["large"] = speed()
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, found in figures.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.items()))


if __name__ == "__main__":
    main()
