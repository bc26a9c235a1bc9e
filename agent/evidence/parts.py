"""What of a patch is judged, and what is left out because it would have a say in the judgement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from agent.evidence.finding import Action, Finding
from tools.checks.suite_files import is_suite_configuration, is_test_path
from tools.git import Change, ObjectStore

PIPELINES = (
    *(".github/workflows/*", ".github/actions/*", ".gitlab-ci.yml", ".gitlab/ci/*", ".ci/*"),
    *(".circleci/*", ".travis.yml", ".appveyor.yml", "appveyor.yml", "azure-pipelines*.yml"),
    *(".azure-pipelines/*", "Jenkinsfile", "bitbucket-pipelines.yml", ".drone.yml", ".cirrus.yml"),
    *(".buildkite/*", ".semaphore/*", ".woodpecker*", "codecov.yml", ".codecov.yml"),
)
"""Files that tell a service of continuous integration what to run; ``*`` crosses slashes."""

RESULTS = (
    *("junit*.xml", "TEST-*.xml", "test-results.xml", "test-report.xml", "*.tap"),
    *("lcov.info", "coverage.xml", ".coverage", "nosetests.xml", "LastTestsFailed.log"),
)
"""Names of files that a run of tests leaves: none of them belongs into a patch."""

RESULT_FOLDERS = frozenset(
    ("surefire-reports", "failsafe-reports", "test-results", "test-reports", ".pytest_cache")
)

_MODES = ("100644", "100755", "000000")


@dataclass(frozen=True, slots=True)
class Parts:
    """A patch's changes, sorted."""

    own: tuple[Change, ...]
    """To be judged."""
    findings: tuple[Finding, ...]
    """What was left out or refused of it."""

    @property
    def left_out(self) -> list[str]:
        """Paths of what was left out."""
        return [finding.path for finding in self.findings if finding.action is Action.LEFT_OUT]


def divided(store: ObjectStore, start: str, changes: Sequence[Change], patched: str) -> Parts:
    """Sort what a patch changes."""
    own = tuple(change for change in changes if _why_left_out(change.path) is None)
    texts = _Texts(store, start, patched)
    findings = [*_left_out(changes, texts), *_unfit(own)]
    return Parts(own, tuple(findings))


def _why_left_out(path: str) -> tuple[str, str] | None:
    """The rule and a clause for people, or None for a path that is judged."""
    file = PurePosixPath(path)
    if _fits(file.name, RESULTS) or not RESULT_FOLDERS.isdisjoint(file.parts[:-1]):
        return "report_files", "looks like the report of a test run"
    if is_suite_configuration(path):
        return "test_configuration", "says how the tests are run"
    if is_test_path(path):
        return "test_files", "belongs to the tests"
    if _fits(path, PIPELINES):
        return "pipelines", "tells a CI service what to run"
    return None


class _Texts:
    """Texts of both trees, read as they are needed."""

    def __init__(self, store: ObjectStore, start: str, patched: str) -> None:
        self._store = store
        self._trees = (start, patched)
        self._blobs: list[dict[str, str]] | None = None

    def both(self, path: str) -> tuple[str, str]:
        """The text before and after; empty where there is none."""
        if self._blobs is None:
            self._blobs = [
                {entry.path: entry.blob for entry in self._store.entries(tree) if entry.regular}
                for tree in self._trees
            ]
        before, after = (
            self._store.get(blobs[path]).decode(errors="replace") if path in blobs else ""
            for blobs in self._blobs
        )
        return before, after


def _left_out(changes: Sequence[Change], texts: _Texts) -> Iterator[Finding]:
    for change in changes:
        why = _why_left_out(change.path)
        if why is None:
            continue
        rule, clause = why
        yield Finding(
            rule=rule,
            action=Action.LEFT_OUT,
            path=change.path,
            text=f"{clause}; {_done(change, texts)}",
        )


_MARKS = (
    *("skip", "xfail", "expectedFailure", ".only(", "todo("),
    *("@Disabled", "@Ignore", "#[ignore]", "pending"),
)


def _done(change: Change, texts: _Texts) -> str:
    """What the patch does to a file of the tests."""
    if change.new_mode == "000000":
        return "the patch deletes it"
    if change.old_mode == "000000":
        return "the patch adds it"
    before, after = texts.both(change.path)
    marks = [mark for mark in _MARKS if after.count(mark) > before.count(mark)]
    if marks:
        return f"the patch adds {', '.join(repr(mark) for mark in marks)} to it"
    return "the patch changes it"


def _unfit(own: Sequence[Change]) -> Iterator[Finding]:
    for change in own:
        if change.new_mode not in _MODES or change.old_mode not in _MODES:
            yield Finding(
                rule="links",
                action=Action.REFUSED,
                path=change.path,
                text="is a link or a submodule, which may lead anywhere",
            )


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
