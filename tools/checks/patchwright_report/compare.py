"""Compares what changes of functions do on inputs like those that the tests call them with.

The tests run once, on the unchanged files. The calls of the functions that the changes are confined
to are noted on the way; afterwards each change is tried on these calls and on others near to them,
in a copy of the process of its own. What is asked for lies in ``compare.json`` beside the settings:

.. code-block:: text

    {"changes": [[PATH, OLD, NEW]], "failing": [TEST], "seconds": SECONDS_OF_ONE}

and what came of it goes to ``compared.jsonl`` in the folder of reports:

.. code-block:: text

    ["compared", INPUTS]                      how many inputs there were
    ["kept", NUMBER, COUNT, OF]               inputs of passing tests with the value they had
    ["differ", NUMBER, NUMBER, CALL, A, B]    two changes do not do the same
    ["without", NUMBER]                       a change that cannot be compared like this
"""

import atexit
import json
import os
import signal
import sys
from random import Random
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any

from .changed_file import ChangedFile
from .forks import COLLECTED
from .inputs import NEAR, Call, Seen, near, shown
from .living import Living
from .processes import CLOCK, end_group, fork, wait
from .record import Record
from .settings import COMPARED, Settings

if TYPE_CHECKING:
    Exchange = list[tuple[FunctionType, CodeType]]

EACH = 0.03
"""Seconds for one input."""
SPARE = 2.0
"""Seconds until a copy that does not end by itself is killed."""
MOST_TEXT = 160
RAISED, ENDLESS = "raises ", "does not end"


class Late(BaseException):
    """An input took too long."""


def begin() -> None:
    """Compare, where that is asked for."""
    settings = Settings.load()
    try:
        with open(COMPARED, encoding="utf-8") as file:
            asked = json.load(file)
    except (OSError, ValueError):
        return
    if settings is not None and hasattr(os, "fork"):
        COLLECTED.append(Comparison(settings, asked).watch)


class Comparison:
    """One comparison, in the process that runs the tests."""

    def __init__(self, settings: Settings, asked: "dict[str, Any]") -> None:
        self._folder = os.path.dirname(settings.report)
        self._record = Record(os.path.join(self._folder, "compared.jsonl"))
        self._root = settings.root
        self._changes: list[list[str]] = asked["changes"]
        self._failing = set(asked["failing"])
        self._seconds = float(asked["seconds"])
        self._exchanges: dict[int, Exchange] = {}
        self._functions: list[FunctionType] = []
        self._seen = Seen([])

    def watch(self) -> None:
        """All tests are collected: find the functions, and note their calls from now on."""
        paths = dict.fromkeys(path for path, _, _ in self._changes)
        files = {path: ChangedFile(os.path.join(self._root, path)) for path in paths}
        living = Living({file.real for file in files.values()})
        living.find()
        for number, (path, old, new) in enumerate(self._changes, 1):
            data = files[path].changed(old, new)
            exchange = living.exchange(files[path], data) if data is not None else None
            if not exchange:
                self._record.write("without", number)
                continue
            self._exchanges[number] = exchange
            self._functions += [f for f, code in exchange if _differs(f.__code__, code)]
        self._functions = list(dict.fromkeys(self._functions))
        if self._functions and sys.getprofile() is None:
            self._seen = Seen([function.__code__ for function in self._functions])
            atexit.register(self._compare)
            sys.setprofile(self._note)

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self._seen.note(frame, os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0])
            if self._seen.full:
                sys.setprofile(None)

    def _compare(self) -> None:
        """The tests have ended: run all, and tell what differs."""
        sys.setprofile(None)
        draw = Random(0)  # noqa: S311 - the same inputs each time
        calls = list(self._seen.calls)
        calls += [(number, near(call, draw)) for number, call in calls for _ in range(NEAR)]
        tried = {
            number: self._outcomes(dict(exchange), calls)
            for number, exchange in self._exchanges.items()
        }
        # As far as all have come: of the rest nothing can be said.
        outcomes = {number: found for number, found in tried.items() if found}
        count = min([len(found) for found in outcomes.values()], default=0)
        if not count:
            return
        again = self._outcomes(dict(self._exchanges[min(outcomes)]), calls[:count])
        # What is not the same twice depends on something else.
        sound = {p for p, (a, b) in enumerate(zip(outcomes[min(outcomes)], again)) if a == b}  # noqa: B905
        self._record.write("compared", len(sound))
        unchanged = self._outcomes({}, calls[: min(count, len(self._seen.calls))])
        kept = [p for p in range(len(unchanged)) if calls[p][1].test not in self._failing]
        for number, found in outcomes.items():
            same = sum(found[p : p + 1] == [unchanged[p]] for p in kept)
            self._record.write("kept", number, same, len(kept))
        for one in outcomes:
            for other in outcomes:
                if one < other:
                    self._tell(one, other, outcomes, calls, sound)

    def _tell(
        self,
        one: int,
        other: int,
        outcomes: "dict[int, list[str]]",
        calls: "list[tuple[int, Call]]",
        sound: "set[int]",
    ) -> None:
        """The clearest input on which two changes differ: where both give a value, if any."""
        found = []
        for place, (a, b) in enumerate(zip(outcomes[one], outcomes[other])):  # noqa: B905
            raised = a.startswith(RAISED) + b.startswith(RAISED)
            if a != b and raised < 2 and place in sound and ENDLESS not in (a, b):
                found.append((raised, len(a) + len(b), place))
        if found:
            place = min(found)[2]
            function, call = calls[place]
            text = call.text(self._functions[function].__name__)
            a, b = outcomes[one][place], outcomes[other][place]
            self._record.write("differ", one, other, text[:MOST_TEXT], a[:MOST_TEXT], b[:MOST_TEXT])

    def _outcomes(
        self, exchange: "dict[FunctionType, CodeType]", calls: "list[tuple[int, Call]]"
    ) -> "list[str]":
        """What the calls come to with this exchange, in a copy; as many as there is time for."""
        path = os.path.join(self._folder, "outcomes.json")
        copy = fork()
        if copy == 0:
            os.setpgid(0, 0)
            for function, code in exchange.items():
                function.__code__ = code
            self._try_all(calls, path)
            os._exit(0)
        if wait(copy, self._seconds + SPARE) is None:
            end_group(copy)
            return []
        try:
            with open(path, encoding="utf-8") as file:
                found: list[str] = json.load(file)
            os.unlink(path)
        except (OSError, ValueError):
            return []
        return found

    def _try_all(self, calls: "list[tuple[int, Call]]", path: str) -> None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        signal.signal(signal.SIGALRM, _ring)
        end = CLOCK[0]() + self._seconds
        found = []
        for number, call in calls:
            if CLOCK[0]() < end:
                found.append(_outcome(self._functions[number], call))
        with open(path, "w", encoding="utf-8") as file:
            json.dump(found, file)


def _ring(_number: int, _frame: "FrameType | None") -> None:
    raise Late


def _outcome(function: FunctionType, call: Call) -> str:
    """What a call comes to, and what it has made of its arguments."""
    try:
        mine = call.copied()
        before = shown(mine.arguments)
        signal.setitimer(signal.ITIMER_REAL, EACH)
        text = shown(function(*mine.arguments, **mine.named))
        after = shown(mine.arguments)
    except Late:
        return ENDLESS
    except BaseException as error:  # noqa: BLE001 - whatever a function raises is its outcome
        return RAISED + type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return text if after == before else f"{text}, and its arguments become {after}"


def _differs(old: CodeType, new: CodeType) -> bool:
    """Whether two pieces of code differ in more than the lines they stand on."""
    if old.co_code != new.co_code or old.co_names != new.co_names:
        return True
    if len(old.co_consts) != len(new.co_consts):
        return True
    for one, other in zip(old.co_consts, new.co_consts):  # noqa: B905 - as old Pythons have it
        if isinstance(one, CodeType) and isinstance(other, CodeType):
            if _differs(one, other):
                return True
        elif repr(one) != repr(other):
            return True
    return old.co_varnames != new.co_varnames
