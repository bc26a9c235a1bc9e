"""The model: whether its server answers, how calls reach it, how fast it is, what it remembers."""

from agent.config import DEFAULT_BASE_URL, Settings
from agent.doctor.finding import Finding, failure, ok, warning
from agent.model.base import Message, Model, ModelError, Reply, ToolSchema, UserMessage
from agent.model.profiles import BadProfile
from agent.wiring import make_model
from prompts import render

_SMALL_WINDOW = 32_000
_SLOW = 10.0
"""Tokens a second; a repair takes some ten thousand."""
_START = "patchwright serve MODEL"
_PARSER = "vllm serve MODEL --enable-auto-tool-choice --tool-call-parser PARSER"


def check_model(settings: Settings) -> list[Finding]:
    """Everything that can be told of the model by asking it twice."""
    if settings.embedded:
        text = (
            "embedded: repairs small bugs in Python and JavaScript that failing tests show, "
            "without weights"
        )
        return [warning("model", text, "name a server with PATCHWRIGHT_BASE_URL")]
    where = settings.base_url or DEFAULT_BASE_URL
    try:
        model = make_model(settings)
        model.check()
        found = [_told(model, where)]
    except (ModelError, BadProfile) as error:
        return [failure("model", str(error), _START)]
    try:
        return [*found, *_asked(model)]
    except ModelError as error:
        return [*found, failure("model calls", str(error), _PARSER)]


def _told(model: Model, where: str) -> Finding:
    text = f"{model.name} at {where}, a context of {model.window:,} tokens"
    if model.window < _SMALL_WINDOW:
        return warning(
            "model", f"{text}, which is little", "vllm serve MODEL --max-model-len 65536"
        )
    return ok("model", text)


def _asked(model: Model) -> list[Finding]:
    """Ask for a call twice; the second time the server may have kept the prompt."""
    tool = ToolSchema(
        name="report",
        description=render("probe_tool"),
        parameters={
            "type": "object",
            "properties": {"word": {"type": "string"}},
            "required": ["word"],
        },
    )
    messages: list[Message] = [UserMessage(content=render("doctor"))]
    first = model.reply(messages, [tool])
    second = model.reply(messages, [tool])
    return [_calls(first), _cache(second), _speed(second)]


def _calls(reply: Reply) -> Finding:
    way = f"the way that works: {reply.message.call_format}"
    if not reply.message.calls:
        return failure("model calls", "it was asked for a tool call and made none", _PARSER)
    if reply.notices:
        return warning("model calls", f"{way} ({'; '.join(reply.notices)})", _PARSER)
    return ok("model calls", way)


def _cache(reply: Reply) -> Finding:
    cached, prompt = reply.usage.cached, reply.usage.prompt
    if cached:
        return ok("prefix cache", f"{cached} of {prompt} tokens were in the server's cache")
    text = "the server does not say that it kept anything of an earlier prompt"
    return warning("prefix cache", text, "vllm serve MODEL --enable-prefix-caching")


def _speed(reply: Reply) -> Finding:
    seconds = max(reply.seconds - reply.first_seconds, 1e-6)
    rate = reply.usage.completion / seconds
    if not reply.first_seconds:
        rate = reply.usage.completion / max(reply.seconds, 1e-6)
    text = f"{rate:.0f} tokens a second, the first after {reply.first_seconds:.1f} s"
    if rate < _SLOW:
        return warning("model speed", text, "serve a smaller or quantised model")
    return ok("model speed", text)
