"""Foreign text on its way into a prompt: it cannot pose as the chat's own marks, nor hide.

A server turns text such as ``<|im_start|>`` into the very tokens that begin a turn, wherever it
stands; files, test output and issues may hold it. One character put after its first one makes it
text again. It is a backslash, so that a reader sees what was done and a call can be read back.
"""

import re
from typing import TypeVar, cast

T = TypeVar("T")

_WORDS = "|".join(
    [
        *("s", "bos", "eos", "pad", "unk", "mask", "sep", "cls", "start_of_turn", "end_of_turn"),
        *("start_of_image", "end_of_image", "fim_prefix", "fim_middle", "fim_suffix"),
        *("think", "tool_call", "tool_response", "function_calls"),
    ]
)
_BRACKETED = "|".join(
    [
        *("INST", "SYSTEM_PROMPT", "AVAILABLE_TOOLS", "TOOL_CALLS", "TOOL_RESULTS", "TOOL_CONTENT"),
        *("CALL_ID", "ARGS", "THINK", "IMG", "IMG_BREAK", "IMG_END", "PREFIX", "SUFFIX", "MIDDLE"),
    ]
)
# Of ChatML and Llama 3, of DeepSeek, of Gemma and Llama 2, and of Mistral. Operators such as
# ``a <| b |> c`` hold spaces, and marks do not.
_REST = (
    r"\|[^<>|\s]{1,64}\|>",
    r"\uff5c[^<>\s]{1,64}\uff5c>",
    rf"/?(?:{_WORDS})>",
    r"</?SYS>>",
)
_MARK = re.compile(rf"<(?={'|'.join(_REST)})|\[(?=/?(?:{_BRACKETED})\])")
_MARKED = re.compile(rf"(<)\\(?={'|'.join(_REST)})|(\[)\\(?=/?(?:{_BRACKETED})\])")
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x9f\\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Control, format, filler and tag characters, halves of pairs; not tab, line feed and
return, nor the form feed that old sources are divided by."""


def without_marks(text: str) -> str:
    """The text with no mark of a chat in it; what it held can still be read."""
    return _MARK.sub(lambda found: f"{found[0]}\\", text)


def as_written(value: T) -> T:
    """What a model meant that copied from its prompt: the opposite of ``without_marks``.

    Lists and objects are gone through, texts are taken back, all else stays.
    """
    result: object = value
    if isinstance(value, str):
        result = _MARKED.sub(lambda found: found[1] or found[2], value)
    elif isinstance(value, list):
        result = [as_written(item) for item in value]
    elif isinstance(value, dict):
        result = {name: as_written(item) for name, item in value.items()}
    return cast("T", result)


def visible(text: str) -> str:
    """The text with characters that cannot be seen, or that turn its direction, spelled out."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def bordered(value: object) -> object:
    """What a template puts into a prompt for a value."""
    return without_marks(visible(value)) if isinstance(value, str) else value
