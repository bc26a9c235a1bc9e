"""A harness in small: real pytest on a small repository, answers in the tools' own words."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.model.base import Message, SystemMessage, ToolMessage, UserMessage
from agent.model.embedded import Embedded
from agent.model.embedded.scopes import scopes_of
from agent.model.embedded.site import Site
from agent.model.embedded.spans import Source, apply
from agent.model.embedded.templates.base import Change
from prompts import render
from tools.checks.base import Case, CoveredLine, Outcome, Report
from tools.checks.compare import Compared
from tools.checks.trials import Trials

_QUICK = """
import glob, importlib.util, signal, sys, traceback

def stop(*_):
    raise TimeoutError("the test ran longer than 1 s, the limit for one test")

signal.signal(signal.SIGALRM, stop)
sys.path.insert(0, ".")
sys.path.insert(0, "tests")
for path in sorted(glob.glob("test_*.py") + glob.glob("tests/test_*.py")):
    spec = importlib.util.spec_from_file_location("tested", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in [name for name in vars(module) if name.startswith("test_")]:
        test = f"{path}::{name}"
        if sys.argv[1:] and test not in sys.argv[1:]:
            continue
        signal.alarm(1)
        try:
            getattr(module, name)()
            print(f"{test} PASSED")
        except Exception:
            print(f"{test} FAILED\\n___ {name} ___\\n{traceback.format_exc()}\\n___ end ___")
        signal.alarm(0)
"""
"""A test runner that starts in a tenth of the time of pytest."""
_RESULT = re.compile(r"^(\S+::.+?) (PASSED|FAILED|ERROR)\b", re.MULTILINE)


@dataclass
class SmallHarness:
    """Carries out the embedded model's calls in a folder."""

    folder: Path
    covered: list[CoveredLine]
    """What coverage would have shown; measured by nobody here."""
    quick: bool = True
    """Run the test functions by a small script instead of pytest."""
    refusals: int = 0
    """How many submissions are refused before one is accepted."""
    messages: list[Message] = field(default_factory=list)
    submitted: dict[str, Any] | None = None
    results: dict[tuple[str, ...], str] = field(default_factory=dict)

    def converse(self, model: Embedded, task: str = "Repair it.", turns: int = 60) -> bool:
        """Whether the model submitted something as solved."""
        self.messages = [SystemMessage(content="Rules."), UserMessage(content=task)]
        for _ in range(turns):
            reply = model.reply(self.messages, []).message
            self.messages.append(reply)
            for call in reply.calls:
                answer = getattr(self, call.name)(**call.arguments)
                observation = ToolMessage(call_id=call.id, name=call.name, content=answer)
                self.messages.append(observation)
            if self.submitted is not None:
                return bool(self.submitted["solved"])
        return False

    def submit(self, summary: str, solved: bool) -> str:
        if self.refusals and solved:
            self.refusals -= 1
            self.messages.append(UserMessage(content="The gate refused the change."))
        else:
            self.submitted = {"summary": summary, "solved": solved}
        return "Received."

    def read(self, path: str, first: int = 1, last: int | None = None) -> str:
        lines = (self.folder / path).read_text().split("\n")[:-1]
        last = min(last or len(lines), first + 7, len(lines))
        return render(
            "observations/read",
            problem="",
            path=path,
            first=first,
            last=last,
            total=len(lines),
            lines=lines[first - 1 : last],
        )

    def edit(self, operation: str, path: str, old: str, new: str) -> str:
        assert operation == "replace"
        text = (self.folder / path).read_text()
        assert text.count(old) == 1, f"not unique: {old!r}"
        (self.folder / path).write_text(text.replace(old, new))
        return render("observations/edit", problem="", path=path, operation=operation)

    def try_changes(self, **arguments: Any) -> str:
        """Refused, as by a harness whose tests cannot be run like that."""
        return render("observations/try_changes", found=Trials("no copies here"), lines=[])

    def past_changes(self, paths: Sequence[str]) -> str:
        """None, as in a repository of one commit."""
        return render("observations/past_changes", edits=())

    def compare_changes(self, **arguments: Any) -> str:
        """Not done, as by a harness whose tests cannot be run like that."""
        return render("observations/compare_changes", found=Compared())

    def run_tests(
        self,
        tests: Sequence[str] = (),
        coverage: bool = False,
        stop_early: bool = False,
        seconds_per_test: float = 10.0,
    ) -> str:
        state = (*sorted(p.read_text() for p in self.folder.rglob("*.py")), *tests)
        if state not in self.results:
            self.results[state] = self._pytest(tests)
        return self._report(self.results[state], coverage)

    def _pytest(self, tests: Sequence[str]) -> str:
        command = [sys.executable, "-B", "-c", _QUICK, *tests]
        if not self.quick:
            options = ["-v", "--tb=short", "-p", "no:cacheprovider", "-c", os.devnull]
            options += ["--rootdir", str(self.folder)]
            command = [sys.executable, "-B", "-m", "pytest", *options, *tests]
        environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200"}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def _report(self, output: str, coverage: bool) -> str:
        cases = [
            Case(
                name=name,
                outcome=Outcome(outcome.lower()),
                seconds=0.01,
                message="" if outcome == "PASSED" else self._message(output, name),
            )
            for name, outcome in dict.fromkeys(_RESULT.findall(output))
        ]
        ranked = [(line.failing / (line.failing + line.passing), line) for line in self.covered]
        return render(
            "observations/run_tests",
            report=Report(command="pytest", cases=cases, seconds=0.5, output=output),
            shown=10,
            ranked=ranked if coverage else [],
        )

    def _message(self, output: str, name: str) -> str:
        title = name.rpartition("::")[2]
        parts = re.split(r"^_{3,} (.+?) _{3,}$", output, flags=re.MULTILINE)
        return next((parts[i + 1] for i in range(1, len(parts), 2) if title in parts[i]), "")[-900:]


@pytest.fixture
def harness(tmp_path: Path) -> Callable[..., SmallHarness]:
    """Makes a repository of texts.

    ``covered`` names the file that failing tests run, ``function`` where in it they begin to.
    """

    def make(
        files: dict[str, str], covered: str, function: str = "", **settings: Any
    ) -> SmallHarness:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        count = files[covered].count("\n")
        first = files[covered][: files[covered].find(function)].count("\n") + 1
        lines = [
            CoveredLine(path=covered, line=line, failing=1, passing=1)
            for line in range(first, count + 1)
        ]
        return SmallHarness(tmp_path, lines, **settings)

    return make


def sites_of(text: str) -> Iterator[Site]:
    """Every statement of every function of a text."""
    source = Source("code.py", text)
    for scope in scopes_of(source).values():
        for statement in getattr(scope.holder, "body", []):
            yield from _with_inner(source, scope, statement)


def _with_inner(source: Source, scope: Any, statement: Any) -> Iterator[Site]:
    yield Site(source, scope, statement)
    if type(statement).__name__ not in ("FunctionDef", "ClassDef"):
        for name in ("body", "orelse"):
            for inner in getattr(statement, name, []):
                yield from _with_inner(source, scope, inner)


@pytest.fixture
def sites() -> Callable[[str], list[Site]]:
    return lambda text: list(sites_of(text))


@pytest.fixture
def results() -> Callable[[Callable[[Site], Iterator[Change]], str], dict[str, float]]:
    """The texts that a template makes of a text, with the closeness of each."""

    def collect(template: Callable[[Site], Iterator[Change]], text: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for site in sites_of(text):
            for edits, closeness in template(site):
                after = apply(text, edits)
                found[after] = max(closeness, found.get(after, 0.0))
        return found

    return collect
