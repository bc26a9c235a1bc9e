"""One run at a time for each address: two would propose the same thing twice."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from agent.intake import Skipped
from agent.runs import RunError, lock

_FOLDER = "claims"


@contextmanager
def claimed(runs: Path, url: str) -> Iterator[None]:
    """Hold an address for this process; the claim dies with it.

    Args:
        runs: The folder of the runs; runs in another are not known of.
        url: The address.

    Raises:
        Skipped: Another process holds it.
        RunError: The folder cannot be written.
    """
    name = hashlib.sha256(url.lower().encode()).hexdigest()[:32]
    try:
        (runs / _FOLDER).mkdir(parents=True, exist_ok=True, mode=0o700)
        # Never removed: whoever waited for a file that is gone would hold nothing.
        descriptor = os.open(runs / _FOLDER / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RunError(
            f"cannot write the run folder {runs}: {error.strerror};"
            " choose another with --runs or PATCHWRIGHT_RUNS"
        ) from error
    try:
        if not lock(descriptor):
            holder = os.pread(descriptor, 200, 0).decode(errors="replace")
            raise Skipped(f"{url} is left alone: {holder or 'another run'} is at it")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}, since {_now()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
