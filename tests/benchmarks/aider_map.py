"""What Aider's repository map of a folder of Python files costs; run by its own interpreter.

    PYTHON-WITH-AIDER tests/benchmarks/aider_map.py FOLDER

Its last line is a JSON object: seconds of the first map, with nothing cached, and of later ones.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from aider.io import InputOutput
from aider.repomap import RepoMap

TURNS = 3
TOKENS = 4_096


class Model:
    """All that the map asks of a model."""

    def token_count(self, text: str) -> int:
        return len(text) // 4


def main() -> None:
    os.environ["HOME"] = tempfile.mkdtemp()
    root = Path(sys.argv[1]).resolve()
    os.chdir(root)
    files = sorted(str(path) for path in root.rglob("*.py"))
    taken = []
    for _ in range(1 + TURNS):
        started = time.perf_counter()
        repository_map = RepoMap(
            map_tokens=TOKENS,
            root=str(root),
            main_model=Model(),
            io=InputOutput(yes=True, pretty=False),
            max_context_window=131_072,
        )
        repository_map.get_repo_map([], files, force_refresh=True)
        taken.append(time.perf_counter() - started)
    warm = round(statistics.median(taken[1:]), 2)
    print(json.dumps({"aider_cold_seconds": round(taken[0], 2), "aider_warm_seconds": warm}))


if __name__ == "__main__":
    main()
