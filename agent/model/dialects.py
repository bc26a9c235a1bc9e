"""The formats that models are trained to write calls in, one reader for each family.

A reader looks at one place of a text and says where the calls there end, or that there is none.
What it gives is only a candidate; :mod:`agent.model.calls` judges it. No reader guesses: a value
that the text breaks off in is no value.
"""

import ast
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from agent.model.calls import RawCall
from agent.model.tolerant import NotJSON, parse

Taken = tuple[int, list[RawCall]]
"""Where in the text the calls end, and what they are."""
Reader = Callable[[str, int], Taken | None]

SIGN = re.compile(
    r"<(?:tool_call|tools|function_call)>|<function=|<[^\s<>]*invoke name=|\[TOOL_CALLS\]"
    r"|<\uff5ctool\u2581call\u2581begin\uff5c>|<\|python_tag\|>|<\|tool_call_start\|>"
    r"|<\|channel\|>commentary to=functions\."
)
"""Where a call may begin."""

_WRAPPER = re.compile(r"<(tool_call|tools|function_call)>\s*")
_ARGUMENT = re.compile(
    r"\s*<arg_key>(.*?)</arg_key>\s*(?:<arg_value>)?(.*?)</arg_value>", re.DOTALL
)
_MISTRAL = re.compile(r"\[TOOL_CALLS\]\s*(?:([\w.-]+)\s*(?:\[CALL_ID\]\s*\w+)?\s*\[ARGS\])?\s*")
_DEEPSEEK = re.compile(
    r"<\uff5ctool\u2581call\u2581begin\uff5c>(?:function<\uff5ctool\u2581sep\uff5c>)?([\w.-]+)\s*(?:<\uff5ctool\u2581sep\uff5c>)?\s*(?:```json\s*)?"
)
_DEEPSEEK_END = re.compile(r"\s*(?:```)?\s*<\uff5ctool\u2581call\u2581end\uff5c>")
_HARMONY = re.compile(r"<\|channel\|>commentary to=functions\.([\w-]+)[^{]*?<\|message\|>\s*")
_HARMONY_END = re.compile(r"\s*(?:<\|call\|>|<\|end\|>)")
_PYTHON_TAG = re.compile(r"<\|python_tag\|>\s*")
_PYTHONIC = re.compile(r"(?:<\|tool_call_start\|>)?\s*(\[\s*\w+\(.*\)\s*\])", re.DOTALL)
_FENCE_LANGUAGES = ("", "json", "tool", "tool_call")


def wrapped(text: str, at: int) -> Taken | None:
    """Hermes, Qwen, GLM: ``<tool_call>`` around JSON, ``<function=``, or ``<arg_key>`` pairs."""
    opened = _WRAPPER.match(text, at)
    if opened is None:
        return None
    closing = f"</{opened.group(1)}>"
    inside = opened.end()
    taken: Taken | None
    if text.startswith("<function=", inside):
        taken = elements(text, inside)
    elif text[inside : inside + 1] in ("{", "["):
        taken = _json_at(text, inside, closing)
    else:
        taken = _pairs(text, inside, closing)
    if taken is None:
        return None
    end, calls = taken
    closed = re.compile(rf"\s*{closing}").match(text, end)
    return (closed.end() if closed else end), calls


def _pairs(text: str, at: int, closing: str) -> Taken | None:
    """GLM: a name, then ``<arg_key>k</arg_key><arg_value>v</arg_value>``; the third tag may lack.

    https://github.com/vllm-project/vllm/issues/49248
    """
    name = re.compile(r"([\w.-]+)\s*(?=<arg_key>|" + closing + ")").match(text, at)
    if name is None:
        return None
    arguments, end = {}, name.end()
    while found := _ARGUMENT.match(text, end):
        arguments[found.group(1).strip()] = found.group(2)
        end = found.end()
    rest = text[end:].lstrip()
    if rest and not rest.startswith(closing):
        return None
    return end, [RawCall(name.group(1), arguments, texts=True)]


_ELEMENTS = (
    # Qwen3-Coder, IQuest-Coder and OpenHands.
    (
        re.compile(r"<function=\s*\"?([^>\"\n]+?)\"?\s*>"),
        re.compile(r"\s*<parameter=\s*\"?([^>\"\n]+?)\"?\s*>"),
        "</parameter>",
        "</function>",
    ),
    # MiniMax, and with a prefix to each tag's name DeepSeek V3.2.
    (
        re.compile(r"<[^\s<>]*?invoke name=\"([^\"]+)\"\s*>"),
        re.compile(r"\s*<[^\s<>]*?parameter name=\"([^\"]+)\"[^>]*>"),
        "parameter>",
        "invoke>",
    ),
)


def elements(text: str, at: int) -> Taken | None:
    """``<function=f><parameter=p>v</parameter></function>`` and the like; values are texts."""
    for opening, parameter, value_end, end_tag in _ELEMENTS:
        opened = opening.match(text, at)
        if opened:
            follows = re.compile(
                rf"\s*(?:{parameter.pattern}|</?[^\s<>]*(?:{end_tag.strip('</>')}|tool_calls?"
                rf"|function_calls)>|{opening.pattern}|\Z)"
            )
            return _element(text, opened, parameter, value_end, follows)
    return None


def _element(
    text: str,
    opened: re.Match[str],
    parameter: re.Pattern[str],
    value_end: str,
    follows: re.Pattern[str],
) -> Taken | None:
    arguments: dict[str, Any] = {}
    at = opened.end()
    while begun := parameter.match(text, at):
        end = _value_end(text, begun.end(), value_end, follows)
        if end is None:
            return None
        value, at = text[begun.end() : end[0]], end[1]
        # With another parameter inside, nobody can say where the value ends.
        if value_end in value and parameter.search(value, value.index(value_end)):
            return None
        arguments[begun.group(1)] = _unpadded(value)
    if not arguments and text[at:].lstrip()[:1] == "{":
        found = _decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
        if found is None:
            return None
        at, arguments = found[0], found[1]
    if not follows.match(text, at):
        return None
    closed = re.compile(r"\s*</[^\s<>]*(?:function|invoke)>").match(text, at)
    name = opened.group(1)
    return (closed.end() if closed else at), [RawCall(name, arguments, texts=True)]


def _value_end(text: str, at: int, tag: str, follows: re.Pattern[str]) -> tuple[int, int] | None:
    """Where a value ends and its closing tag too; the tag may also be part of the value."""
    closing_tag = re.compile(rf"</?[^\s<>]*{re.escape(tag.removeprefix('</'))}")
    for closing in closing_tag.finditer(text, at):
        if follows.match(text, closing.end()):
            return closing.start(), closing.end()
    return None


def mistral(text: str, at: int) -> Taken | None:
    """Mistral, Devstral: ``[TOOL_CALLS]`` before a JSON list, or before a name and ``[ARGS]``."""
    opened = _MISTRAL.match(text, at)
    if opened is None:
        return None
    if opened.group(1) is None:
        return _json_at(text, opened.end(), "</s>")
    return _arguments_at(text, opened.end(), opened.group(1))


def deepseek(text: str, at: int) -> Taken | None:
    """DeepSeek: a name, a separator and JSON between tags that have full-width bars."""
    opened = _DEEPSEEK.match(text, at)
    taken = _arguments_at(text, opened.end(), opened.group(1)) if opened else None
    return _closed(text, taken, _DEEPSEEK_END)


def harmony(text: str, at: int) -> Taken | None:
    """gpt-oss: ``<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>``.

    https://github.com/openai/harmony
    """
    opened = _HARMONY.match(text, at)
    taken = _arguments_at(text, opened.end(), opened.group(1)) if opened else None
    return _closed(text, taken, _HARMONY_END)


def python_tag(text: str, at: int) -> Taken | None:
    """Llama 3.1: ``<|python_tag|>{"name": ..., "parameters": ...}``."""
    opened = _PYTHON_TAG.match(text, at)
    return _json_at(text, opened.end(), "<|e") if opened else None


def pythonic(text: str, at: int) -> Taken | None:
    """Llama 4, LFM: ``[f(p="v")]``; backslashes are refused, they would have to be guessed at."""
    found = _PYTHONIC.match(text, at)
    if found is None or "\\" in found.group(1):
        return None
    try:
        tree = ast.parse(found.group(1).strip(), mode="eval").body
        calls = [_python_call(node) for node in tree.elts] if isinstance(tree, ast.List) else []
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
    closed = re.compile(r"\s*<\|tool_call_end\|>").match(text, found.end())
    return ((closed.end() if closed else found.end()), calls) if calls else None


def _python_call(node: ast.expr) -> RawCall:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        raise ValueError("no call by keywords")
    arguments = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
    json.dumps(arguments, allow_nan=False)  # TypeError or ValueError: more than JSON can say
    return RawCall(node.func.id, arguments)


def last_fence(text: str) -> tuple[int, list[RawCall]] | None:
    """A fence with a call as JSON as the last thing in the text: where it begins, and the call."""
    whole = text.rstrip()
    start = whole.rfind("```", 0, len(whole) - 3)
    if not whole.endswith("```") or start < 0:
        return None
    language, _, body = whole[start + 3 : -3].partition("\n")
    calls = json_calls(body) if language.strip() in _FENCE_LANGUAGES else []
    return (start, calls) if calls else None


def json_calls(text: str) -> list[RawCall]:
    """The calls that a JSON object, a list of them, or one after the other on lines, describes."""
    try:
        value, _ = parse(text)
    except NotJSON:
        lines = [line for line in text.splitlines() if line.strip()]
        found = [json_calls(line) for line in lines] if len(lines) > 1 else []
        return [call for calls in found for call in calls] if all(found) else []
    return _calls_in(value)


def _calls_in(value: Any) -> list[RawCall]:
    calls = [_json_call(item) for item in (value if isinstance(value, list) else [value])]
    return [call for call in calls if call] if all(calls) else []


def _json_call(value: Any) -> RawCall | None:
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("function"), dict):
        value = value["function"]
    name = value.get("name", value.get("tool"))
    held = [key for key in ("arguments", "parameters") if key in value]
    if not isinstance(name, str) or len(held) != 1:
        return None
    return RawCall(name, value[held[0]])


def _json_at(text: str, at: int, closing: str) -> Taken | None:
    """Calls as JSON from here on: as far as it is JSON, else up to the tag that closes it."""
    calls: list[RawCall] = []
    end = at
    while found := _decode(text, end):
        some = _calls_in(found[1])
        if not some:
            return None
        calls += some
        end = found[0] + len(text[found[0] :]) - len(text[found[0] :].lstrip())
    if calls:
        return end, calls
    stop = text.find(closing, at)
    stop = len(text) if stop < 0 else stop
    calls = json_calls(text[at:stop])
    return (stop, calls) if calls else None


def _arguments_at(text: str, at: int, name: str) -> Taken | None:
    found = _decode(text, at)
    return (found[0], [RawCall(name, found[1])]) if found else None


def _decode(text: str, at: int) -> tuple[int, Any] | None:
    """The JSON value at a place and where it ends, whatever tags its strings may hold."""
    if text[at : at + 1] not in ("{", "["):
        return None
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(text, at)
        value, _ = parse(text[at:end])
    except (ValueError, RecursionError):
        return None
    return end, value


def _closed(text: str, taken: Taken | None, ending: re.Pattern[str]) -> Taken | None:
    closed = ending.match(text, taken[0]) if taken else None
    return (closed.end(), taken[1]) if taken and closed else taken


def _unpadded(value: str) -> str:
    """A value less the one line break that the format puts on either side of it."""
    line_end = "\r\n" if value.startswith("\r\n") else "\n"
    return value.removeprefix(line_end).removesuffix(line_end)


READERS: Sequence[Reader] = (
    wrapped, elements, mistral, deepseek, harmony, python_tag, pythonic,
)  # fmt: skip
