"""How to ask one server: what it takes of what we would send, learnt from what it refuses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.model.base import CallFormat
from agent.model.complaints import Complaint, Kind
from agent.model.wire import Shape


@dataclass(frozen=True, slots=True)
class Manner:
    """What a request to this server may have."""

    stream: bool = True
    usage: bool = True
    """It takes ``stream_options``, without which a stream tells no usage."""
    strict: bool = True
    """It takes tools that are strict."""
    silent_tools: bool = True
    """It takes tools together with a ``tool_choice`` of none."""
    token_ids: bool = True
    """It tells, if it is vLLM, which tokens the model wrote: evidence where its parser loses calls.
    """
    priority: bool = True
    """It takes, if it is vLLM, a priority, which says whose request is served first."""
    shape: Shape = field(default_factory=Shape)

    def fields(self, owner: str, priority: int) -> dict[str, Any]:
        """The fields of a request that only say how to answer."""
        fields: dict[str, Any] = {}
        if self.stream:
            fields["stream"] = True
        if self.stream and self.usage:
            fields["stream_options"] = {"include_usage": True}
        if self.token_ids and owner == "vllm":
            fields["return_token_ids"] = True
        if self.priority and priority and owner == "vllm":
            fields["priority"] = priority
        return fields


@dataclass(frozen=True, slots=True)
class Change:
    """A way out of a refusal."""

    manner: Manner
    notice: str
    step_down: bool = False
    """Calls have to be written otherwise."""


def way_out(
    complaint: Complaint, manner: Manner, format_: CallFormat, sent: Mapping[str, Any]
) -> Change | None:
    """What to do differently, if the refused request can be mended; each is proposed once."""
    if complaint.kind is Kind.TOOLS and "tools" in sent:
        return Change(manner, f"the server takes no tool calls ({complaint.text})", step_down=True)
    if complaint.kind is Kind.HISTORY:
        shape = _other_shape(complaint.whole, manner.shape)
        notice = f"the model's template wants another form of history ({complaint.text})"
        return Change(replace(manner, shape=shape), notice) if shape != manner.shape else None
    if complaint.kind not in (Kind.REFUSED, Kind.TROUBLE):
        return None
    for words, name, asked, other in (
        (r"stream_options|include_usage", "stream options", "stream_options", {"usage": False}),
        (r"return_token_ids", "token ids", "return_token_ids", {"token_ids": False}),
        (r"priority", "a priority", "priority", {"priority": False}),
        (r"tool_choice", "a tool choice of none", "tool_choice", {"silent_tools": False}),
        (
            r"strict|grammar|invalid schema|json.?schema|anyOf",
            "strict tools",
            "tools",
            {"strict": False},
        ),
        (r"\bstream(ing)?\b", "streams", "stream", {"stream": False}),
    ):
        changed = replace(manner, **other)  # type: ignore[arg-type] # all of them are flags
        if asked in sent and changed != manner and re.search(words, complaint.whole, re.IGNORECASE):
            return Change(changed, f"the server does without {name} ({complaint.text})")
    if "response_format" in sent and format_ == "json" and _about_guidance(complaint.whole):
        return Change(manner, f"the server guides no replies ({complaint.text})", step_down=True)
    return None


def _about_guidance(text: str) -> bool:
    return bool(re.search(r"response_format|grammar|schema|structured|guided", text, re.IGNORECASE))


def _other_shape(text: str, shape: Shape) -> Shape:
    if re.search(r"single tool-calls?", text, re.IGNORECASE):
        return replace(shape, single_calls=True)
    if re.search(r"system role", text, re.IGNORECASE):
        return replace(shape, no_system=True)
    if re.search(r"alternate", text, re.IGNORECASE):
        return replace(shape, alternate=True)
    return shape
