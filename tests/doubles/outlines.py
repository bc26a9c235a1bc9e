"""Outlines as text, so that a golden one can be read and a difference be seen."""

from tools.code.outline import Outline


def show(outline: Outline) -> str:
    """One line for what it is, one for each import and each definition, inner ones indented."""
    depths: list[int] = []
    lines = [f"{outline.language or 'text'}, {outline.lines} lines {outline.trouble}".rstrip()]
    lines += [f"import {name}" for name in outline.imports]
    for one in outline.definitions:
        depths.append(depths[one.parent] + 1 if one.parent >= 0 else 0)
        lines.append(
            f"{'    ' * depths[-1]}{one.start}-{one.end} body {one.body}: {one.kind} "
            f"{one.qualified} | {one.signature} | {one.docstring}".rstrip(" |")
        )
    return "\n".join(lines) + "\n"
