"""A repository whose tests are told of by a function instead of being run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from agent.evidence.baseline import Baseline, measure
from agent.evidence.trial import Trial
from tools.checks.base import Case, Outcome, Report
from tools.git import ObjectStore

EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
BUG = "tests/test_code.py::test_bug"
GOOD = "tests/test_code.py::test_good"
SHAKY = "tests/test_code.py::test_shaky"

FILES = {
    "code.py": "def half(value):\n    return value // 3\n",
    "tests/test_code.py": "def test_bug():\n    assert half(4) == 2\n",
}
FIX = {"code.py": "def half(value):\n    return value // 2\n"}
WRONG = {"code.py": "def half(value):\n    return value // 4\n"}
BREAKING = {"code.py": "def half(value):\n    return value // 2\n\n\nGOOD = None\n"}

Outcomes = Callable[["Suite", str, str], bool]
"""Whether a test passes, by the suite, the product's text and the test's name."""


@dataclass
class Suite:
    """Runs tests by looking at the tree they are run on."""

    store: ObjectStore
    shaky: float = 0.0
    """How often the shaky test fails."""
    finds_files: bool = True
    """Whether a file can be asked for; else nothing is run when one is."""
    written: dict[str, str] = field(default_factory=dict)
    """More tests: name to what the product's text has to contain for them to pass."""
    honest: bool = True
    """Whether a test that has to fail does."""
    random: Random = field(default_factory=lambda: Random(1))
    runs: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def __call__(self, tree: str, tests: Sequence[str]) -> Report:
        self.runs.append((tree, tuple(tests)))
        if not self.finds_files and any(name.endswith(".py") for name in tests):
            return Report(command="suite")
        text = self._product(tree)
        cases = [self._case(BUG, "// 2" in text), self._case(GOOD, "GOOD" not in text)]
        cases.append(self._case(SHAKY, self.random.random() >= self.shaky))
        cases += [self._case(name, word in text) for name, word in self.written.items()]
        cases += [self._case(f"{path}::test", self._lies(text)) for path in self._decoys(tree)]
        wanted = [c for c in cases if not tests or any(c.name.startswith(name) for name in tests)]
        return Report(command="suite", cases=wanted, seconds=0.5)

    def _lies(self, product: str) -> bool:
        return not self.honest and "// 2" in product

    def _case(self, name: str, passes: bool) -> Case:
        return Case(name=name, outcome=Outcome.PASSED if passes else Outcome.FAILED)

    def _product(self, tree: str) -> str:
        blobs = {entry.path: entry.blob for entry in self.store.entries(tree)}
        return self.store.get(blobs["code.py"]).decode()

    def _decoys(self, tree: str) -> list[str]:
        paths = [entry.path for entry in self.store.entries(tree)]
        return [path for path in paths if path.startswith("tests/test_q")]


def tree_with(store: ObjectStore, *layers: dict[str, str]) -> str:
    """A tree of these files."""
    store._git.git("hash-object", "-t", "tree", "-w", "--stdin")
    tree = EMPTY
    for path, text in {name: text for layer in layers for name, text in layer.items()}.items():
        tree = store.with_file(tree, path, text.encode())
    return tree


def trial_of(suite: Suite, base: str, **more: object) -> Trial:
    """A trial whose reproduction is the test of the bug, and those that were written."""
    return Trial(
        suite.store,
        suite,
        base=base,
        tests=[BUG, *suite.written],
        test_files=["tests/test_code.py"],
        baseline=measured(suite, base),
        **more,  # type: ignore[arg-type]
    )


def measured(suite: Suite, base: str) -> Baseline:
    """The base, tested."""
    return measure(lambda tests: suite(base, tests))
