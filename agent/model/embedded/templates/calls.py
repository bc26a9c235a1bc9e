"""Arguments in the wrong order, too few, too many, or wrong.

Follows "Swap Arguments" and "Same Function More/Less Args" of ManySStuBs4J (Karampatsis and Sutton
2020) and the parameter replacer, adder and remover of PAR (Kim et al. 2013).
"""

import ast
from collections.abc import Iterator
from itertools import combinations

from agent.model.embedded.kinds import compatible
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Edit
from agent.model.embedded.templates.base import Change, one

_USUAL_EXTRA = {
    "pop": ("0", "-1"),
    "get": ("0", "None"),
    "enumerate": ("1",),
    "sorted": ("reverse=True",),
    "sort": ("reverse=True",),
    "split": ("' '",),
    "max": ("default=0",),
    "min": ("default=0",),
    "int": ("2",),
}


def swap_arguments(site: Site) -> Iterator[Change]:
    """``f(a, b)`` becomes ``f(b, a)``; pairs in tuples and indices likewise."""
    for node in site.expressions:
        match node:
            case ast.Call(func=ast.Name(id="max" | "min")):
                continue
            case ast.Call(args=items):
                closeness = 0.9
            case ast.Tuple(elts=items) if isinstance(site.parent(node), ast.Subscript):
                closeness = 0.8
            case ast.Tuple(elts=items, ctx=ast.Load()) | ast.List(elts=items, ctx=ast.Load()):
                closeness = 0.5
            case _:
                continue
        for left, right in list(combinations(items[:4], 2)):
            if not any(isinstance(item, ast.Starred | ast.Constant) for item in (left, right)):
                near = compatible(site.kind(left), site.kind(right))
                edits = site.put(left, site.text(right)), site.put(right, site.text(left))
                yield edits, closeness * near


def argument(site: Site) -> Iterator[Change]:
    """An argument becomes what stands at its place in other calls of the same function."""
    calls = [n for n in site.neighbours().values() if isinstance(n, ast.Call)]
    for node in site.expressions:
        if not isinstance(node, ast.Call):
            continue
        name = site.written(node.func)
        for place, given in enumerate(node.args):
            for other in calls:
                if site.written(other.func) == name and place < len(other.args):
                    text = site.written(other.args[place])
                    if text != site.written(given):
                        yield one(site.put(given, text), 0.5)


def recursive_argument(site: Site) -> Iterator[Change]:
    """A call of the function itself passes on less: ``x`` becomes ``x[1:]`` or ``x - 1``.

    The forms are those that other arguments have already, with the name put in.
    """
    for call in site.expressions:
        if not isinstance(call, ast.Call) or not site.calls_itself(call):
            continue
        forms = _forms(site)
        shrinking = {site.kind(g) for g in call.args if not isinstance(g, ast.Name)}
        for given in call.args:
            if isinstance(given, ast.Name):
                kind = site.kind(given)
                for form, shape in forms.items():
                    near = compatible(kind, shape)
                    usual = 0.9 if not shrinking else 0.65 if shape in shrinking else 0.2
                    usual *= 0.4 if kind and shape == "number" and shrinking else 1.0
                    yield one(site.put(given, form.replace("_", given.id)), usual * near)


def _forms(site: Site) -> dict[str, str]:
    usual = {"_[1:]": "list", "_ - 1": "number", "_[:-1]": "list", "_ // 2": "number"}
    return {**_used_forms(site), **usual}


def _used_forms(site: Site) -> dict[str, str]:
    """Shapes such as ``_[1:]`` that arguments of the function's own calls have."""
    found: dict[str, str] = {}
    for call in site.neighbours().values():
        if isinstance(call, ast.Call) and site.calls_itself(call):
            for given in call.args:
                match given:
                    case ast.BinOp(left=ast.Name(id=name)):
                        shape = "number"
                    case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice()):
                        shape = "list"
                    case _:
                        continue
                text = site.written(given)
                if "_" not in text:
                    found["_" + text[len(name) :]] = shape
    return found


def more_arguments(site: Site) -> Iterator[Change]:
    """A call gets an argument that its function takes and that it leaves out."""
    for node in site.expressions:
        if not isinstance(node, ast.Call):
            continue
        name = _called(node) or site.written(node.func)
        end = site.source.end(node) - 1
        comma = ", " if node.args or node.keywords else ""
        for text in _USUAL_EXTRA.get(name, ()):
            yield one(Edit(end, end, comma + text), 0.4)
        if name == "range" and len(node.args) == 1:
            start = site.source.start(node.args[0])
            yield one(Edit(start, start, "1, "), 0.6)
        known = {known.name for known in site.visible(node)}
        if site.missing and known.issuperset(site.missing):
            yield one(Edit(end, end, comma + ", ".join(site.missing)), 1.2)
        missing = _missing(site, name, node)
        if missing or site.missing:
            for text, score in site.choices(node, wanted="")[:4]:
                yield one(Edit(end, end, comma + text), 0.7 * score)
        elif name == "zip":
            for text, score in site.choices(node, wanted="list")[:4]:
                yield one(Edit(end, end, comma + text), 0.6 * score)
        for text, closeness in _by_keyword(site, name, node, missing, known):
            yield one(Edit(end, end, comma + text), closeness)


def _missing(site: Site, name: str, call: ast.Call) -> list[str]:
    """The parameters of the file's function of that name that a call leaves out."""
    for node in site.source.functions:
        if node.name == name:
            taken = [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
            taken = [*taken[len(call.args) :], *(a.arg for a in node.args.kwonlyargs)]
            return [one for one in taken if one not in {given.arg for given in call.keywords}]
    return []


def _by_keyword(
    site: Site, name: str, call: ast.Call, missing: list[str], known: set[str]
) -> Iterator[tuple[str, float]]:
    """A parameter that has the name of a variable here, or that other calls give a value."""
    for parameter in missing:
        if parameter in known:
            yield f"{parameter}={parameter}", 1.0
    given = {keyword.arg for keyword in call.keywords}
    for other in site.source.calls:
        if other is call or _called(other) != name:
            continue
        for keyword in other.keywords:
            if keyword.arg and keyword.arg not in given:
                if keyword.arg in known:
                    yield f"{keyword.arg}={keyword.arg}", 0.6
                if isinstance(keyword.value, ast.Constant):
                    yield f"{keyword.arg}={site.written(keyword.value)}", 0.5


def _called(call: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def fewer_arguments(site: Site) -> Iterator[Change]:
    """A call loses an argument."""
    for node in site.expressions:
        if isinstance(node, ast.Call) and len(node.args) + len(node.keywords) > 1:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            start, end = site.source.start(given[0]), site.source.end(node)
            texts = [site.source.segment(a) for a in node.args]
            texts += [f"{k.arg}={site.source.segment(k.value)}" for k in node.keywords if k.arg]
            for place in range(len(texts)):
                if not node.keywords:
                    kept = ", ".join(texts[:place] + texts[place + 1 :])
                    yield one(Edit(start, end, f"{kept})"), 0.3)
