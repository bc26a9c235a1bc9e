"""The part of a Markdown text that its reader sees; what only a machine would read is left out.

Rules of what is rendered: https://github.github.com/gfm/ (HTML blocks §4.6, link reference
definitions §4.7, raw HTML §6.10). Code is left as it is, except that characters that cannot be
seen are spelled out in it. ``<details>`` stays: a reader can open it.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

_LONG = 4_000
"""Characters that a link, a tag or a piece of code in a line may have; a bound on the work."""
_START = re.compile(r"<!--|`+")
_NESTED = r"(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*"
_IMAGE = re.compile(rf"!\[{_NESTED}\](?:\([^()]{{0,{_LONG}}}\)|\[[^\[\]]{{0,999}}\])?", re.DOTALL)
_HTML_IMAGE = re.compile(rf"<img\b[^<>]{{0,{_LONG}}}>", re.IGNORECASE)
_TITLE = rf"(?:\"[^\"]{{0,{_LONG}}}\"|'[^']{{0,{_LONG}}}'|\([^()]{{0,{_LONG}}}\))"
_LINK_TITLE = re.compile(rf"(\]\([^\s()<>]{{1,{_LONG}}})\s+{_TITLE}\s*\)")
_DEFINITION = re.compile(r"^ {0,3}\[((?:[^\]\\]|\\.){1,999})\]:[ \t]*(\S+).*$", re.MULTILINE)
_TAG = re.compile(
    r"<(a|abbr|b|blockquote|br|code|dd|del|details|div|dl|dt|em|font|h[1-6]|hr|i|input|ins|kbd|li|ol|p|"
    r"picture|pre|q|s|samp|source|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|"
    r"tt|ul|var|video)\s+[^<>]{0,4000}?(/?)>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class Visible:
    """A text as its reader sees it."""

    text: str
    hidden: tuple[str, ...]
    """Kinds of hidden content that were left out, each once."""


def visible(markdown: str) -> Visible:
    """Leave out of a Markdown text what its rendered form does not show."""
    hidden: dict[str, None] = {}
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    lines = text.split("\n")
    out: list[str] = []
    open_comment = False
    for kind, first, last in _parts(text, len(lines)):
        piece = "\n".join(lines[first:last])
        if open_comment:
            _, end, piece = piece.partition("-->")
            hidden["an HTML comment"] = None
            if not end:
                continue
            open_comment = False
        if kind == "html":
            piece, open_comment = _without_comments(piece, hidden)
        out.append(_code(piece) if kind == "code" else _prose(piece, hidden))
    return Visible("\n".join(out), tuple(hidden))


def visible_line(text: str) -> Visible:
    """The same for one line that is no Markdown, a title for example."""
    kept = "".join(char for char in text if not _unseen(char))
    hidden = ("characters that cannot be seen",) if kept != text else ()
    return Visible(" ".join(kept.split()), hidden)


def _parts(text: str, lines: int) -> Iterator[tuple[str, int, int]]:
    """Kind, first line and the line after the last, of everything from the top to the end."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    kinds = {"fence": "code", "code_block": "code", "html_block": "html", "inline": "prose"}
    at = 0
    for token in parser.parse(text):
        if token.map is None or token.type not in kinds:
            continue
        first, last = max(token.map[0], at), min(token.map[1], lines)
        if first >= last:
            continue
        if first > at:
            yield "prose", at, first
        yield kinds[token.type], first, last
        at = last
    if at < lines:
        yield "prose", at, lines


def _without_comments(piece: str, hidden: dict[str, None]) -> tuple[str, bool]:
    """A comment in HTML does not end with its block: it hides all up to its end, or for ever."""
    out = []
    while "<!--" in piece:
        hidden["an HTML comment"] = None
        before, _, piece = piece.partition("<!--")
        out.append(before)
        _, end, piece = piece.partition("-->")
        if not end:
            return "".join(out), True
    return "".join([*out, piece]), False


def _prose(piece: str, hidden: dict[str, None]) -> str:
    out = []
    at = 0
    last_end = piece.rfind("-->")
    # A comment may hold backticks, and code may hold what looks like a comment: the first one wins.
    while start := _START.search(piece, at):
        out.append(_plain(piece[at : start.start()], hidden))
        if start.group() != "<!--":
            at = _end_of_code(piece, start)
            out.append(_code(piece[start.start() : at]))
        elif last_end >= start.end():
            at = piece.index("-->", start.end()) + 3
            hidden["an HTML comment"] = None
        else:
            at = start.end()
            out.append(start.group())
    out.append(_plain(piece[at:], hidden))
    return "".join(out)


def _end_of_code(piece: str, start: re.Match[str]) -> int:
    """Behind the backticks that close a piece of code; behind those that open it if none do."""
    closing = re.compile(rf"(?<!`){start.group()}(?!`)")
    end = closing.search(piece, start.end(), start.end() + _LONG)
    return end.end() if end else start.end()


def _plain(text: str, hidden: dict[str, None]) -> str:
    rules: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str], str], ...] = (
        (_IMAGE, "[image]", "the text of an image"),
        (_HTML_IMAGE, "[image]", "the text of an image"),
        (_LINK_TITLE, r"\1)", "the title of a link"),
        (_DEFINITION, r"[\1]: \2", "the title of a link"),
        (_TAG, r"<\1\2>", "attributes of HTML"),
        (_ENTITY, _entity, "characters that cannot be seen"),
    )
    for pattern, replacement, what in rules:
        changed = pattern.sub(replacement, text)
        if changed != text:
            hidden[what] = None
            text = changed
    kept = "".join(char for char in text if not _unseen(char))
    if kept != text:
        hidden["characters that cannot be seen"] = None
    return kept


def _entity(found: re.Match[str]) -> str:
    """An entity as it is written, unless what it stands for cannot be seen."""
    stands_for = html.unescape(found.group())
    return "" if stands_for and all(map(_unseen, stands_for)) else found.group()


def _code(text: str) -> str:
    return "".join(f"<U+{ord(char):04X}>" if _unseen(char) else char for char in text)


def _unseen(char: str) -> bool:
    """Whether a character leaves no mark: control, format (zero-width, bidi, tags), variation."""
    if char in "\n\t":
        return False
    code = ord(char)
    if 0xFE00 <= code <= 0xFE0E or 0xE0100 <= code <= 0xE01EF or code in _BLANK_LETTERS:
        return True
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")


_BLANK_LETTERS = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
"""Letters and signs that Unicode calls letters, marks or symbols and that show nothing."""
