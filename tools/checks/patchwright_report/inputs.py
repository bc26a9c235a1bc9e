"""Inputs of functions: those that tests call them with, and others that are near to these."""

import copy
import re
from random import Random
from types import CodeType, FrameType, GeneratorType
from typing import Any

MOST_CALLS = 60
LONGEST = 2000
"""Characters of an input; longer ones are left out."""
NEAR = 6
"""Inputs made from each that was seen."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
VARARGS, VARKEYWORDS = 0x4, 0x8


class Call:
    """What a function is called with."""

    def __init__(self, arguments: "list[Any]", named: "dict[str, Any]", test: str) -> None:
        self.arguments = arguments
        self.named = named
        self.test = test

    def text(self, name: str) -> str:
        """As it would be written."""
        named = [f"{key}={value!r}" for key, value in self.named.items()]
        return f"{name}({', '.join([*map(repr, self.arguments), *named])})"

    def copied(self) -> "Call":
        """The same with values of its own."""
        arguments, named = copy.deepcopy((self.arguments, self.named))
        return Call(arguments, named, self.test)


def call_of(frame: FrameType, test: str) -> Call:
    """The call that a frame begins; its values are copies."""
    code, values = frame.f_code, frame.f_locals
    names = code.co_varnames
    arguments = [values[name] for name in names[: code.co_argcount]]
    count = code.co_argcount + code.co_kwonlyargcount
    named = {name: values[name] for name in names[code.co_argcount : count]}
    if code.co_flags & VARARGS:
        arguments += values[names[count]]
        count += 1
    if code.co_flags & VARKEYWORDS:
        named.update(values[names[count]])
    return Call(arguments, named, test).copied()


class Seen:
    """The calls of some functions, each kind of input once."""

    def __init__(self, codes: "list[CodeType]") -> None:
        self.calls: list[tuple[int, Call]] = []
        """Which function, and its call."""
        self._codes = {id(code): number for number, code in enumerate(codes)}
        self._texts: set[tuple[int, str]] = set()

    @property
    def full(self) -> bool:
        """Whether there are as many as are wanted."""
        return len(self.calls) >= MOST_CALLS

    def note(self, frame: FrameType, test: str) -> None:
        """A function is called."""
        number = self._codes.get(id(frame.f_code))
        if number is None or self.full:
            return
        # What is passed may be of any kind: what cannot be shown or copied is not used.
        try:
            call = call_of(frame, test)
            text = call.text("")
        except Exception:  # noqa: BLE001 - see above
            return
        if len(text) <= LONGEST and (number, text) not in self._texts:
            self._texts.add((number, text))
            self.calls.append((number, call))


def near(call: Call, draw: Random) -> Call:
    """A call that differs in one argument, if there is one that can be varied."""
    other = call.copied()
    other.test = ""
    if other.arguments:
        place = draw.randrange(len(other.arguments))
        other.arguments[place] = varied(other.arguments[place], draw)
    return other


def varied(value: "Any", draw: Random) -> "Any":
    """A value of the same kind that is a little different; any other value as it is."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return draw.choice([value + 1, value - 1, -value, 2 * value, 0, value // 2])
    if isinstance(value, float):
        return draw.choice([value + 1, -value, value / 2, 0.0])
    if isinstance(value, str):
        return "".join(_rearranged(list(value), draw, str_of=True))
    if type(value) in (list, tuple):
        return type(value)(_rearranged(list(value), draw))
    if type(value) is dict and value:
        left = dict(value)
        key = draw.choice(list(left))
        if draw.random() < 0.5:
            del left[key]
        else:
            left[key] = varied(left[key], draw)
        return left
    return value


def _rearranged(parts: "list[Any]", draw: Random, str_of: bool = False) -> "list[Any]":
    """One part less, twice, changed or elsewhere."""
    if not parts:
        return ["a"] if str_of else [0]
    place, way = draw.randrange(len(parts)), draw.randrange(5)
    if way == 0:
        del parts[place]
    elif way == 1:
        parts.insert(place, parts[place])
    elif way == 2:
        parts.reverse()
    elif way == 3 or str_of:
        other = draw.randrange(len(parts))
        parts[place], parts[other] = parts[other], parts[place]
    else:
        parts[place] = varied(parts[place], draw)
    return parts


def shown(value: "Any") -> str:
    """What a value is, the same in every process."""
    if isinstance(value, GeneratorType):
        value = [one for one, _ in zip(value, range(100))]  # noqa: B905 - as old Pythons have it
    return ADDRESS.sub("", repr(value))
