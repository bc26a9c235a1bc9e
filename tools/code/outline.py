"""What is known of one file: its definitions, its imports and its words. Plain data."""

from dataclasses import dataclass

KINDS = (
    "class",
    "interface",
    "struct",
    "enum",
    "trait",
    "module",
    "function",
    "method",
    "constructor",
    "type",
    "macro",
    "constant",
    "variable",
    "chunk",
)
"""Every kind of definition. ``chunk`` is a stretch of a text that is in no language we parse."""

CALLABLE = frozenset({"function", "method", "constructor"})
"""Kinds that hold steps."""

ENCLOSING = frozenset({"class", "interface", "struct", "enum", "trait", "module"})
"""Kinds that hold other definitions."""


@dataclass(frozen=True, slots=True)
class Definition:
    r"""One named thing of a file. Lines count from 1 and end at ``\n`` only, as git has it."""

    kind: str
    """One of :data:`KINDS`."""
    name: str
    """As written: ``parse``, ``~Widget``, ``operator==``."""
    qualified: str
    """The dotted path inside the file, such as ``Outer.inner``."""
    start: int
    """First line, with decorators, attributes and the comment lines directly above."""
    end: int
    """Last line."""
    body: int
    """First line of the body: ``start`` to ``body - 1`` is the signature. ``end + 1`` when there is
    no line that belongs to the body alone; ``start`` for a chunk, which is all body."""
    signature: str
    """The signature in one line, at most 300 characters."""
    docstring: str
    """First paragraph of the docstring or of the comment above, at most 400 characters."""
    parent: int
    """Place of the enclosing definition in :attr:`Outline.definitions`, -1 at the top."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of one file."""

    language: str
    """A name of the table of languages, or empty for a text that none of them reads."""
    lines: int
    """How many lines the file has; a last line without an end counts."""
    definitions: tuple[Definition, ...]
    """In order of (start, -end); a parent comes before its children."""
    imports: tuple[str, ...]
    """Names of what it imports, as :mod:`tools.code.languages.imports` writes them."""
    trouble: str = ""
    """Empty, or what was wrong; the definitions are then those that could be had."""


@dataclass(frozen=True, slots=True)
class Words:
    """How often each word is in one file; words as :func:`tools.code.words.words` makes them."""

    terms: dict[str, int]
    """Of the whole text: identifiers, comments and strings."""
    references: dict[str, int]
    """Identifiers as written, outside comments and strings; without keywords, and without the names
    of the file's own definitions where they are defined."""
    by_definition: tuple[dict[str, int], ...]
    """For each definition, the terms of its lines that belong to no definition inside it."""
