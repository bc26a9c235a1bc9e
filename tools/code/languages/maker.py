"""What made a record: a name that changes whenever the same file would be read differently."""

import re
from functools import cache
from hashlib import sha256
from importlib import metadata
from os.path import splitext
from pathlib import Path

from tools.code.languages import BY_NAME, language_by_path, query_text

_SOURCES = (
    "chunks",
    "drafts",
    "naming",
    "outline",
    "parse",
    "reading",
    "salvage",
    "triage",
    "words",
)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


def maker(path: str) -> str:
    """A name for all that shapes the record of a file except its bytes.

    That is the language by its name, the versions of the grammar and of the parser library, the
    query, and our own sources; for other texts the suffix stands in for the language.
    """
    language = language_by_path(path)
    if language is not None:
        return f"{language.name}@{_fingerprint(language.name)}"
    suffix = splitext(path)[1].lower()
    return f"text{suffix if _SUFFIX.fullmatch(suffix) else ''}@{_fingerprint('')}"


@cache
def _fingerprint(name: str) -> str:
    parts = [_own_sources(), metadata.version("tree-sitter").encode()]
    if name:
        parts += [
            metadata.version(BY_NAME[name].package).encode(),
            query_text(name).encode(),
        ]
    return sha256(b"\0".join(parts)).hexdigest()[:16]


@cache
def _own_sources() -> bytes:
    here = Path(__file__).parent
    sources = [here.parent / f"{name}.py" for name in _SOURCES]
    sources += [here / "__init__.py", here / "imports.py"]
    return sha256(b"\0".join(source.read_bytes() for source in sources)).digest()
