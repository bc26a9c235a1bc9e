"""The lines that are run when a script is loaded, before any test begins."""

from agent.model.embedded.script.localise import lines_of
from agent.model.embedded.script.names import Names
from agent.model.embedded.script.source import Source, function_of, header, units
from agent.model.embedded.script.syntax import Node


def lines_at_import(source: Source) -> frozenset[int]:
    """The lines of statements in no function, and of the file's functions that these name.

    As in Python's :mod:`agent.model.embedded.at_import`: by name, through any number of functions,
    within the file alone.
    """
    functions = Names(source).functions
    found: set[int] = set()
    waiting: list[Node | None] = [None]
    named: set[str] = set()
    inside: dict[int, list[Node]] = {}
    for unit in units(source.tree):
        function = function_of(unit)
        inside.setdefault(function.start if function else -1, []).append(unit)
    while waiting:
        function = waiting.pop()
        for unit in inside.get(function.start if function else -1, []):
            found |= lines_of(unit)
            for node in header(unit):
                name = node.text if node.type == "identifier" else ""
                if name in functions and name not in named:
                    named.add(name)
                    waiting.append(functions[name])
    return frozenset(found)
