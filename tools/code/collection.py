"""The search for cyclic garbage, put off while much is built that holds no cycles.

Python's collector looks through the containers that there are each time some thousands more were
made (https://docs.python.org/3/library/gc.html#gc.set_threshold), which costs a tenth of the time
where there are a million; Mercurial puts it off for the same reason (``mercurial.util.nogc``).
What is in no cycle is freed as ever.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def put_off() -> Iterator[None]:
    """No collection within; a decorator too."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
