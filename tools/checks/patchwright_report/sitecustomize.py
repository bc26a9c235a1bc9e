"""Imported by every Python that starts with this file's folder on its path."""

import os
import sys
from importlib import import_module


def _start() -> None:
    """Wait for a test runner, in a Python that understands the reporter."""
    try:
        import_module("patchwright_report.follow").wait()
    except (ImportError, SyntaxError):
        return


def _run_the_hidden_one() -> None:
    """Run the module of this name that would have been imported without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in sys.path:
        path = os.path.join(folder, "sitecustomize.py")
        if os.path.abspath(folder) != here and os.path.isfile(path):
            with open(path, "rb") as file:
                code = compile(file.read(), path, "exec")
            exec(code, {"__name__": "sitecustomize", "__file__": path})  # noqa: S102
            return


# As "sitecustomize" only: under its full name it is part of a package.
if __name__ == "sitecustomize":
    _start()
    _run_the_hidden_one()
