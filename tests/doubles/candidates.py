"""Candidates made from texts alone, without a store."""

import difflib
from collections.abc import Mapping

from agent.evidence.candidate import Candidate, ChangedFile, Texts
from agent.evidence.parts import Parts
from tools.git import Change
from tools.patch import parse

TEST_FILE = "tests/test_code.py"
TEST = """\
from code import half


def test_half_of_an_even_number():
    assert half(1234) == 617
    assert half("four hundred") == "two hundred"
"""


def candidate(
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    modes: Mapping[str, str] | None = None,
    known: frozenset[str] = frozenset(),
) -> Candidate:
    """What a patch makes of some files, judged by :data:`TEST`."""
    paths = sorted({*before, *after})
    changed = [path for path in paths if before.get(path) != after.get(path)]
    files = [_file(path, before.get(path), after.get(path), modes or {}) for path in changed]
    return Candidate(
        tree="",
        parts=Parts(tuple(file.change for file in files), ()),
        files=tuple(files),
        known=known | frozenset(before),
        tests=(TEST,),
        test_files=(TEST_FILE,),
        names=(f"{TEST_FILE}::test_half_of_an_even_number",),
    )


def _file(path: str, old: str | None, new: str | None, modes: Mapping[str, str]) -> ChangedFile:
    mode = modes.get(path, "100644")
    change = Change("000000" if old is None else mode, "000000" if new is None else mode, path)
    [patch] = parse(diff_of(path, old, new).encode()) or [None]
    binary = "\0" in (new or "")
    return ChangedFile(path, change, None if binary else patch, Texts(old, None if binary else new))


def diff_of(path: str, old: str | None, new: str | None) -> str:
    """A diff of one file as git writes it."""
    lines = difflib.unified_diff(
        (old or "").splitlines(keepends=True),
        (new or "").splitlines(keepends=True),
        f"a/{path}" if old is not None else "/dev/null",
        f"b/{path}" if new is not None else "/dev/null",
    )
    return "".join([f"diff --git a/{path} b/{path}\n", *lines])
