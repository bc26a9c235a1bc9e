"""What a stable prefix is worth: time to the first token of turn 1 and of the turns after it.

    PATCHWRIGHT_VLLM_VENV=VENV python tests/benchmarks/model_prefix.py [--tokens 60000] [--json]

Starts a real vLLM server with the tiny model of ``tests/vllm``, and has one conversation twice:
as this client sends it, and with the time of day before everything else, as some clients do. It
measures the server's cache, nothing about models.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from agent.model.base import (  # noqa: E402 - the path is set above
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from agent.model.openai import OpenAIModel  # noqa: E402
from agent.toolset import tool_schemas  # noqa: E402
from doubles.vllm_server import VLLM, build_tiny_model  # noqa: E402

TURNS = 6
TOOLS = tool_schemas()
LINE = "def function_{0}(value):\n    return value + {0}\n\n"


def opening(model: OpenAIModel, tokens: int, name: str) -> list[Message]:
    """A conversation's beginning of about so many tokens."""
    per_line = model.count_tokens("".join(LINE.format(n) for n in range(1000, 1100))) / 100
    code = "".join(LINE.format(n) for n in range(int(tokens / per_line)))
    return [SystemMessage(content=f"rules of {name}"), UserMessage(content=f"{code}task")]


def turn(number: int) -> list[Message]:
    call = ToolCall(id=f"c{number}", name="read", arguments={"path": f"{number}.py"})
    result = ToolMessage(call_id=call.id, name="read", content=f"line of file {number}\n" * 40)
    return [AssistantMessage(content=f"I read {number}.py.", calls=[call]), result]


def with_time_first(messages: list[Message]) -> list[Message]:
    first = SystemMessage(content=f"It is {time.time():.3f} o'clock. {messages[0].content}")
    return [first, *messages[1:]]


def converse(model: OpenAIModel, opened: list[Message], *, naive: bool) -> dict[str, Any]:
    conversation = list(opened)
    seconds, shares, prompts = [], [], []
    for number in range(TURNS):
        sent = with_time_first(conversation) if naive else conversation
        reply = model.reply(sent, TOOLS)
        seconds.append(reply.first_seconds)
        shares.append(reply.usage.cached / reply.usage.prompt)
        prompts.append(reply.usage.prompt)
        conversation += turn(number)
    return {
        "prompt_tokens": prompts[0],
        "first_turn_seconds": round(seconds[0], 2),
        "later_turns_seconds_median": round(median(seconds[1:]), 2),
        "ratio": round(median(seconds[1:]) / seconds[0], 3),
        "least_share_cached_later": round(min(shares[1:]), 3),
    }


def measure(venv: Path, tokens: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        model_folder = build_tiny_model(venv, Path(folder, "tiny"))
        with (
            VLLM(venv, model_folder, Path(folder)) as server,
            OpenAIModel(server.url, calls="native", max_tokens=4) as model,
        ):
            return {
                "load": os.getloadavg()[0],
                "ours": converse(model, opening(model, tokens, "ours"), naive=False),
                "time first": converse(model, opening(model, tokens, "naive"), naive=True),
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=60_000, help="of the first prompt, about")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    named = os.environ.get("PATCHWRIGHT_VLLM_VENV")
    if not named:
        parser.error("PATCHWRIGHT_VLLM_VENV names no virtual environment with vLLM")
    figures = measure(Path(named), arguments.tokens)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"load average {figures['load']:.1f}")
    for name in ("ours", "time first"):
        found = figures[name]
        print(
            f"{name}: {found['prompt_tokens']:,} tokens, first token after"
            f" {found['first_turn_seconds']} s on turn 1, {found['later_turns_seconds_median']} s"
            f" later (ratio {found['ratio']}), at least"
            f" {found['least_share_cached_later']:.1%} cached"
        )


if __name__ == "__main__":
    main()
