"""Foreign text inside what we write on a forge: it notifies nobody, closes nothing, loads nothing.

Test names, output, the model's words and the issue's title end up in pull requests, comments and
commit messages. There ``@name`` notifies, ``Fixes #1`` closes, an image is loaded by the reader's
browser, and HTML or a fence that is not closed swallows what follows.
https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

import re

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
    out: list[str] = []
    fence = ""
    for line in text.replace("\r", "").split("\n"):
        found = _FENCE.match(line)
        if fence:
            out.append(line)
            if found and found[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif found:
            fence = found[1]
            out.append(line)
        else:
            out.append(_prose(line))
    return "\n".join([*out, fence] if fence else out)


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
