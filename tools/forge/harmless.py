"""Foreign text inside what we write on a forge: it notifies nobody, closes nothing, loads nothing.

Test names, output, the model's words and the issue's title end up in pull requests, comments and
commit messages. There ``@name`` notifies, ``Fixes #1`` closes, an image is loaded by the reader's
browser, and HTML or a fence that is not closed swallows what follows.
https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

import re
from collections.abc import Iterator

from tools.forge.visible import visible_line

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(`+)[^`]+\1(?!`)")
_BREAK = "&#8203;"
"""A zero-width space, spelled so that a reader of the source sees it."""
_RULES = (
    (re.compile(r"&(?!#8203;)"), "&amp;"),
    (re.compile(r"<"), "&lt;"),
    (re.compile(r"!\["), f"!{_BREAK}["),
    (re.compile(r"\]([(\[:])"), rf"]{_BREAK}\1"),
    (re.compile(r"@(?=[\w-])"), f"@{_BREAK}"),
    (re.compile(r"(?<!&)#(?=\d)"), f"#{_BREAK}"),
    (re.compile(r"\b(GH-)(?=\d)", re.IGNORECASE), rf"\1{_BREAK}"),
    (re.compile(r"://"), f":{_BREAK}//"),
    (re.compile(r"\b(www)\.", re.IGNORECASE), rf"\1{_BREAK}."),
)


def harmless_markdown(text: str) -> str:
    """Markdown whose code stays code and whose prose is only text; headings and tables stay."""
    fence = ""
    out = []
    for line, code, fence in _lines(text.replace("\r", "")):  # noqa: B007 - the last is needed
        out.append(line if code else _prose(line))
    return "\n".join([*out, fence] if fence else out)


def cut(text: str, length: int) -> str:
    """The beginning of a Markdown text, with the fence closed that the cut leaves open."""
    if len(text) <= length:
        return text
    fence = ""
    for _, _, fence in _lines(text[:length]):  # noqa: B007 - the last is needed
        pass
    return f"{text[:length]}\n{fence}\n\n… (cut)"


def _lines(text: str) -> Iterator[tuple[str, bool, str]]:
    """Each line, whether it is code or a fence, and the fence that is open after it."""
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        code = bool(fence or found)
        if not fence:
            fence = found[1] if found else ""
        elif found and found[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        yield line, code, fence


def fenced(text: str, language: str = "text") -> str:
    """Text in a fence that it cannot leave."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def harmless_line(text: str, width: int = 72) -> str:
    """One line for titles and commit messages, which know no escapes; at most ``width`` long."""
    line = visible_line(text).text
    line = re.sub(r"#(?=\d)", "# ", line)
    line = re.sub(r"\b(GH)-(?=\d)", r"\1 ", line, flags=re.IGNORECASE)
    line = re.sub(r"@(?=[\w-])", "@ ", line).replace("://", ": //").replace("`", "'")
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def _prose(line: str) -> str:
    out = []
    at = 0
    for code in _CODE.finditer(line):
        out += [_text(line[at : code.start()]), code.group()]
        at = code.end()
    return "".join([*out, _text(line[at:])])


def _text(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    # A backtick that is left over could open code that swallows what follows.
    return text.replace("`", "&#96;")
