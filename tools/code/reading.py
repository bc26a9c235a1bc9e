"""One file read once: triage, outline and words as bytes, so that another process can do it.

A record is two byte strings: ``outline`` (or why the file is kept out) and ``words``. MessagePack
throughout: a format that can name no code to run.
"""

import os
import struct
from typing import Any

import ormsgpack

from tools.code.languages import language_of
from tools.code.outline import KINDS, Definition, Outline, Words
from tools.code.parse import parse
from tools.code.triage import keep_out

_LENGTH = struct.Struct("<I")
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_NO_WORDS = Words({}, {}, ())


class BadRecord(Exception):
    """The bytes are no record of ours."""


def request(path: str, data: bytes) -> bytes:
    """What :func:`answer` is given for one file."""
    name = os.fsencode(path)
    return _LENGTH.pack(len(name)) + name + data


def answer(body: bytes) -> bytes:
    """Read the file of a :func:`request`; what it gives is for :func:`record`."""
    (length,) = _LENGTH.unpack_from(body)
    start = _LENGTH.size + length
    outline, words = read(os.fsdecode(body[_LENGTH.size : start]), body[start:])
    return _LENGTH.pack(len(outline)) + outline + words


def record(body: bytes) -> tuple[bytes, bytes]:
    """The outline and the words in an :func:`answer`."""
    (length,) = _LENGTH.unpack_from(body)
    start = _LENGTH.size + length
    return body[_LENGTH.size : start], body[start:]


def read(path: str, data: bytes) -> tuple[bytes, bytes]:
    """The record of one file."""
    reason = keep_out(path, data, parsed=language_of(path, data) is not None)
    if reason is not None:
        return ormsgpack.packb(reason), pack_words(_NO_WORDS)
    outline, words = parse(data, path)
    return pack_outline(outline), pack_words(words)


def pack_outline(outline: Outline) -> bytes:
    """The bytes of an outline."""
    rows = [
        (
            _KIND_NUMBERS[one.kind],
            one.name,
            # Most are at the top, where the two are the same.
            "" if one.qualified == one.name else one.qualified,
            one.start,
            one.end,
            one.body,
            one.signature,
            one.docstring,
            one.parent,
        )
        for one in outline.definitions
    ]
    return ormsgpack.packb(
        (outline.language, outline.lines, rows, outline.imports, outline.trouble)
    )


def unpack_outline(data: bytes) -> Outline | str:
    """The outline of a record, or the reason for which the file is kept out.

    Raises:
        BadRecord: These bytes are not of that making.
    """
    try:
        found: Any = ormsgpack.unpackb(data)
        if isinstance(found, str):
            return found
        language, lines, rows, imports, trouble = found
        definitions = tuple(
            [
                Definition(KINDS[kind], name, qualified or name, *rest)
                for kind, name, qualified, *rest in rows
            ]
        )
        return Outline(language, lines, definitions, tuple(imports), trouble)
    except (ValueError, TypeError, IndexError) as error:
        raise BadRecord(str(error)) from error


def pack_words(words: Words) -> bytes:
    """The bytes of the words of a file."""
    return ormsgpack.packb((words.terms, words.references, words.by_definition))


def unpack_words(data: bytes) -> Words:
    """The words of a record.

    Raises:
        BadRecord: These bytes are not of that making.
    """
    try:
        terms, references, by_definition = ormsgpack.unpackb(data)
        return Words(terms, references, tuple(by_definition))
    except (ValueError, TypeError) as error:
        raise BadRecord(str(error)) from error
