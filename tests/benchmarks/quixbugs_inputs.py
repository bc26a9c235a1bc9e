"""Random inputs for the 40 programs of QuixBugs, within what their documentation asks for.

Run as a program it compares two versions of one of them on many inputs:

    python quixbugs_inputs.py NAME REPAIRED REFERENCE COUNT

REPAIRED and REFERENCE are Python files. It prints one JSON object: inputs compared, and the first
on which the two differ. An input that the reference cannot take is drawn anew.
"""

import importlib.util
import inspect
import json
import math
import signal
import sys
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from typing import Any

SECONDS = 1.0
LONGEST = 3000


class Node:
    """A node of QuixBugs' graphs and lists, named by its value."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.successor: Node | None = None
        self.successors: list[Node] = []
        self.predecessors: list[Node] = []
        self.incoming_nodes: list[Node] = []
        self.outgoing_nodes: list[Node] = []


def numbers(draw: Random, low: int = -50, high: int = 50, most: int = 12) -> list[int]:
    return [draw.randint(low, high) for _ in range(draw.randint(0, most))]


def word(draw: Random, letters: str = "abcd", most: int = 8) -> str:
    return "".join(draw.choice(letters) for _ in range(draw.randint(0, most)))


def nested(draw: Random, depth: int = 3) -> Any:
    if depth == 0 or draw.random() < 0.4:
        return draw.randint(0, 9)
    return [nested(draw, depth - 1) for _ in range(draw.randint(0, 4))]


def linked(draw: Random, cyclic: bool) -> list[Any]:
    nodes = [Node(value) for value in range(draw.randint(1, 8))]
    for one, other in pairwise(nodes):
        one.successor = other
    if cyclic and draw.random() < 0.5:
        nodes[-1].successor = draw.choice(nodes)
    return [nodes[0]]


def graph(draw: Random, acyclic: bool = False) -> list[Node]:
    nodes = [Node(value) for value in range(draw.randint(2, 7))]
    for one in nodes:
        for other in nodes:
            if (
                one is not other
                and draw.random() < 0.3
                and not (acyclic and one.value > other.value)
            ):
                one.successors.append(other)
                one.outgoing_nodes.append(other)
                other.predecessors.append(one)
                other.incoming_nodes.append(one)
    return nodes


def search(draw: Random) -> list[Any]:
    nodes = graph(draw)
    return [draw.choice(nodes), draw.choice(nodes)]


def weighted(draw: Random) -> list[Any]:
    nodes = graph(draw)
    lengths = {(a, b): draw.randint(1, 30) for a in nodes for b in a.successors}
    return [lengths, draw.choice(nodes), draw.choice(nodes)]


def lengths(draw: Random) -> list[Any]:
    count = draw.randint(1, 6)
    pairs = [(a, b) for a in range(count) for b in range(count) if a != b and draw.random() < 0.4]
    # Lengths that come of heights make no cycle of negative length.
    heights = [draw.randint(-5, 5) for _ in range(count)]
    return [count, {(a, b): draw.randint(0, 9) + heights[a] - heights[b] for a, b in pairs}]


def paths(draw: Random) -> list[Any]:
    count, by_edge = lengths(draw)
    names = "ABCDEF"[:count]
    named = {(names[a], names[b]): length for (a, b), length in by_edge.items()}
    return [draw.choice(sorted({name for edge in named for name in edge} or {"A"})), named]


def tree_edges(draw: Random) -> list[Any]:
    count = draw.randint(2, 6)
    pairs = [(a, b) for a in range(1, count) for b in range(a + 1, count + 1)]
    chosen = [pair for pair in pairs if draw.random() < 0.6]
    weights = draw.sample(range(1, 60), len(chosen))
    return [dict(zip(chosen, weights, strict=True))]


def partly_sorted(draw: Random) -> list[Any]:
    arr, k = sorted(numbers(draw)), draw.randint(0, 4)
    for start in range(0, len(arr), k + 1):
        part = arr[start : start + k + 1]
        draw.shuffle(part)
        arr[start : start + k + 1] = part
    return [arr, k]


def tokens(draw: Random, infix: bool) -> list[Any]:
    def write(depth: int) -> list[Any]:
        if depth == 0 or draw.random() < 0.3:
            return [draw.randint(1, 40) if infix else float(draw.randint(1, 40))]
        left, right, sign = write(depth - 1), write(depth - 1), draw.choice("+-*/")
        return [*left, sign, *right] if infix else [*left, *right, sign]

    return [write(3)]


def permutation(draw: Random) -> list[Any]:
    perm = draw.sample(range(20), draw.randint(2, 7))
    return [perm if perm != sorted(perm, reverse=True) else sorted(perm)]


def sorted_and_one(draw: Random) -> list[Any]:
    return [sorted(numbers(draw, 0, 15)), draw.randint(-1, 16)]


INPUTS: dict[str, Callable[[Random], list[Any]]] = {
    "bitcount": lambda d: [d.randint(1, 10**6)],
    "breadth_first_search": search,
    "bucketsort": lambda d: [numbers(d, 0, 11), 12],
    "depth_first_search": search,
    "detect_cycle": lambda d: linked(d, cyclic=True),
    "find_first_in_sorted": sorted_and_one,
    "find_in_sorted": lambda d: [sorted(d.sample(range(30), d.randint(0, 10))), d.randint(-1, 31)],
    "flatten": lambda d: [[nested(d) for _ in range(d.randint(0, 4))]],
    "gcd": lambda d: [d.randint(1, 5000), d.randint(0, 5000)],
    "get_factors": lambda d: [d.randint(1, 5000)],
    "hanoi": lambda d: [d.randint(0, 6), *d.sample([1, 2, 3], 2)],
    "is_valid_parenthesization": lambda d: [word(d, "()")],
    "kheapsort": partly_sorted,
    "knapsack": lambda d: [
        d.randint(0, 60),
        [[d.randint(1, 30), d.randint(0, 60)] for _ in range(d.randint(0, 6))],
    ],
    "kth": lambda d: (lambda arr: [arr, d.randrange(len(arr))])([d.randint(0, 9), *numbers(d)]),
    "lcs_length": lambda d: [word(d), word(d)],
    "levenshtein": lambda d: [word(d, most=5), word(d, most=5)],
    "lis": lambda d: [d.sample(range(100), d.randint(0, 10))],
    "longest_common_subsequence": lambda d: [word(d, most=6), word(d, most=6)],
    "max_sublist_sum": lambda d: [numbers(d)],
    "mergesort": lambda d: [numbers(d)],
    "minimum_spanning_tree": tree_edges,
    "next_palindrome": lambda d: [
        (lambda half, mid: [*half, *mid, *reversed(half)])(
            [d.randint(1, 9), *(d.choice([0, 5, 9]) for _ in range(d.randint(0, 3)))],
            [d.choice([0, 5, 9])] if d.random() < 0.5 else [],
        )
    ],
    "next_permutation": permutation,
    "pascal": lambda d: [d.randint(1, 12)],
    "possible_change": lambda d: [sorted(d.sample(range(1, 30), 4)), d.randint(-2, 60)],
    "powerset": lambda d: [d.sample(range(20), d.randint(0, 7))],
    "quicksort": lambda d: [numbers(d)],
    "reverse_linked_list": lambda d: linked(d, cyclic=False),
    "rpn_eval": lambda d: tokens(d, infix=False),
    "shortest_path_length": weighted,
    "shortest_path_lengths": lengths,
    "shortest_paths": paths,
    "shunting_yard": lambda d: tokens(d, infix=True),
    "sieve": lambda d: [d.randint(0, 200)],
    "sqrt": lambda d: [d.randint(1, 500), d.uniform(0.001, 0.5)],
    "subsequences": lambda d: [d.randint(0, 4), d.randint(4, 9), d.randint(0, 4)],
    "to_base": lambda d: [d.randint(1, 10**5), d.randint(2, 36)],
    "topological_ordering": lambda d: [graph(d, acyclic=True)],
    "wrap": lambda d: [word(d, "ab   c", 60), d.randint(3, 20)],
}


def plain(value: Any) -> Any:
    """A result as it can be compared: nodes by their names, what is yielded as a list."""
    if hasattr(value, "successor"):
        seen, names = set(), []
        while hasattr(value, "successor") and id(value) not in seen:
            seen.add(id(value))
            names.append(value.value)
            value = value.successor
        return ["node", *names]
    if inspect.isgenerator(value):
        return [plain(one) for one in islice(value, LONGEST)]
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)


def load(path: str, name: str, title: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(title, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., Any] = getattr(module, name)
    return found


def outcome(function: Callable[..., Any], arguments: list[Any]) -> tuple[str, Any]:
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        return "returned", plain(function(*arguments))
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is its outcome
        return "raised", type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def stop(*_: object) -> None:
    raise TimeoutError


def compare(name: str, repaired: str, reference: str, count: int) -> dict[str, Any]:
    one, other = load(repaired, name, "repaired"), load(reference, name, "reference")
    compared = seed = 0
    while compared < count and seed < 5 * count:
        seed += 1
        make = INPUTS[name]
        right = outcome(other, make(Random(seed)))
        if right[0] == "raised":
            continue
        compared += 1
        got = outcome(one, make(Random(seed)))
        if got[0] != right[0] or not same(got[1], right[1]):
            shown = repr(plain(make(Random(seed))))[:200]
            return {"compared": compared, "equal": False, "input": shown}
    return {"compared": compared, "equal": compared > 0}


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, stop)
    sys.setrecursionlimit(5000)
    # The corrected programs say how they are imported: as files of their folder.
    sys.path.insert(0, str(Path(sys.argv[3]).parent))
    print(json.dumps(compare(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))))
