"""How many bugs seeded into well-tested JavaScript packages does the embedded model repair?

    git clone https://github.com/d3/d3-array && npm --prefix d3-array install
    python tests/benchmarks/seeded_scripts.py d3-array ... --bugs 30 [--seed 1] [--out FILE]

A folder holds a package with its tests and all that these need. A bug is one change at a random
place outside the tests, made by none of the embedded model's templates but by a list of its own:
the mutators of Stryker (https://stryker-mutator.io/docs/mutation-testing-elements/supported-mutators)
and, for names, numbers, arguments and missing statements, the kinds of ManySStuBs4J (Karampatsis
and Sutton 2020). How bugs are chosen and repairs are judged is told in ``seeding.py``.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from seeding import Package, Seed, main

from agent.model.embedded.script.localise import is_repairable
from agent.model.embedded.script.names import Names
from agent.model.embedded.script.normal import Parts, normal_form
from agent.model.embedded.script.source import Source, function_of, is_unit
from agent.model.embedded.script.syntax import SIMPLE, Node
from agent.model.embedded.spans import Edit, apply
from tools.checks.frameworks import find_command

Mutator = Callable[[Node, Names, Random], list[Edit]]

_SIGNS = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*",
    "<": "<=", "<=": "<", ">": ">=", ">=": ">",
    "===": "!==", "!==": "===", "==": "!=", "!=": "==",
    "&&": "||", "||": "&&", "??": "&&",
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "++": "--", "--": "++",
}  # fmt: skip
_METHODS = {
    "startsWith": "endsWith", "endsWith": "startsWith", "toUpperCase": "toLowerCase",
    "toLowerCase": "toUpperCase", "some": "every", "every": "some", "min": "max", "max": "min",
    "trim": "trimStart", "slice": "substring", "indexOf": "lastIndexOf", "push": "unshift",
    "floor": "ceil", "ceil": "floor", "pop": "shift", "shift": "pop",
}  # fmt: skip


def operator(node: Node, names: Names, draw: Random) -> list[Edit]:
    """Stryker's arithmetic, equality, logical, assignment and update operators."""
    sign = node.get("operator")
    if sign is None or sign.text not in _SIGNS:
        return []
    return [Edit(sign.start, sign.end, _SIGNS[sign.text])]


def unary(node: Node, names: Names, draw: Random) -> list[Edit]:
    """Stryker's unary operator and boolean literal: a ``!`` or a sign goes."""
    if node.type != "unary_expression" or node.part("operator").text not in "!-+":
        return []
    return [Edit(node.start, node.part("argument").start, "")]


def literal(node: Node, names: Names, draw: Random) -> list[Edit]:
    """Stryker's boolean, string and array literals."""
    others = {"true": "false", "false": "true"}
    if node.type == "string" and len(node.text) > 2 and node.role != "source":
        return [Edit(node.start, node.end, "''")]
    if node.type == "array" and node.named_children:
        return [Edit(node.start, node.end, "[]")]
    return [Edit(node.start, node.end, others[node.type])] if node.type in others else []


def condition(node: Node, names: Names, draw: Random) -> list[Edit]:
    """Stryker's conditional expression: it is always true, or never."""
    if node.role != "condition":
        return []
    answer = draw.choice(("true", "false"))
    return [Edit(node.start, node.end, f"({answer})" if node.text[0] == "(" else answer)]


def method(node: Node, names: Names, draw: Random) -> list[Edit]:
    """Stryker's method expression."""
    if node.type != "property_identifier" or node.text not in _METHODS:
        return []
    return [Edit(node.start, node.end, _METHODS[node.text])]


def numeral(node: Node, names: Names, draw: Random) -> list[Edit]:
    """ManySStuBs4J: change numeral."""
    if node.type != "number" or not node.text.isdigit():
        return []
    return [Edit(node.start, node.end, str(int(node.text) + draw.choice((-1, 1))))]


def identifier(node: Node, names: Names, draw: Random) -> list[Edit]:
    """ManySStuBs4J: change identifier used."""
    if node.type != "identifier" or names.find(node, node.text) is None:
        return []
    function = function_of(node)
    start = function.start if function else 0
    near = [k.name for k in names.visible(node) if k.start >= start and k.name != node.text]
    return [Edit(node.start, node.end, draw.choice(near))] if near else []


def arguments(node: Node, names: Names, draw: Random) -> list[Edit]:
    """ManySStuBs4J: swap arguments; same function, fewer arguments."""
    given = node.named_children if node.type == "arguments" else []
    if len(given) < 2:
        return []
    if draw.random() < 0.5:
        return [Edit(given[-2].end, given[-1].end, "")]
    one, other = draw.sample(given, 2)
    return [Edit(one.start, one.end, other.text), Edit(other.start, other.end, one.text)]


def operand(node: Node, names: Names, draw: Random) -> list[Edit]:
    """ManySStuBs4J: less specific if, more specific if."""
    sign = node.get("operator")
    if node.type != "binary_expression" or sign is None or sign.text not in ("&&", "||"):
        return []
    kept = node.part(draw.choice(("left", "right")))
    return [Edit(node.start, kept.start, ""), Edit(kept.end, node.end, "")]


def statement(node: Node, names: Names, draw: Random) -> list[Edit]:
    """A statement is missing."""
    block = node.parent is not None and node.parent.type == "statement_block"
    if not (is_unit(node) and block and node.type in SIMPLE - {"lexical_declaration"}):
        return []
    return [Edit(node.start, node.end, "")]


MUTATORS: tuple[Mutator, ...] = (
    *(operator, unary, literal, condition, method),
    *(numeral, identifier, arguments, operand, statement),
)


def sources(repository: Path) -> list[Source]:
    """The scripts of a package that are neither tests nor somebody else's."""
    found = []
    for path in sorted(repository.rglob("*")):
        name = str(path.relative_to(repository))
        outside = name.startswith((".", "benchmark", "bench", "example", "docs", "scripts"))
        if is_repairable(name) and not outside and ".config." not in name:
            try:
                found.append(Source(name, path.read_text(encoding="utf-8")))
            except (ValueError, OSError):
                continue
    return found


def seeds(files: list[Source], draw: Random) -> Iterator[Seed]:
    """Random changes of random mutators."""
    names = {source.path: Names(source) for source in files}
    nodes = [(source, node) for source in files for node in source.tree.walk()]
    while True:
        mutator = draw.choice(MUTATORS)
        source, node = draw.choice(nodes)
        edits = mutator(node, names[source.path], draw)
        if edits and Parts(source).key(edits) is not None:
            yield mutator.__name__, source.path, source.text, apply(source.text, edits)


def command_of(repository: Path) -> str:
    """The test command that patchwright would find."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=repository, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    found = find_command(listed, lambda path: (repository / path).read_text(errors="replace"))
    assert found is not None, f"no tests are found in {repository}"
    return found


def opened(repository: Path) -> Package:
    """A package and the command that patchwright would run its tests with."""
    files = sources(repository)
    return Package(repository, command_of(repository), lambda draw: seeds(files, draw), normal_form)


if __name__ == "__main__":
    main(__doc__, opened)
