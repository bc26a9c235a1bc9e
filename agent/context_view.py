"""What a person sees of an index and of a pack."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column, Table
from rich.text import Text

from agent.narration import one_line
from tools.code.index import Index
from tools.code.pack import Pack, Piece, Section

_BAR = 50
_LEFT_OUT = 10
_PATH = 60
_COLOURS = {
    Section.SKELETON: "blue",
    Section.CODE: "green",
    Section.TESTS: "yellow",
    Section.FIXES: "magenta",
    Section.LEFT_OUT: "cyan",
}


@contextmanager
def progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A bar for the files that are parsed; it goes away in the end."""
    columns = (TextColumn("parsing"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_pack(console: Console, packed: Pack, index: Index, *, estimated: bool) -> None:
    """A table of the pieces, how the budget is spent, and what is left out."""
    table = Table(
        Column("file", overflow="fold"), "lines", Column("shown", overflow="fold"),
        Column("tokens", justify="right"), "because of",
        box=None, pad_edge=False,
    )  # fmt: skip
    for file in packed.files:
        for number, piece in enumerate(file.pieces):
            name = one_line(file.path, _PATH) if number == 0 else ""
            table.add_row(
                escape(name),
                f"{piece.first}-{piece.last}",
                escape(one_line(f"{piece.tier} {piece.name}", _PATH)),
                f"{piece.tokens:,}",
                escape(_reasons(piece)),
            )
    console.print(table)
    console.print()
    console.print(_budget(packed))
    how = "estimated" if estimated else "counted by the server"
    console.print(f"{packed.tokens:,} of {packed.budget:,} tokens, {how}")
    if packed.left_out:
        console.print(f"\nleft out, likeliest first ({len(packed.left_out):,} in all):")
    for one in packed.left_out[:_LEFT_OUT]:
        what = f"{one.path} {one.name}".strip()
        console.print(f"  {escape(one_line(what, 100))}, about {one.tokens:,} tokens")
    if index.kept_out:
        console.print(f"\nkept out of the index: {_kept_out(index)}")


def show_index(console: Console, index: Index) -> None:
    """How much is in an index, by language, and what is not."""
    files: Counter[str] = Counter()
    definitions: Counter[str] = Counter()
    for outline in index.outlines.values():
        language = outline.language or "text"
        files[language] += 1
        definitions[language] += len(outline.definitions)
    table = Table(
        "language",
        Column("files", justify="right"),
        Column("definitions", justify="right"),
        box=None,
        pad_edge=False,
    )
    for language, count in sorted(files.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(language, f"{count:,}", f"{definitions[language]:,}")
    console.print(table)
    if index.kept_out:
        console.print(f"kept out: {_kept_out(index)}")
    troubled = [path for path, outline in index.outlines.items() if outline.trouble]
    for path in troubled[:_LEFT_OUT]:
        console.print(f"{escape(one_line(path, _PATH))}: {index.outlines[path].trouble}")
    if len(troubled) > _LEFT_OUT:
        console.print(f"and {len(troubled) - _LEFT_OUT:,} more files with such troubles")


def _budget(packed: Pack) -> Text:
    """A bar as long as the budget, with a stretch for each section, and their names."""
    bar, names = Text(), Text()
    spent = 0
    for section, tokens in packed.sections.items():
        if tokens:
            share = round(_BAR * tokens / max(1, packed.budget))
            spent += share
            bar.append("█" * share, style=_COLOURS[section])
            names.append(f"  {section} {tokens:,}", style=_COLOURS[section])
    bar.append("░" * max(0, _BAR - spent), style="dim")
    return bar + names


def _reasons(piece: Piece) -> str:
    return ", ".join(name for name, _ in piece.signals[:3])


def _kept_out(index: Index) -> str:
    reasons = Counter(index.kept_out.values())
    told = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {reason}" for reason, count in told)
