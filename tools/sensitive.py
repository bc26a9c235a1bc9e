"""Changes that a person has to look at before they are used: what makes a machine run something.

Every way out of a run asks here: the patch, a branch, the work tree, a pull request.

Facts: https://docs.github.com/actions/concepts/security (workflows), githooks(5), gitattributes(5),
https://docs.pytest.org/en/stable/reference/customize.html, site(3) ``.pth`` files.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.git import Change

_CLASSES = (
    (r"\.github/.*|\.gitlab-ci\.yml|\.circleci/.*|Jenkinsfile|azure-pipelines\.yml", "runs in CI"),
    (r"(?:.*/)?\.git(?:attributes|modules|config)|(?:.*/)?\.husky/.*|\.pre-commit-config\.yaml",
     "is read by git or its hooks"),
    (r"(?:.*/)?(?:conftest\.py|pytest\.ini|tox\.ini|sitecustomize\.py|usercustomize\.py)|.*\.pth",
     "changes how tests or Python start"),
    (r"(?:.*/)?(?:setup\.(?:py|cfg)|pyproject\.toml|Makefile|CMakeLists\.txt|build\.gradle(?:\.kts)?|"
     r"pom\.xml|package\.json|build\.rs|Rakefile|Dockerfile)", "changes how the project is built"),
    (r"(?:.*/)?(?:[\w.-]*requirements[\w.-]*\.txt|Pipfile|[\w.-]+\.lock|[\w-]+-lock\.(?:json|yaml)|"
     r"go\.(?:mod|sum)|Gemfile|Cargo\.toml|composer\.json)", "changes dependencies"),
    (r"(?:.*/)?(?:AGENTS|CLAUDE|GEMINI)\.md|\.(?:vscode|devcontainer|claude|cursor|idea)/.*|"
     r"(?:.*/)?\.cursorrules|\.envrc", "instructs editors or agents"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), what) for pattern, what in _CLASSES)
_SECRET = re.compile(
    rb"^\+.*(?:-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bxox[baprs]-\w{10,}|\bsk-[\w-]{30,})",
    re.MULTILINE,
)
_UNSEEN = re.compile(
    "^\\+.*[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]", re.MULTILINE
)
_MOST_FILES, _MOST_BYTES = 100, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is to be said of a change."""

    flags: tuple[str, ...]
    """What a person has to look at."""
    refusals: tuple[str, ...]
    """Why it is not handed over at all."""


def inspect(changes: Sequence[Change], diff: bytes) -> Inspection:
    """Look at the paths, the modes and the added lines of a change."""
    refusals = [
        f"{_shown(change.path)} is a link or a submodule"
        for change in changes
        if change.new_mode in ("120000", "160000")
    ]
    if _SECRET.search(diff):
        refusals.append("an added line looks like a secret")
    return Inspection(tuple(_flags(changes, diff)), tuple(refusals))


def _flags(changes: Sequence[Change], diff: bytes) -> list[str]:
    flags = []
    for change in changes:
        what = next((what for pattern, what in _COMPILED if pattern.fullmatch(change.path)), "")
        if what:
            flags.append(f"{_shown(change.path)} {what}")
        if change.new_mode == "100755" != change.old_mode:
            flags.append(f"{_shown(change.path)} becomes executable")
    if len(changes) > _MOST_FILES or len(diff) > _MOST_BYTES:
        flags.append(f"it is large: {len(changes)} files, {len(diff)} bytes")
    if re.search(rb"^GIT binary patch$", diff, re.MULTILINE):
        flags.append("it changes binary files")
    if _UNSEEN.search(diff.decode(errors="replace")):
        flags.append("an added line holds characters that cannot be seen")
    return flags


def _shown(path: str) -> str:
    return "`" + path.replace("`", "'").replace("\n", " ") + "`"
