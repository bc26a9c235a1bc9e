"""Which statements to change first, from coverage, stack traces and the words of the task.

As in Python's :mod:`agent.model.embedded.localise` the base is the score of a statement's lines
(tools/checks/suspicious.py); what failing tests ran, stack traces and the kind of statement decide
where lines score alike. Where no run has shown lines, all functions count, those that the task or
the failing tests' titles name first.
"""

import re
from collections.abc import Sequence

from agent.model.embedded.localise import is_test_file, places_of
from agent.model.embedded.observe import Broken, Suspect
from agent.model.embedded.script.names import Names
from agent.model.embedded.script.observe import SUFFIXES, frames
from agent.model.embedded.script.site import Site
from agent.model.embedded.script.source import Source, header, name_of, units
from agent.model.embedded.script.syntax import FUNCTIONS, Node

_UNKNOWN, _TRACED, _NAMED = 0.5, 0.8, 0.9
_OUTSIDE = frozenset(("node_modules", "dist", "vendor", "coverage", ".yarn", "bower_components"))
_KINDS = {
    "class_declaration": 0.1,
    "export_statement": 0.1,
    "function_declaration": 0.15,
    "generator_function_declaration": 0.15,
    "try_statement": 0.2,
    "labeled_statement": 0.2,
    "throw_statement": 0.4,
    "break_statement": 0.5,
    "continue_statement": 0.5,
}
_PLAIN = frozenset(("number", "string", "array", "object", "true", "false", "null"))


def files_of(suspects: Sequence[Suspect], broken: Sequence[Broken]) -> list[str]:
    """The scripts to look at, most suspicious first."""
    scores: dict[str, float] = {}
    for suspect in suspects:
        if is_repairable(suspect.path):
            scores[suspect.path] = max(scores.get(suspect.path, 0.0), suspect.score)
    if not scores:
        scores = {path: _TRACED for test in broken for path, _ in frames(test.message)}
    ordered = sorted(scores, key=lambda path: (-scores[path], path))
    return [path for path in ordered if is_repairable(path)]


def is_repairable(path: str) -> bool:
    """Whether a path is that of a script which somebody wrote here, and which is no test."""
    outside = path.startswith(("/", "..", "node:")) or _OUTSIDE & set(path.split("/"))
    written = path.endswith(SUFFIXES) and not path.endswith((".d.ts", ".min.js"))
    return written and not outside and not is_test_file(path)


def sites(
    sources: Sequence[Source],
    suspects: Sequence[Suspect],
    broken: Sequence[Broken],
    words: frozenset[str],
) -> list[Site]:
    """The statements that failing tests ran or may have run, most suspicious first."""
    own = {source.path for source in sources}
    scores = {(s.path, s.line): s.score for s in suspects if s.path in own}
    top = max(scores.values(), default=1.0) or 1.0
    paths = [source.path for source in sources]
    deepest, passed = places_of(paths, [frames(test.message) for test in broken])
    said = words | {word for test in broken for word in re.findall(r"\w+", test.name)}
    found = []
    for source in sources:
        names = Names(source)
        for unit in units(source.tree):
            site = Site(source, names, unit)
            places = {(source.path, line) for line in lines_of(unit)}
            score = max(scores.get(place, 0.0) for place in places) / top
            if not scores:
                score = _TRACED if places & passed else _UNKNOWN
            usual = _usual(unit)
            if score <= 0 or usual <= 0:
                continue
            traced = 1.0 if places & deepest else 0.82
            named = 1.0 if _names_of(site.function) & said else _NAMED
            site.suspicion = score * traced * usual * named
            found.append(site)
    return sorted(found, key=lambda s: (-s.suspicion, s.source.path, s.unit.start))


def lines_of(unit: Node) -> set[int]:
    """The lines that the statement's own code stands on."""
    found = {unit.line}
    for node in header(unit):
        # What a callback does is not what the call that it is given to does.
        if node.type not in FUNCTIONS and not any(c.type == "statement_block" for c in node.walk()):
            found.update(range(node.line, node.last + 1))
    return found


def _usual(unit: Node) -> float:
    """How often statements of this kind are wrong, beside the others."""
    inner = unit.named_children
    if unit.type == "expression_statement" and inner and inner[0].type == "string":
        return 0.0  # 'use strict'
    if unit.type in ("lexical_declaration", "variable_declaration"):
        values = [d.get("value") for d in inner if d.type == "variable_declarator"]
        if all(value is None or value.type in _PLAIN for value in values):
            return 0.75
        if all(value is not None and value.type in FUNCTIONS for value in values):
            return 0.1
        if all(value is not None and value.text.startswith("require(") for value in values):
            return 0.05
    return _KINDS.get(unit.type, 1.0)


def _names_of(function: Node) -> set[str]:
    outer = [node for node in function.ancestors() if node.type in FUNCTIONS]
    return {name_of(node) for node in (function, *outer)} - {""}
