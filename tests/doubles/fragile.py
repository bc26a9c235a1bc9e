"""A function for :class:`sandbox.workers.Workers` that fails as its item says."""

import os
import resource
import signal
import sys
import time
from pathlib import Path


def answer(item: bytes) -> bytes:
    """The item backwards, or the failure that it names."""
    kind, _, rest = item.partition(b" ")
    match kind:
        case b"crash":
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"once":
            mark = Path(os.fsdecode(rest))
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGSEGV)
        case b"loop":
            while True:
                pass
        case b"sleep":
            time.sleep(60)
        case b"raise":
            raise ValueError("broken")
        case b"fill":
            return bytes(int(rest))
        case b"print":
            print("in between")
            sys.stdout.flush()
        case b"who":
            return str(os.getpid()).encode()
        case b"where":
            return repr(
                (os.getcwd(), sorted(os.environ), len(os.listdir("/proc/self/fd")))
            ).encode()
    return item[::-1]
