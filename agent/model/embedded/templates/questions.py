"""Questions that are asked elsewhere in the file and not here.

Follows "More Specific If" and "Less Specific If" of ManySStuBs4J (Karampatsis and Sutton 2020) with
the ingredients of CapGen (Wen et al. 2018), which finds them by the names that places share.
"""

import ast
import builtins
from collections.abc import Iterator

from agent.model.embedded.precedence import fit
from agent.model.embedded.site import Site
from agent.model.embedded.templates.base import Change, conditions, one

_OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_LONGEST = 60
"""Characters of a question that is put elsewhere."""


def elsewhere(site: Site) -> Iterator[Change]:
    """A question that another function of the file asks joins the condition, or its opposite."""
    bound = {*site.scope.all_known(), *dir(builtins)}
    here = {site.written(node) for node in site.neighbours().values()}
    asked = [node for node in site.source.questions if _is_known(node, bound)]
    for node in conditions(site):
        tokens = _names_of(node)
        for question in asked:
            text = site.written(question)
            if text in here or len(text) > _LONGEST:
                continue
            shared = len(tokens & _names_of(question)) / max(1, len(_names_of(question)))
            near = 0.3 + 0.5 * shared
            for fact in (text, _opposite(question)):
                yield one(site.put(node, f"{site.text(node, 5)} and {fit(fact, 5)}"), near)
                yield one(site.put(node, f"{site.text(node, 4)} or {fit(fact, 4)}"), 0.7 * near)


def _names_of(node: ast.expr) -> set[str]:
    return {
        name
        for inner in ast.walk(node)
        for name in (getattr(inner, "id", ""), getattr(inner, "attr", ""))
        if name not in ("", "self")
    }


def _is_known(node: ast.expr, bound: set[str]) -> bool:
    """Whether every name of a question has a value here; ``self`` where there is one."""
    return all(inner.id in bound for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _opposite(question: ast.expr) -> str:
    """The question that is answered the other way round."""
    match question:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return ast.unparse(inner)
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPPOSITES:
            return f"{ast.unparse(left)} {_OPPOSITES[type(sign)]} {ast.unparse(right)}"
    return f"not {fit(ast.unparse(question), 6)}"
