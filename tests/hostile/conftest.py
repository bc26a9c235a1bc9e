"""What every hostile case has: boxes that contain, canaries that must not change, a row of a table.

A case is a test with the mark ``case``: its name, and what must come of it. What was seen is put in
words with the fixture ``seen``. ``make test-hostile`` prints all of it as a table.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from doubles.hostile import NOT_HERE
from doubles.leftovers import all_volumes, left
from doubles.sandboxes import BUBBLEWRAP, DOCKER, SMALL, provider_or_skip
from sandbox.base import Provider, Sandbox, SandboxLost
from sandbox.choose import remove_leftovers

CANARY = "canary-3f9a1c77-of-the-host"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Make a row of every case; of the tests of other folders only the cases are run with these."""
    here = Path(__file__).parent
    for item in items:
        for mark in item.iter_markers("case"):
            kind = getattr(item, "callspec", None) and item.callspec.params.get("provider")
            item.user_properties += [
                ("case", mark.args[0]),
                ("expected", mark.args[1]),
                ("sandbox", kind or "host"),
            ]
    others = [i for i in items if i.path.parent != here and not i.get_closest_marker("case")]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture
def seen(record_property: Callable[[str, str], None]) -> Callable[[str], None]:
    """Says in words what was seen."""
    return lambda text: record_property("seen", text)


@pytest.fixture(scope="session", params=[BUBBLEWRAP, DOCKER])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Every kind of sandbox that contains."""
    return provider_or_skip(request.param)


@pytest.fixture(scope="session")
def docker() -> Provider:
    """The Docker kind, for what only an engine can bound."""
    return provider_or_skip("docker")


@pytest.fixture(scope="session")
def _boxes() -> Iterator[dict[str, Sandbox]]:
    boxes: dict[str, Sandbox] = {}
    yield boxes
    for box in boxes.values():
        box.close()


@pytest.fixture
def box(provider: Provider, _boxes: dict[str, Sandbox]) -> Sandbox:
    """A box for many cases; a new one when a case has ended it."""
    known = _boxes.get(provider.name)
    try:
        if known is not None:
            known.run(["true"], timeout=10)
            return known
    except SandboxLost:
        known.close()
    _boxes[provider.name] = provider.start(SMALL, run="hostile")
    return _boxes[provider.name]


@pytest.fixture(scope="session")
def canary_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the host that no case may read or change; anyone on the host may read them."""
    folder = tmp_path_factory.mktemp("canaries")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    (folder / "flag").write_text(CANARY)
    (folder / "id_rsa").write_text(f"key {CANARY}")
    (folder / "tool").write_text("#!/bin/sh\n")
    return folder


@pytest.fixture(autouse=True)
def _unchanged(canary_tree: Path) -> Iterator[None]:
    before = _digest(canary_tree)
    yield
    assert _digest(canary_tree) == before, "a case changed files of the host"


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        digest.update(f"{path}{status.st_mode}{status.st_mtime_ns}".encode() + path.read_bytes())
    return digest.hexdigest()


_VOLUMES = pytest.StashKey[list[str]]()
_WORKERS = pytest.StashKey[list[int]]()
_LEFT = pytest.StashKey[dict[str, list[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    """See what is there before anything is run."""
    if not hasattr(config, "workerinput"):
        config.stash[_VOLUMES] = all_volumes()
        config.stash[_WORKERS] = [os.getpid()]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Know the processes that ran the tests, whose boxes must be gone."""
    node.config.stash[_WORKERS].append(node.workeroutput["pid"])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail when, after what the next start of a run removes, anything is left on the machine."""
    stash = session.config.stash
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["pid"] = os.getpid()
        return
    remove_leftovers(os.environ.get("DOCKER_HOST"))
    place = Path(tempfile.gettempdir())
    stash[_LEFT] = left(place, stash[_VOLUMES], stash[_WORKERS])
    if any(stash[_LEFT].values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table: case, sandbox, expected, seen; then what cannot be run here, and why."""
    rows = sorted(
        row
        for outcome in ("passed", "failed", "skipped", "error")
        for report in terminalreporter.stats.get(outcome, [])
        for row in _rows(outcome, report)
    )
    if not rows:
        return
    rows.append(_leftovers(terminalreporter.config.stash[_LEFT]))
    terminalreporter.section("hostile cases", sep="-")
    for case, sandbox, expected, told in rows:
        terminalreporter.write_line(f"{case:9} {sandbox:10} {expected:52} {told}")
    terminalreporter.section("hostile cases that are not run here", sep="-")
    for reason in sorted(set(NOT_HERE.values())):
        names = sorted(name for name, why in NOT_HERE.items() if why == reason)
        terminalreporter.write_line(f"{reason}: {', '.join(names)}")
    held = sum(not told.startswith(("FAILED", "SKIPPED")) for *_, told in rows)
    cases = len({case for case, *_ in rows})
    terminalreporter.write_line(
        f"{cases} cases in {len(rows)} rows, {held} as expected; {len(NOT_HERE)} not run here"
    )


def _leftovers(found: dict[str, list[str]]) -> tuple[str, str, str, str]:
    counted = ", ".join(f"{len(names)} {kind}" for kind, names in found.items())
    named = "; ".join(name for names in found.values() for name in names)
    expected = "after all of these nothing is left on the machine"
    return "REL-08", "all", expected, f"FAILED {counted}: {named}" if named else counted


def _rows(outcome: str, report: pytest.TestReport) -> Iterator[tuple[str, str, str, str]]:
    told = dict(getattr(report, "user_properties", ()))
    if "case" not in told or (outcome == "passed" and report.when != "call"):
        return
    words = told.get("seen", "as expected")
    if outcome != "passed":
        words = f"{'SKIPPED' if outcome == 'skipped' else 'FAILED'} {words}"
    for case in told["case"].split():
        yield case, told["sandbox"], told["expected"], words
