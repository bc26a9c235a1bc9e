"""What the harness asks of this run, from the file that it has laid beside this package."""

import json
import os

from .forks import own_report

FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILE = os.path.join(FOLDER, "settings.json")
ASKED = os.path.join(FOLDER, "trials.json")
"""Where changes are to be tried in this run: which."""
COMPARED = os.path.join(FOLDER, "compare.json")
"""Where changes are to be compared in this run: which."""
WORKSPACE = "PATCHWRIGHT_WORKSPACE"
"""Environment variable that holds the repository's root, where the command started."""


class Settings:
    """One request, as the plugin needs it."""

    def __init__(self, values: "dict[str, object]") -> None:
        self.report = own_report(str(values["report"]))
        self.tests = [str(name) for name in values["tests"]]  # type: ignore[attr-defined]
        self.coverage = bool(values["coverage"])
        self.stop_early = bool(values["stop_early"])
        self.seconds: float | None = values["seconds"]  # type: ignore[assignment]
        self.root = os.path.abspath(os.environ.get(WORKSPACE) or os.getcwd())

    @classmethod
    def load(cls) -> "Settings | None":
        """The settings, or None where there are none to be read."""
        try:
            with open(FILE, encoding="utf-8") as file:
                return cls(json.load(file))
        except (OSError, ValueError, KeyError, TypeError):
            return None
