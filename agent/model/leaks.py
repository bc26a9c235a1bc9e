"""Finds calls that were written into a reply's text.

A server whose parser does not fit its model passes the call on as text, tags and all
(https://github.com/vllm-project/vllm/issues/22975), and a model that is asked to write calls in
one format falls back into the one it was trained on.

Only the sign that stands first decides the format, so a call that is quoted inside another call's
argument is never taken for one.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from agent.model.calls import RawCall
from agent.model.dialects import READERS, SIGN, json_calls, last_fence, pythonic

_INVENTED = re.compile(
    r"<tool_response>|<\|im_start\|>|<function_results?>|\[TOOL_RESULTS\]|<\|start\|>user"
    r"|^(?:observation|result)\b[^\n]*:",
    re.IGNORECASE | re.MULTILINE,
)
_LITTER = re.compile(
    r"<\|channel\|>analysis<\|message\|>.*?(?:<\|end\|>|\Z)|<\|channel\|>\w+<\|message\|>"
    r"|<\|start\|>assistant|</?(?:tool_calls?|tools|function_calls?|minimax:tool_call)>"
    r"|</(?:function|parameter|invoke|think)>|</?\uff5cDSML\uff5c\w+>|<\uff5ctool\u2581[^\uff5c]+\uff5c>|<\uff5cend\u2581of\u2581sentence\uff5c>"
    r"|<\|(?:im_end|endoftext|eot_id|eom_id|call|end|return|tool_call_\w+)\|>|</s>",
    re.DOTALL,
)


@dataclass(slots=True)
class Found:
    """What a text holds besides prose."""

    prose: str
    """The text without calls, and without the tags that stood around them."""
    calls: list[RawCall] = field(default_factory=list)
    begun: str = ""
    """The sign of a call that was begun and cannot be read; all from there on is left out."""
    ignored: bool = False
    """Something after the last call was left out: the model went on as if it had the result."""


def find_calls(text: str, names: Collection[str]) -> Found:
    """Take the calls out of a text.

    Without a tag around it, JSON is a call only if it is of one of the tools of these ``names``.
    """
    found = _scan(text)
    if found.calls or found.begun:
        return found
    tidy = _tidy(text)
    for start, calls in _untagged(tidy):
        if calls and all(call.name in names for call in calls):
            return Found(tidy[:start].strip(), calls)
    return Found(tidy)


def _untagged(text: str) -> Iterator[tuple[int, list[RawCall]]]:
    """What may be calls at the end of a text, and where they begin."""
    fence = last_fence(text)
    if fence:
        yield fence
    if text[:1] in ("{", "["):
        yield 0, json_calls(text)
    alone = pythonic(text, 0)
    if alone and not text[alone[0] :].strip():
        yield 0, alone[1]


def _scan(text: str) -> Found:
    prose: list[str] = []
    found = Found("")
    at = 0
    while sign := SIGN.search(text, at):
        between = text[at : sign.start()]
        if found.calls and _INVENTED.search(between):
            found.ignored = True
            break
        prose.append(between)
        taken = next((t for t in (read(text, sign.start()) for read in READERS) if t), None)
        if taken is None:
            found.begun = sign.group()
            break
        at = taken[0]
        found.calls += taken[1]
    else:
        rest = text[at:]
        found.ignored = bool(found.calls and _INVENTED.search(rest))
        prose.append("" if found.ignored else rest)
    found.prose = _tidy("".join(prose))
    return found


def _tidy(prose: str) -> str:
    return _LITTER.sub("", prose).strip()
