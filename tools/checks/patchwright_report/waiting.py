"""Time limits that do not depend on what else the machine does.

What counts is the time that a process had a processor or wanted none; the time that it was ready to
run and another process ran does not. Linux tells it for each process, and has to the nanosecond
(``run_delay`` of /proc/PID/schedstat, Documentation/scheduler/sched-stats.rst). A loop without end
is thus ended by the processor's time, a sleep without end by the clock's.
"""

MOST = 4.0
"""So many times a limit is all that a process gets, however long it has waited."""
NANO = 1e-9

# Held here: tests that fake files put another in its place.
_open = open


def waited(process: "int | str" = "self") -> float:
    """Seconds that a process has waited for a processor; none where the system does not tell."""
    try:
        with _open(f"/proc/{process}/schedstat", "rb", buffering=0) as file:
            return int(file.read(100).split()[1]) * NANO
    except (OSError, ValueError, IndexError):
        return 0.0


def left(limit: float, passed: float, waiting: float) -> float:
    """What is left of a limit when so much time has passed, part of it spent waiting, in seconds.

    Below 0 when the limit is over.
    """
    return min(limit - (passed - min(passed, max(0.0, waiting))), MOST * limit - passed)
