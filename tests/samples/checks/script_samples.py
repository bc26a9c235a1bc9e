"""Samples in JavaScript."""

from collections.abc import Callable
from pathlib import Path

from samples.checks.shape import ODD, PASSED, SAMPLES_FOLDER, Hang, Sample, program_missing

NODE_MODULES = SAMPLES_FOLDER / "runners" / "node_modules"


def node_package_missing(name: str) -> Callable[[], str | None]:
    """Says whether node or this package is not installed."""

    def missing() -> str | None:
        absent = program_missing("node", "npm")()
        if absent is None and not (NODE_MODULES / name).exists():
            return f"{name} not installed"
        return absent

    return missing


def link_node_modules(root: Path) -> None:
    """Packages are looked for beside the project."""
    (root / "node_modules").symlink_to(NODE_MODULES)


def _titled(path: str, *titles: str) -> str:
    return f"{path}::{' > '.join(titles)}"


HALF_JS = "test/half.test.js"
_SCRIPT_HANG = """
const fs = require('fs')
{test}('ends', () => {{}})
{test}('hangs', async () => {{
  fs.writeFileSync('hanging', '')
  await new Promise(resolve => setTimeout(resolve, 600000))
}}, {wait})
"""


def script_hang(head: str, test: str, wait: str, running: str | None) -> Hang:
    """One for a runner of JavaScript."""
    text = head + _SCRIPT_HANG.format(test=test, wait=wait)
    return Hang({"test/hang.test.js": text}, "test/hang.test.js::ends", running)


_SCRIPT = {
    _titled(HALF_JS, "even"): PASSED,
    _titled(HALF_JS, "odd"): ("failed", "1.5"),
    _titled(HALF_JS, "text"): ("failed", "no half of three"),
    _titled(HALF_JS, "huge"): ("skipped", ""),
    _titled(HALF_JS, "known"): ("skipped", ""),
    _titled(HALF_JS, "half", "even"): PASSED,
    _titled(HALF_JS, "half", "deep", f"{ODD} > 2"): PASSED,
    "test/other.test.js::even": PASSED,
}
_OF = {
    _titled(HALF_JS, "half", "deep", "of 2"): PASSED,
    _titled(HALF_JS, "half", "deep", "of 5"): ("failed", "5"),
}
_SCRIPT_CHOSEN = [
    _titled(HALF_JS, "half", "deep", f"{ODD} > 2"),
    _titled(HALF_JS, "odd"),
]
_UNLOADABLE = {"test/unloadable.test.js": "require('nothing-of-this-name')\n"}

NODE_TEST = Sample(
    framework="node:test",
    folder="node",
    command="npm test",
    expected=_SCRIPT
    | {
        _titled(HALF_JS, "parts"): ("failed", "1 subtest failed"),
        _titled(HALF_JS, "parts", "two"): PASSED,
        _titled(HALF_JS, "parts", "five"): ("failed", "2.5"),
        _titled(HALF_JS, "broken"): ("error", "no such device"),
        _titled(HALF_JS, "broken", "never"): ("error", "cancelled"),
    },
    chosen=_SCRIPT_CHOSEN,
    whole=(_titled(HALF_JS, "half"), 2),
    gone=_titled(HALF_JS, "gone"),
    missing=program_missing("node", "npm"),
    hang=script_hang("const { test } = require('node:test')\n", "test", "{}", None),
    broken=_UNLOADABLE,
)

JEST = Sample(
    framework="Jest",
    folder="jest",
    command="npm test",
    expected=_SCRIPT | _OF | {_titled(HALF_JS, "broken", "never"): ("failed", "no such device")},
    chosen=_SCRIPT_CHOSEN,
    whole=(_titled(HALF_JS, "half"), 4),
    gone=_titled(HALF_JS, "gone"),
    missing=node_package_missing("jest"),
    hang=script_hang("", "test", "600000", "test/hang.test.js"),
    broken=_UNLOADABLE,
    prepare=link_node_modules,
)

VITEST = Sample(
    framework="Vitest",
    folder="vitest",
    command="npm test",
    expected=_SCRIPT
    | _OF
    | {
        _titled(HALF_JS, "broken"): ("error", "no such device"),
        _titled(HALF_JS, "broken", "never"): ("skipped", ""),
    },
    chosen=_SCRIPT_CHOSEN,
    whole=(_titled(HALF_JS, "half"), 4),
    gone=_titled(HALF_JS, "gone"),
    missing=node_package_missing("vitest"),
    # No hang: of a file that never ends, Vitest tells what has ended in it late, at times never.
    broken={"test/unloadable.test.js": "import 'nothing-of-this-name'\n"},
    prepare=link_node_modules,
)

MOCHA = Sample(
    framework="Mocha",
    folder="mocha",
    command="npm test",
    expected=_SCRIPT
    | _OF
    | {
        _titled(HALF_JS, "broken"): ("error", "no such device"),
        _titled(HALF_JS, "broken each", "never"): ("error", "no such device"),
    },
    chosen=_SCRIPT_CHOSEN,
    whole=(_titled(HALF_JS, "half"), 4),
    gone=_titled(HALF_JS, "gone"),
    missing=node_package_missing("mocha"),
    hang=Hang(
        {
            "test/hang.test.js": "it('ends', () => {})\n"
            "it('hangs', () => {\n"
            "  require('fs').writeFileSync('hanging', '')\n"
            "  for (;;);\n"
            "})\n"
        },
        "test/hang.test.js::ends",
        "test/hang.test.js::hangs",
    ),
    broken=_UNLOADABLE,
    prepare=link_node_modules,
)
