"""What the texts of failed tests say: the places that they name, and what kind of failure it is.

The words are V8's and those of node's ``assert``, Chai and Jest's ``expect``.
"""

import re
from pathlib import PurePosixPath

from agent.model.embedded.templates import table
from tools.code.frames import find_frames

SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_SLOW = re.compile(
    r"time ?out|timed out|longer than|deadline|Maximum call stack|heap out of memory", re.IGNORECASE
)
_ACCUSED = re.compile(
    r"(?:\.|^|\s)(\w+) is not (?:a function|a constructor|iterable)|\b(\w+) is not defined"
)
_VALUE = r"(?P<{}>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|-?[\d.]+|true|false|\[.*\])"
_PAIRS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"^\s*{_VALUE.format('got')} !==? {_VALUE.format('wanted')}\s*$",
        rf"expected {_VALUE.format('got')} to (?:deeply )?(?:strictly )?(?:be|equal) "
        rf"{_VALUE.format('wanted')}",
        rf"Expected: {_VALUE.format('wanted')}\s*\n\s*Received: +{_VALUE.format('got')}",
        rf"^\s*\+ {_VALUE.format('got')}\s*\n\s*- {_VALUE.format('wanted')}\s*$",
    )
)
_IMPORT = re.compile(
    r"""(?:\bfrom\s*|\brequire\s*\(\s*|\bimport\s*\(?\s*)(["'])(?P<path>\.{1,2}(?:/[^"'\n]*)?)\1"""
)


def frames(message: str) -> list[tuple[str, int]]:
    """The places in scripts that a failure's text names, outermost first; V8 has them last."""
    found = [(frame.path, frame.line) for frame in find_frames(message)]
    return [(path, line) for path, line in reversed(found) if path.endswith(SUFFIXES)]


def symptoms(message: str) -> set[str]:
    """In which of the ways that matter to the templates a test failed."""
    found = set()
    if _SLOW.search(message):
        found.add(table.ENDLESS)
    if re.search(r"of (undefined|null)\b|(undefined|null) is not", message):
        found |= {table.NOTHING, table.INDEX}
    if re.search(r"TypeError|ReferenceError|RangeError|is not a function|is not iterable", message):
        found.add(table.TYPE)
    for pattern in _PAIRS:
        for pair in pattern.finditer(message):
            found |= _compared(pair["got"], pair["wanted"])
    return found


def accused(message: str) -> set[str]:
    """The names that a failure's own error says cannot be used as they are."""
    return {name for names in _ACCUSED.findall(message) for name in names if name}


def _compared(got: str, wanted: str) -> set[str]:
    if {got, wanted} & {"true", "false"}:
        return {table.TRUTH}
    if got[0] in "'\"[" and wanted[0] in "'\"[":
        return {table.LENGTH} if len(got) != len(wanted) else set()
    try:
        return {table.ONE_OFF} if abs(float(got) - float(wanted)) == 1 else set()
    except ValueError:
        return set()


def imported(path: str, text: str) -> list[str]:
    """The paths that a file's relative imports may mean, as they are looked for."""
    found: list[str] = []
    for written in _IMPORT.finditer(text):
        plain = _joined(path, written["path"])
        if plain is None:
            continue
        stem = plain.removesuffix(".js")  # TypeScript imports what it will be compiled to
        named = [plain] if plain.endswith(SUFFIXES) else []
        if plain.endswith(".js"):
            named.append(f"{stem}.ts")
        if not named:
            named = [f"{plain}{suffix}".lstrip("/") for suffix in SUFFIXES if plain]
            named += [f"{plain}/index{suffix}".lstrip("/") for suffix in (".js", ".ts")]
        found += named
    return list(dict.fromkeys(found))


def _joined(path: str, relative: str) -> str | None:
    """A path that is relative to a file's folder, from the root; None where it leads out of it."""
    parts = list(PurePosixPath(path).parent.parts)
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)
