"""A box without walls: commands run as processes in a folder of the test's own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from sandbox.base import Completed, Output


class LocalBox:
    """What ``run_checks`` needs of a workspace, with the tests' own Python first on the path."""

    def __init__(self, root: Path, scratch: Path, python: Path) -> None:
        self.root = root
        self.scratch = PurePosixPath(scratch)
        # The plugins beside the tests' own pytest take longer to start than all that is tested.
        self.environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        self.calls = 0
        self._python = python

    def shell(
        self,
        command: str,
        *,
        timeout: float,
        environment: Mapping[str, str] | None = None,
        output_limit: int = 0,
    ) -> Completed:
        self.calls += 1
        script = Path(self.scratch) / "command"
        script.write_text(command)
        inherited = {"PATH": f"{self._python.parent}:/usr/bin:/bin", "HOME": str(self.scratch)}
        started = time.monotonic()
        process = subprocess.Popen(
            ["sh", script],
            cwd=self.root,
            env=inherited | self.environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout)
            timed_out = False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            timed_out = True
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Completed(
            code, Output(output), Output(b""), time.monotonic() - started, timed_out=timed_out
        )


MakeBox = Callable[..., LocalBox]
"""Makes a box over a repository of files given as name to text; ``python`` is another Python."""
