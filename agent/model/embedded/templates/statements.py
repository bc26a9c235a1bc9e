"""Statements that are surplus, or in the wrong place.

Follows GenProg (Le Goues et al. 2012: delete, swap) and "Remove Buggy Statement" and "Move
Statement" of TBar (Liu et al. 2019); what always runs, the conditions that Kali (Qi et al. 2015)
and SPR (Long and Rinard 2015) set to true.
"""

import ast
from collections.abc import Iterator

from agent.model.embedded.known import NESTED
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import SIMPLE, Change, line_beside, one


def delete(site: Site) -> Iterator[Change]:
    """The statement goes."""
    span = site.source.whole_lines(site.statement)
    if isinstance(site.statement, (ast.Pass, *NESTED)) or span is None:
        return
    closeness = 0.5 if isinstance(site.statement, SIMPLE) else 0.2
    if len(site.block()) == 1:
        edit = site.source.start(site.statement), site.source.end(site.statement)
        yield one(Edit(*edit, "pass"), closeness)
    else:
        yield one(Edit(*span, ""), closeness)


def swap_statements(site: Site) -> Iterator[Change]:
    """Two statements that follow each other change places."""
    block = site.block()
    place = block.index(site.statement) if site.statement in block else -1
    if 0 <= place < len(block) - 1:
        this, following = site.statement, block[place + 1]
        if isinstance(following, SIMPLE) and isinstance(this, SIMPLE):
            first = Edit(
                site.source.start(this), site.source.end(this), site.source.segment(following)
            )
            second = Edit(
                site.source.start(following),
                site.source.end(following),
                site.source.segment(this),
            )
            returns = isinstance(this, ast.Return) or isinstance(following, ast.Return)
            yield (first, second), 0.2 if returns else 0.7


def move_statement(site: Site) -> Iterator[Change]:
    """The statement leaves its block, to run before or after it."""
    parent = site.parent(site.statement)
    span = site.source.whole_lines(site.statement)
    if not isinstance(parent, ast.If | ast.For | ast.While) or span is None:
        return
    if len(site.block()) < 2 or not isinstance(site.statement, SIMPLE):
        return
    text = site.source.segment(site.statement)
    if "\n" not in text:
        for late in (False, True):
            for edit in line_beside(site, parent, text, late):
                yield (Edit(*span, ""), edit), 0.3


def unconditional(site: Site) -> Iterator[Change]:
    """What stands under ``if`` always runs."""
    statement = site.statement
    span, indent = site.source.whole_lines(statement), site.source.indent(statement)
    if not isinstance(statement, ast.If) or statement.orelse or span is None or indent is None:
        return
    inner = site.source.indent(statement.body[0])
    if inner is None or not inner.startswith(indent) or _spans_lines(statement):
        return
    first = site.source.starts[site.source.first_line(statement.body[0]) - 1]
    lines = site.source.text[first : span[1]].split("\n")
    text = "\n".join(indent + line.removeprefix(inner) if line.strip() else line for line in lines)
    yield one(Edit(*span, text), 0.6)


def _spans_lines(statement: ast.stmt) -> bool:
    """Whether some text in a statement goes over several lines, so that its margin counts."""
    return any(
        isinstance(node, ast.Constant | ast.JoinedStr) and node.lineno != node.end_lineno
        for node in ast.walk(statement)
    )
