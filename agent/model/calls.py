"""From what a server says is a call to a call that may be carried out, or to a complaint.

Names and arguments are mended where they can be meant in one way only; everything else goes back
to the model as one line that says what is wrong. Nothing that is wrong becomes a
:class:`~agent.model.base.ToolCall`, so nothing that is wrong gets into the conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.model.base import ToolCall, ToolSchema
from agent.model.clean import clean, clean_text
from agent.model.complaints import one_line
from agent.model.schema import Fault, fit, nearest
from agent.model.tolerant import NotJSON, parse
from prompts import render

MOST_CALLS = 16
"""Calls that are taken from one reply; a model that writes more has most likely lost itself."""

_SHOWN = 500
_SHOWN_NAME = 80
_ENVELOPE_ARGUMENTS = ("arguments", "parameters", "input", "args")


@dataclass(frozen=True, slots=True)
class RawCall:
    """A call as it arrived."""

    name: Any
    arguments: Any = None
    """JSON as text, or an object already; nothing stands for an empty object."""
    id: Any = None
    texts: bool = False
    """Every argument is text, as in XML; that ``3`` is then ``"3"`` is nothing to be mended."""


@dataclass(slots=True)
class Sorted:
    """The calls of one reply, sorted out."""

    calls: list[ToolCall] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)
    """One line for each that cannot be carried out, for the model."""
    repaired: list[str] = field(default_factory=list)
    """One line for each thing that was mended, for people."""


class _Wrong(Exception):
    def __init__(
        self, problem: str, name: str = "", detail: str = "", faults: Sequence[Fault] = ()
    ) -> None:
        super().__init__(problem)
        self.values = {"problem": problem, "name": name, "detail": detail, "faults": faults}


def sort_out(raw: Sequence[RawCall], tools: Sequence[ToolSchema], turn: int) -> Sorted:
    """Read each call; ``turn`` makes up ids for those that came without one of their own."""
    found = Sorted()
    known = [tool.name for tool in tools]
    taken: set[str] = set()
    for index, call in enumerate(raw):
        try:
            if index >= MOST_CALLS:
                raise _Wrong("too many")
            name, arguments, mended = _read(call, tools)
        except _Wrong as wrong:
            line = render("malformed_call", number=index + 1, known=known, **wrong.values)
            found.malformed.append(one_line(clean_text(line), _SHOWN))
            if index >= MOST_CALLS:
                break
            continue
        if any(made.name == name and made.arguments == arguments for made in found.calls[-1:]):
            found.repaired.append(f"{name}: the same call twice in a row is taken for one")
            continue
        found.repaired += [f"{name}: {line}" for line in mended]
        identity = _identity(call.id, taken, turn, index)
        taken.add(identity)
        found.calls.append(ToolCall(id=identity, name=name, arguments=arguments))
    return found


def _identity(given: Any, taken: set[str], turn: int, index: int) -> str:
    """The server's own id if it is usable; ours has the nine characters that Mistral insists on."""
    usable = isinstance(given, str) and given and given not in taken
    return clean_text(given) if usable else f"c{turn % 10**5:05}{index:03}"


def _read(call: RawCall, tools: Sequence[ToolSchema]) -> tuple[str, dict[str, Any], list[str]]:
    mended: list[str] = []
    tool = _tool(call.name, tools, mended)
    arguments = _object(call.arguments, tool, mended)
    fitted = fit(tool.parameters, arguments)
    if fitted.faults:
        raise _Wrong("faults", tool.name, faults=fitted.faults)
    if not call.texts:
        mended += fitted.mended
    try:
        cleaned = clean(fitted.value)
    except ValueError:
        raise _Wrong("not json", tool.name, "nested too deeply") from None
    if cleaned != fitted.value:
        mended.append("characters that no text can hold were replaced")
    assert isinstance(cleaned, dict)
    return tool.name, cleaned, mended


def _tool(name: Any, tools: Sequence[ToolSchema], mended: list[str]) -> ToolSchema:
    if not isinstance(name, str) or not name.strip():
        raise _Wrong("nameless")
    by_name = {tool.name: tool for tool in tools}
    if name in by_name:
        return by_name[name]
    # A tag of the model's own format may cling to the name, as in read<|channel|>commentary.
    bare = name.partition("<")[0].strip().removeprefix("functions.").removesuffix("()")
    meant = bare if bare in by_name else nearest(bare, list(by_name))
    if meant is None:
        raise _Wrong("unknown", clean_text(name)[:_SHOWN_NAME])
    mended.append(f"the name {clean_text(name)[:_SHOWN_NAME]!r} is taken for it")
    return by_name[meant]


def _object(raw: Any, tool: ToolSchema, mended: list[str]) -> dict[str, Any]:
    """The arguments object, out of however many wrappings it came in."""
    value = raw
    for _ in range(3):
        if value is None or (isinstance(value, str) and not value.strip()):
            return {}
        if isinstance(value, str):
            nested = value is not raw
            value = _parsed(value, tool, mended)
            if nested:
                mended.append("arguments: JSON inside a string")
        elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            value = value[0]
            mended.append("arguments: a list of one object is taken for the object")
        elif isinstance(value, dict):
            inner = _unwrapped(value, tool)
            if inner is None:
                return value
            value = inner
            mended.append("arguments: the call itself was wrapped in them")
        else:
            break
    if isinstance(value, dict):
        return value
    raise _Wrong("not object", tool.name)


def _parsed(text: str, tool: ToolSchema, mended: list[str]) -> Any:
    try:
        value, lines = parse(text)
    except NotJSON as error:
        raise _Wrong("not json", tool.name, str(error)) from None
    mended += [f"arguments: {line}" for line in lines]
    return value


def _unwrapped(value: dict[str, Any], tool: ToolSchema) -> Any:
    """What is inside, where the object is the whole call and no argument is called like that."""
    properties = tool.parameters.get("properties", {})
    inside = [key for key in value if key in _ENVELOPE_ARGUMENTS and key not in properties]
    others = set(value) - set(inside) - {"name", "type", "id"}
    if len(inside) != 1 or others or value.get("name", tool.name) != tool.name:
        return None
    return value[inside[0]]
