"""Import statements as plain names: ``from a.b import c`` gives ``a.b`` and ``a.b.c``.

Each function takes the text of one statement of its language.
"""

import re
from collections.abc import Iterator

_QUOTED = re.compile(r"""["'`<]([^"'`<>\n]+)["'`>]""")
_DOTTED = re.compile(r"[\w.*]+(?:\\[\w.*]+)*")
_LIMIT = 500


def python(text: str) -> list[str]:
    """``import a.b as c`` → a.b; ``from .a import b, c`` → .a, .a.b, .a.c; ``import *`` → a."""
    if "#" in text or "(" in text or "\\" in text:
        text = re.sub(r"#.*|[()\\]", " ", text)
    kind, _, rest = " ".join(text.split()).partition(" ")
    if kind == "import":
        return _firsts(rest)
    source, *names = re.split(r"\bimport\b", rest, maxsplit=1)
    source = source.replace(" ", "")
    found = _firsts("".join(names))
    joint = "" if source.endswith(".") else "."
    return [source, *(f"{source}{joint}{name}" for name in found if name != "*")]


def dotted(text: str) -> list[str]:
    """``import static a.b.C.d;`` → a.b.C.d; ``import a.b.*`` → a.b."""
    names = [
        name for name in _DOTTED.findall(text) if name not in ("import", "static", "as", "*", "_")
    ]
    return [names[0].removesuffix(".*").rstrip(".")] if names else []


def javascript(text: str) -> list[str]:
    """The module's name: ``import x from './a'``, ``export * from "b"``, ``require('c')``."""
    return _QUOTED.findall(text)[-1:]


def go(text: str) -> list[str]:
    """``f "fmt"`` → fmt."""
    return _QUOTED.findall(text)[-1:]


def quoted(text: str) -> list[str]:
    """The first quoted name; ``require_relative "a"`` gives ``./a``."""
    found = _QUOTED.findall(text)[:1]
    if text.startswith("require_relative") and found and not found[0].startswith("."):
        return [f"./{found[0]}"]
    return found


def include(text: str) -> list[str]:
    """``#include <stdio.h>`` → stdio.h."""
    return _QUOTED.findall(text)[:1]


def source(text: str) -> list[str]:
    """``source ./lib.sh`` and ``. lib.sh`` give the file's name without quotes."""
    parts = text.split()
    return [parts[1].strip("\"'")] if len(parts) > 1 else []


def c_sharp(text: str) -> list[str]:
    """``using static A.B;`` and ``using X = A.B;`` → A.B."""
    text = text.rpartition("=")[2] or text
    names = [
        name
        for name in re.findall(r"[\w.]+", text)
        if name not in ("global", "using", "static", "unsafe")
    ]
    return names[:1]


def php(text: str) -> list[str]:
    r"""``use A\B\{C, D as E};`` → A.B.C, A.B.D; ``require 'a.php'`` → a.php."""
    if not re.match(r"use\b", text):
        return _QUOTED.findall(text)[:1]
    text = re.sub(r"^use\s+(?:(?:function|const)\s+)?|;|\bas\s+\w+", " ", text)
    return [
        "".join(name.split()).strip("\\").replace("\\", ".")
        for name in _expand(text.replace(" ", ""))
    ]


def rust(text: str) -> list[str]:
    """``use a::{b::C, d as e};`` → a::b::C, a::d; ``mod m;`` → self::m; ``extern crate x`` → x."""
    text = re.sub(r"//.*", "", text)
    text = re.sub(r"^\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\s*\([^)]*\))?\s+)?", "", text).rstrip("; \n")
    kind, _, rest = text.partition(" ")
    if kind == "mod":
        return [f"self::{rest.strip()}"]
    rest = re.sub(r"^crate\s+(?!:)|\bas\s+\w+", "", rest.strip()) if kind == "extern" else rest
    rest = "".join(re.sub(r"\bas\s+\w+", "", rest).split())
    return [
        name.removesuffix("::self").removesuffix("::*").strip(":") for name in _expand(rest) if name
    ]


def scala(text: str) -> list[str]:
    """``import a.b.{C, D => E}, f._`` → a.b.C, a.b.D, f."""
    text = re.sub(r"^import\s+", "", text)
    text = "".join(re.sub(r"(?:=>|\bas\b)\s*[\w*]+", "", text).split())
    return [re.sub(r"\.(?:_|\*|given)$", "", name) for name in _expand(text) if name.strip("._*")]


def _firsts(text: str) -> list[str]:
    """The first word of each of several that are set apart by commas."""
    return [part.split()[0] for part in text.split(",") if part.strip()]


def _expand(text: str) -> Iterator[str]:
    """``a.{b,c.{d}}`` → a.b, a.c.d: braces multiplied out, at most some hundreds of names."""
    prefixes, prefix, given = [""], "", 0
    for part in re.split(r"([{},])", text):
        if part == "{":
            prefixes.append(prefixes[-1] + prefix)
            prefix = ""
        elif part in ("}", ","):
            if prefix:
                yield prefixes[-1] + prefix
                given += 1
            prefix = ""
            if part == "}" and len(prefixes) > 1:
                prefixes.pop()
        else:
            prefix = part
        if given > _LIMIT or len(prefixes) > _LIMIT:
            return
    if prefix:
        yield prefixes[-1] + prefix
