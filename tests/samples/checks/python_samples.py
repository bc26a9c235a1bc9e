"""Samples in Python."""

import importlib.util
from pathlib import Path

from samples.checks.shape import PASSED, SKIPPED, Hang, Sample, module_missing


def link_sympy(root: Path) -> None:
    """SymPy's runner tests the SymPy that it is a part of."""
    spec = importlib.util.find_spec("sympy")
    assert spec is not None
    assert spec.submodule_search_locations
    for entry in Path(spec.submodule_search_locations[0]).iterdir():
        if entry.name != "__pycache__":
            (root / "sympy" / entry.name).symlink_to(entry)


def python_hang(ended: str, running: str, path: str) -> Hang:
    """One that any unittest runner takes."""
    text = (
        "import unittest\n"
        "class HangTest(unittest.TestCase):\n"
        "    def test_1_ends(self): pass\n"
        "    def test_2_hangs(self):\n"
        "        open('hanging', 'w').close()\n"
        "        while True: pass\n"
    )
    return Hang({path: text}, ended, running)


UNITTEST = Sample(
    framework="unittest",
    folder="unittest",
    command="python3 -m unittest discover -s tests -t .",
    expected={
        "tests.test_half.HalfTest.test_even": PASSED,
        "tests.test_half.HalfTest.test_odd": ("failed", "1 != 1.5 : half of three"),
        "tests.test_half.HalfTest.test_text": ("error", "TypeError"),
        "tests.test_half.HalfTest.test_huge": SKIPPED,
        "tests.test_half.HalfTest.test_known": ("skipped", "0 != 0.5"),
        "tests.test_half.HalfTest.test_mended": ("failed", "expected to fail"),
        "tests.test_half.HalfTest.test_parts": ("failed", "(number=5)"),
        "tests.test_half.BrokenClassTest": ("error", "at setUpClass:\nTraceback"),
        "tests.test_half.SkippedClassTest.test_never": ("skipped", "not on this machine"),
        "tests.test_other.HalfTest.test_even": PASSED,
    },
    chosen=["tests.test_half.HalfTest.test_odd", "tests.test_other.HalfTest.test_even"],
    whole=("tests.test_half.HalfTest", 7),
    gone="tests.test_half.HalfTest.test_gone",
    missing=lambda: None,
    hang=python_hang(
        "tests.test_hang.HangTest.test_1_ends",
        "tests.test_hang.HangTest.test_2_hangs",
        "tests/test_hang.py",
    ),
    broken={"tests/test_unloadable.py": "import nothing_of_this_name\n"},
)

PYTEST = Sample(
    framework="pytest",
    folder="pytest",
    command="python3 -m pytest",
    expected={
        "test_half.py::test_even": PASSED,
        "test_half.py::test_odd": ("failed", "half of three"),
        "test_half.py::test_never": ("error", "no such device"),
        "test_half.py::test_huge": SKIPPED,
        'test_half.py::test_parts[it\'s "odd" [x] / \\xe9 $HOME (1+1)]': PASSED,
        "test_half.py::test_parts[five]": ("failed", "assert (2 * 2) == 5"),
        "test_other.py::test_even": PASSED,
    },
    chosen=[
        'test_half.py::test_parts[it\'s "odd" [x] / \\xe9 $HOME (1+1)]',
        "test_half.py::test_odd",
    ],
    whole=("test_half.py::test_parts", 2),
    gone="test_half.py::test_gone",
    missing=lambda: None,
    hang=python_hang(
        "test_hang.py::HangTest::test_1_ends",
        "test_hang.py::HangTest::test_2_hangs",
        "test_hang.py",
    ),
    broken={"test_unloadable.py": "import nothing_of_this_name\n"},
)

DJANGO = Sample(
    framework="Django",
    folder="django",
    command="python3 manage.py test",
    expected={
        "polls.tests.HalfTest.test_even": PASSED,
        "polls.tests.HalfTest.test_odd": ("failed", "half of three"),
        "polls.tests.HalfTest.test_text": ("error", "ValueError"),
        "polls.tests.HalfTest.test_huge": SKIPPED,
        "polls.tests.HalfTest.test_parts": ("failed", "(votes=5)"),
        "polls.tests.BrokenClassTest": ("error", "no such device"),
        "polls.tests.SimpleHalfTest.test_even": PASSED,
    },
    chosen=["polls.tests.HalfTest.test_odd", "polls.tests.SimpleHalfTest.test_even"],
    whole=("polls.tests.HalfTest", 5),
    gone="polls.tests.HalfTest.test_gone",
    missing=module_missing("django"),
    hang=python_hang(
        "polls.test_hang.HangTest.test_1_ends",
        "polls.test_hang.HangTest.test_2_hangs",
        "polls/test_hang.py",
    ),
    broken={"polls/test_unloadable.py": "import nothing_of_this_name\n"},
)

_SYMPY_FILE = "sympy/halves/tests/test_halves.py"
_SYMPY_HANG = """
def test_1_ends():
    pass

def test_2_hangs():
    open("hanging", "w").close()
    while True:
        pass
"""

SYMPY = Sample(
    framework="SymPy",
    folder="sympy",
    command="python3 bin/test -C",
    expected={
        f"{_SYMPY_FILE}::test_even": PASSED,
        f"{_SYMPY_FILE}::test_odd": ("failed", "assert half(Integer(3)) == Integer(3) / 2"),
        f"{_SYMPY_FILE}::test_text": ("error", "TypeError"),
        f"{_SYMPY_FILE}::test_huge": SKIPPED,
        f"{_SYMPY_FILE}::test_known": ("skipped", "expected to fail"),
        f"{_SYMPY_FILE}::test_mended": PASSED,
        "sympy/halves/tests/test_others.py::test_even": PASSED,
    },
    chosen=[f"{_SYMPY_FILE}::test_odd", "sympy/halves/tests/test_others.py::test_even"],
    whole=(_SYMPY_FILE, 6),
    gone=f"{_SYMPY_FILE}::test_gone",
    missing=module_missing("sympy"),
    run="python3 bin/test -C -s sympy/halves",
    hang=Hang(
        {"sympy/halves/tests/test_hang.py": _SYMPY_HANG},
        "sympy/halves/tests/test_hang.py::test_1_ends",
        "sympy/halves/tests/test_hang.py::test_2_hangs",
    ),
    broken={"sympy/halves/tests/test_unloadable.py": "import nothing_of_this_name\n"},
    prepare=link_sympy,
)
