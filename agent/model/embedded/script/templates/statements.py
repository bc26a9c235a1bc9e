"""Statements that are too many, missing, or in the wrong place.

Follows "Missing Return", "Missing Break" and "Delete Statement" as TBar (Liu et al. 2019) lists
them, the initialiser, exit and range checkers of PAR (Kim et al. 2013), the copied code of GenProg
(Le Goues et al. 2012), and the missing returns that Hanam et al. (2016) mine from fixes of Node.js
programs.
"""

import re
from collections import Counter
from collections.abc import Iterator

from agent.model.embedded.script.site import Site
from agent.model.embedded.script.source import is_unit
from agent.model.embedded.script.syntax import LOOPS, SIMPLE, STATEMENTS, Node
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_INGREDIENTS = ("member_expression", "subscript_expression", "call_expression")
_MOST_COPIES, _MOST_LENGTH = 24, 80
_RESULT = re.compile(r"^return\s*;?$")


def _is_simple(unit: Node) -> bool:
    return unit.type in SIMPLE and not any(n.type == "statement_block" for n in unit.walk())


def delete(site: Site) -> Iterator[Change]:
    """The statement goes, or its condition goes and what it guards stays."""
    unit = site.unit
    span = site.source.whole_lines(unit)
    if unit.type in STATEMENTS and unit.type not in ("switch_case", "class_declaration"):
        near = 0.8 if _is_simple(unit) else 0.4
        start, end = span or (unit.start, unit.end)
        if unit in site.block():
            yield one(Edit(start, end, ""), near)
        else:
            yield one(Edit(unit.start, unit.end, "{}"), 0.5 * near)
    if unit.type == "if_statement" and unit.get("alternative") is None:
        yield one(Edit(unit.start, unit.end, unit.part("consequence").text), 0.4)
    alternative = unit.get("alternative")
    if unit.type == "if_statement" and alternative is not None:
        yield one(Edit(unit.part("consequence").end, alternative.end, ""), 0.3)


def swap(site: Site) -> Iterator[Change]:
    """Two statements that follow each other change places."""
    block = site.block()
    place = block.index(site.unit) if site.unit in block else -1
    if 0 <= place < len(block) - 1:
        this, following = site.unit, block[place + 1]
        if _is_simple(this) and _is_simple(following):
            returns = "return_statement" in (this.type, following.type)
            first = Edit(this.start, this.end, following.text)
            second = Edit(following.start, following.end, this.text)
            yield (first, second), 0.2 if returns else 0.7


def move(site: Site) -> Iterator[Change]:
    """The statement leaves its block, to run before or after what holds it."""
    block = site.unit.parent
    holder = block.parent if block is not None else None
    if holder is None or holder.type not in ("if_statement", *LOOPS, "else_clause"):
        return
    holder = holder.parent if holder.type == "else_clause" else holder
    span = site.source.whole_lines(site.unit)
    if span is not None and holder is not None and "\n" not in site.unit.text:
        for late in (False, True):
            for edit in beside(site, holder, site.unit.text, late):
                yield (Edit(*span, ""), edit), 0.35


def beside(site: Site, anchor: Node, text: str, late: bool) -> Iterator[Edit]:
    """The edit that puts a line before or after a statement, at its indentation."""
    indent, span = site.source.indent(anchor), site.source.whole_lines(anchor)
    if indent is None or span is None:
        return
    newline = site.source.newline
    if late and not site.source.text[: span[1]].endswith("\n"):
        yield Edit(span[1], span[1], f"{newline}{indent}{text}")
    else:
        at = span[1] if late else span[0]
        yield Edit(at, at, f"{indent}{text}{newline}")


def missing_return(site: Site) -> Iterator[Change]:
    """``f(x)`` at the end of a block becomes ``return f(x)``; ``return x`` becomes ``x``."""
    unit = site.unit
    if unit.type == "expression_statement" and unit.named_children:
        block = site.block()
        last = not block or block[-1] is unit
        yield one(Edit(unit.start, unit.start, "return "), 0.6 if last else 0.15)
    elif unit.type == "return_statement" and unit.named_children:
        value = unit.named_children[0]
        if value.type == "call_expression":
            yield one(Edit(unit.start, value.start, ""), 0.3)


def returned(site: Site) -> Iterator[Change]:
    """What is given back becomes another visible name, ``!x``, ``[x]``, or what others give."""
    unit = site.unit
    if unit.type != "return_statement" and unit.type in STATEMENTS:
        return
    if unit.type == "return_statement" and not unit.named_children:
        for known in site.own():
            yield one(Edit(unit.start, unit.start + 6, f"return {known.name}"), 0.4)
        return
    node = unit.named_children[0] if unit.type == "return_statement" else unit
    for known in site.own():
        if known.name != node.text:
            yield one(site.put(node, known.name), 0.4)
    others = Counter(_results(site))
    for text, _ in others.most_common(8):
        if text != node.text:
            yield one(site.put(node, text), 0.4)
    for text, near in ((f"!{node.text}", 0.3), (f"[{node.text}]", 0.2), ("this", 0.15)):
        if node.type in ("identifier", "member_expression", "call_expression"):
            yield one(site.put(node, text), near)


def _results(site: Site) -> Iterator[str]:
    for node in site.neighbours():
        if node.type == "return_statement" and node.named_children:
            text = node.named_children[0].text
            if "\n" not in text and len(text) < _MOST_LENGTH:
                yield text


def insert_exit(site: Site) -> Iterator[Change]:
    """A way out is put before the statement: ``if (x == null) return …``, ``break``."""
    if site.unit not in site.block():
        return
    ways = list(dict.fromkeys(_ways_out(site)))
    for known in site.own()[:8]:
        name = known.name
        tests = [f"{name} == null", f"!{name}"]
        if known.kind == "number":
            tests = [f"{name} === 0", f"{name} <= 0", f"{name} < 0"]
        elif known.kind in ("list", "text"):
            tests = [f"{name}.length === 0", f"!{name}"]
        for test in tests:
            for way in ways[:5]:
                for edit in beside(site, site.unit, f"if ({test}) {way};", late=False):
                    yield one(edit, 0.4 if known.parameter else 0.25)
    for way in ways:
        if way in ("break", "continue") or _RESULT.match(way):
            for edit in beside(site, site.unit, f"{way};", late=True):
                yield one(edit, 0.4)


def _ways_out(site: Site) -> Iterator[str]:
    loop = site.loop()
    if loop is not None:
        yield "continue"
        yield "break"
    if any(outer.type == "switch_case" for outer in site.unit.ancestors()):
        yield "break"
    yield from (f"return {text}" for text in dict.fromkeys(_results(site)))
    yield from ("return", "return null", "return false", "return ''", "return []", "return 0")


def insert_copy(site: Site) -> Iterator[Change]:
    """A simple statement of this function, or one like it, is put before or after this one."""
    if site.unit not in site.block():
        return
    written: Counter[str] = Counter()
    for node in site.source.tree.walk():
        if is_unit(node) and _is_simple(node) and len(node.text) < _MOST_LENGTH:
            near = site.function.start <= node.start < site.function.end
            written[node.text] += 10 if near else 1
    block_texts = {unit.text for unit in site.block()}
    for text, count in written.most_common(_MOST_COPIES):
        if text.startswith(("const ", "let ", "class ", "import ")) or text in block_texts:
            continue
        for late in (False, True):
            for edit in beside(site, site.unit, text, late):
                yield one(edit, 0.6 if count >= 10 else 0.25)


def insert_update(site: Site) -> Iterator[Change]:
    """A name is counted on, filled or bound anew beside the statement."""
    if site.unit not in site.block():
        return
    names = [known for known in site.own() if not known.constant and not known.parameter]
    end = ";" if ";" in site.source.text else ""
    for known in site.own()[:10]:
        forms: list[tuple[str, float]] = []
        if known.kind == "number" and not known.constant:
            forms = [(f"{known.name}++", 0.5), (f"{known.name}--", 0.3)]
        elif known.kind == "list":
            others = [k.name for k in site.own() if k.kind not in ("list", "function")]
            forms = [(f"{known.name}.push({other})", 0.4) for other in others[:5]]
        elif known in names:
            others = [k.name for k in site.own() if k is not known]
            forms = [(f"{known.name} = {other}", 0.2) for other in others[:4]]
        for text, near in forms:
            for late in (False, True):
                for edit in beside(site, site.unit, text + end, late):
                    yield one(edit, near)


def ingredient(site: Site) -> Iterator[Change]:
    """An expression becomes another one of the function, of the same kind of value."""
    pool: dict[str, Node] = {}
    for node in site.neighbours():
        short = node.end - node.start < _MOST_LENGTH and "\n" not in node.text
        if short and node.type in _INGREDIENTS and node.role != "function":
            pool.setdefault(node.text, node)
    for node in site.expressions:
        if node.type in ("identifier", "member_expression", "subscript_expression", "number"):
            if node.role in ("function", "left", "property"):
                continue
            kind = site.kind(node)
            for text, other in list(pool.items())[:40]:
                if text != node.text and site.kind(other) == kind:
                    yield one(site.put(node, text), 0.5 if kind else 0.3)
