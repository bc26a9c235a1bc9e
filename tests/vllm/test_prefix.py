"""The server finds what it has read before: turn after turn, across a step down, and candidates."""

from agent.model.base import (
    AssistantMessage,
    CallFormat,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from agent.model.openai import OpenAIModel
from agent.toolset import tool_schemas
from doubles.vllm_server import VLLM

TOOLS = tool_schemas()
CODE = "".join(f"def function_{n}(value):\n    return value + {n}\n\n" for n in range(1800))
SHARE = 0.95


def opening(name: str) -> list[Message]:
    """A conversation's beginning that no other test has sent."""
    return [SystemMessage(content=f"rules of {name}"), UserMessage(content=CODE + "task")]


def turn(number: int, call_format: CallFormat) -> list[Message]:
    """A turn as the harness would keep it; what the model says matters nothing to the cache."""
    if number % 4 == 3:
        failed = AssistantMessage(failed=True, call_format=call_format)
        return [failed, UserMessage(content="Your reply held no call.")]
    call = ToolCall(id=f"c{number}", name="read", arguments={"path": f"{number}.py", "first": 3})
    return [
        AssistantMessage(content=f"I read {number}.py.", calls=[call], call_format=call_format),
        ToolMessage(call_id=call.id, name="read", content=f"line of file {number}\n" * 20),
    ]


def shares(model: OpenAIModel, opened: list[Message], formats: list[CallFormat]) -> list[float]:
    """Which share of each turn's prompt the server had in its cache."""
    conversation = list(opened)
    found = []
    for number, name in enumerate(formats):
        usage = model.reply(conversation, TOOLS).usage
        found.append(usage.cached / usage.prompt)
        conversation += turn(number, name)
    return found


def test_every_turn_after_the_first(server: VLLM) -> None:
    with OpenAIModel(server.url, calls="native", max_tokens=4) as model:
        first, *later = shares(model, opening("turns"), ["native"] * 12)
    assert first < 0.05
    assert min(later) >= SHARE


def test_a_step_down_the_ladder(server: VLLM) -> None:
    steps: list[CallFormat] = ["native"] * 3 + ["json"] * 2 + ["xml"] * 2 + ["fenced"] * 2
    with OpenAIModel(server.url, calls="native", max_tokens=4) as model:
        _, *later = shares(model, opening("steps"), steps)
    assert min(later) >= SHARE


def test_candidates_of_one_issue(server: VLLM) -> None:
    with OpenAIModel(server.url, calls="native", max_tokens=4) as model:
        shares(model, opening("candidates"), ["native"])
        for _ in range(3):
            assert min(shares(model, opening("candidates"), ["native"] * 2)) >= SHARE
