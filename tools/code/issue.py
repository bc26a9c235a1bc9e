"""What an issue's text points at: words, names, paths, stack frames. Text in, data out."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

from tools.code.frames import Frame, find_frames
from tools.code.words import words

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]{1,200})`")
_LINK = re.compile(r"\bhttps?://[^\s)>\]\"']+")
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]{0,99}")
# Each begins where no such thing can be under way, and has a bound: linear on any text.
_DOTTED = re.compile(
    r"(?<![\w$.])[A-Za-z_$][\w$]{0,99}+(?:(?:\.|::|->|#|\\)[A-Za-z_$][\w$]{0,99}+){1,20}+"
)
_PATH = re.compile(
    r"(?<![\w.+~/-])[\w.+~-]{0,100}+(?:/[\w.+~@-]{1,100}+){1,30}+"
    r"|(?<![\w.+-])[\w+-]{1,100}\.[A-Za-z]{1,5}\b"
)

_INLINE_CODE, _CALLED, _CODE_LIKE, _BLOCK, _PROSE = 1.0, 0.8, 0.8, 0.4, 0.1
"""How much one occurrence says that a name is what the issue is about, by where it stands."""
_TITLE = 2.0
"""How much more one says that stands in the title."""

_TEXT = 60_000
_TITLE_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as the signals read it."""

    text: str
    title: str
    terms: Mapping[str, float]
    """Words, as :func:`tools.code.words.words` makes them, with how much each counts."""
    title_terms: Mapping[str, float]
    """Those of the title alone."""
    prose_terms: Mapping[str, float]
    """Those outside code blocks."""
    names: Mapping[str, float]
    """Identifiers as written, with how surely each is meant as a name, 0 to 1."""
    dotted: tuple[str, ...]
    """Dotted names, their parts joined by ``.`` whatever stood between them."""
    paths: tuple[str, ...]
    """What looks like a path or a file's name."""
    frames: tuple[Frame, ...]
    """Stack frames, in the order of the text."""


def read_issue(text: str) -> Issue:
    """Take an issue apart; its first line is the title. Only its first 60,000 characters count."""
    text = _HIDDEN.sub(" ", text[:_TEXT])
    title = next((line.strip() for line in text.splitlines() if line.strip()), "")
    visible = _LINK.sub(_last_part, text)
    blocks = [match.group() for match in _FENCED.finditer(visible)]
    prose = _FENCED.sub("\n", visible)
    inline = _INLINE.findall(prose)
    return Issue(
        text=text,
        title=title,
        terms=_terms(title, visible),
        title_terms=_terms(title, ""),
        prose_terms=_terms(title, prose),
        names=_names(title, prose, inline, blocks),
        dotted=tuple(dict.fromkeys(_joined(match) for match in _DOTTED.findall(visible))),
        paths=tuple(dict.fromkeys(match.strip("./") for match in _PATH.findall(visible))),
        frames=tuple(find_frames(visible)),
    )


def _terms(title: str, visible: str) -> dict[str, float]:
    counts = Counter(words(visible))
    for word in words(title):
        counts[word] += _TITLE_WEIGHT
    return {word: 1 + log(count) for word, count in counts.items()}


def _names(title: str, prose: str, inline: list[str], blocks: list[str]) -> dict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for snippet in inline:
        for name in _NAME.findall(snippet):
            weights[name] += _INLINE_CODE
    for text, factor in ((title, _TITLE), (prose, 1.0)):
        for match in _NAME.finditer(text):
            called = text[match.end() : match.end() + 1] == "("
            code = _CALLED if called else _CODE_LIKE if _looks_like_code(match.group()) else _PROSE
            weights[match.group()] += factor * code
    for block in blocks:
        for name in _NAME.findall(block):
            weights[name] += _BLOCK
    return {name: 1 - exp(-weight) for name, weight in weights.items()}


def _looks_like_code(name: str) -> bool:
    """Whether it is in camel case or holds an underscore, as no word of prose does."""
    inner = name[1:]
    return "_" in name or (inner != inner.lower() and name != name.upper())


def _joined(dotted: str) -> str:
    return ".".join(_NAME.findall(dotted))


def _last_part(link: "re.Match[str]") -> str:
    """Of a link into a repository, the path it leads to; of any other, nothing."""
    path = re.search(r"/(?:blob|tree|raw)/[^/]+/(.+)", link.group())
    return f" {path[1].replace('#L', ':')} " if path else " "
