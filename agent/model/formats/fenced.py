"""A fence in the text, with the tool's name where others name a language.

The last rung: anything that was ever trained on Markdown can write it. For a tool that needs one
text only, that text is the whole body; for the others the body is a JSON object.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from agent.model.base import AssistantMessage, CallFormat, ToolCall, ToolMessage, ToolSchema
from agent.model.calls import RawCall
from agent.model.formats.base import Heard, read_text, reply_as_text, results_as_text
from agent.model.formats.xml import parameters
from agent.model.spoken import Spoken
from prompts import render

_FENCE = re.compile(r"^(`{3,})[ \t]*([\w-]+)[^\n]*\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_BEGUN = re.compile(r"^`{3,}[ \t]*([\w-]+)[^\n]*\n", re.MULTILINE)
_SHELLS = ("bash", "sh", "console", "zsh")


class Fenced:
    """The fourth rung."""

    name: CallFormat = "fenced"

    def fields(self, tools: Sequence[ToolSchema]) -> dict[str, Any]:  # noqa: ARG002 - all in the text
        """Nothing: the server need not know."""
        return {}

    def instructions(self, tools: Sequence[ToolSchema]) -> str:
        """How a fence is written, and the tools."""
        shown = [(tool, parameters(tool), only_text(tool)) for tool in tools]
        return render("protocol_fenced", tools=shown)

    def reply(self, message: AssistantMessage) -> dict[str, Any]:
        """The text, and after it the calls."""
        return reply_as_text(message.content, [_fence(call) for call in message.calls])

    def results(self, messages: Sequence[ToolMessage]) -> list[dict[str, Any]]:
        """As what a user says."""
        return results_as_text(messages)

    def read(self, spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
        """The fences that name a tool; failing that, one shell script; failing that, any format."""
        by_name = {tool.name: tool for tool in tools}
        fences = list(_FENCE.finditer(spoken.content))
        named = [fence for fence in fences if fence.group(2) in by_name]
        scripts = [fence for fence in fences if fence.group(2) in _SHELLS]
        if not named and len(scripts) == 1 and "shell" in by_name:
            named = scripts
        if not named:
            return _unfenced(spoken, tools)
        calls = [
            _raw(by_name.get(fence.group(2)) or by_name["shell"], fence.group(3)) for fence in named
        ]
        return Heard(_FENCE.sub(_kept(named), spoken.content).strip(), tuple(calls))


def _unfenced(spoken: Spoken, tools: Sequence[ToolSchema]) -> Heard:
    names = {tool.name for tool in tools}
    begun = [sign for sign in _BEGUN.finditer(spoken.content) if sign.group(1) in names]
    heard = read_text(spoken, tools)
    if begun and not heard.calls:
        prose = spoken.content[: begun[0].start()].strip()
        return Heard(prose, problem="begun", detail=begun[0].group().strip())
    return heard


def only_text(tool: ToolSchema) -> str:
    """The one argument that a tool needs, if it is a text; else nothing."""
    needed = tool.parameters.get("required", [])
    properties = tool.parameters.get("properties", {})
    single = len(needed) == 1 and properties[needed[0]].get("type") == "string"
    return needed[0] if single else ""


def _raw(tool: ToolSchema, body: str) -> RawCall:
    text, name = body.removesuffix("\n"), only_text(tool)
    if name and text.strip() and not text.lstrip().startswith("{"):
        return RawCall(tool.name, {name: text})
    return RawCall(tool.name, text)


def _kept(taken: Sequence[re.Match[str]]) -> Any:
    """Leaves every fence in the text but those that are calls."""
    starts = {fence.start() for fence in taken}
    return lambda fence: "" if fence.start() in starts else fence.group()


def _fence(call: ToolCall) -> str:
    body = json.dumps(call.arguments, ensure_ascii=False)
    return f"```{call.name}\n{body}\n```"


FENCED = Fenced()
