"""How well are test files told from others? Measured on the patches of real issues.

    python tests/benchmarks/suite_files.py FILE.jsonl ...

Each line holds a ``patch``, which repairs, and a ``test_patch``, which only changes tests.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tools.checks.suite_files import is_test_path

CHANGED = re.compile(r"^diff --git a/\S+ b/(.*)$", re.MULTILINE)


def main() -> None:
    for name in sys.argv[1:]:
        tests: list[str] = []
        others: list[str] = []
        for line in Path(name).read_text(encoding="utf-8").splitlines():
            instance = json.loads(line)
            tests += set(CHANGED.findall(instance["test_patch"]))
            others += set(CHANGED.findall(instance["patch"]))
        missed = [path for path in tests if not is_test_path(path)]
        mistaken = [path for path in others if is_test_path(path)]
        print(f"{Path(name).name}: {len(tests) - len(missed)} of {len(tests)} test files known,")
        print(f"  {len(mistaken)} of {len(others)} files of repairs taken for tests")
        for path in [*missed, *mistaken]:
            print(f"  {path}")


if __name__ == "__main__":
    main()
