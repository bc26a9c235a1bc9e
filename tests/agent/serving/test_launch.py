import shlex
from collections.abc import Callable
from typing import Any

import pytest

from agent.model import profiles
from agent.serving.gpus import Gpu
from agent.serving.launch import Launch, NotServable, shell_line, variables, vllm
from agent.serving.plan import Plan, make
from agent.serving.quantisation import FP8_WHILE_LOADING, INT4_CHECKPOINT
from sandbox.base import GIB

GPT_OSS = "openai/gpt-oss-120b"
IQUEST = "IQuestLab/IQuest-Coder-V1-40B-Instruct"

PlanOf = Callable[..., Plan]


@pytest.fixture
def launch_of(plan_of: PlanOf) -> Callable[..., Launch]:
    def launch(name: str, gpus: str = "2x141", **changes: Any) -> Launch:
        plan = changes.pop("plan", None) or plan_of(name, gpus)
        fields = {"plan": plan, "profile": profiles.find(name), "on_gpus": True} | changes
        return Launch(model=name, served_name=name, **fields)

    return launch


LaunchOf = Callable[..., Launch]


def flag(command: list[str], name: str) -> str:
    assert command.count(name) == 1
    return command[command.index(name) + 1]


def test_the_command_says_all_that_was_planned(launch_of: LaunchOf) -> None:
    command = vllm(launch_of(GPT_OSS))
    assert command[:3] == ["vllm", "serve", GPT_OSS]
    assert flag(command, "--tensor-parallel-size") == "2"
    assert flag(command, "--max-model-len") == "131072"
    assert flag(command, "--gpu-memory-utilization") == "0.90"
    assert flag(command, "--max-num-batched-tokens") == "8192"
    assert flag(command, "--host") == "127.0.0.1"
    assert flag(command, "--port") == "8000"
    assert flag(command, "--scheduling-policy") == "priority"
    for name in ("chunked-prefill", "prefix-caching", "prompt-tokens-details", "auto-tool-choice"):
        assert f"--enable-{name}" in command
    assert flag(command, "--tool-call-parser") == "openai"
    assert flag(command, "--reasoning-parser") == "openai_gptoss"
    assert "--trust-remote-code" not in command
    assert "--quantization" not in command


def test_parsers_can_be_chosen_or_left_out(launch_of: LaunchOf) -> None:
    chosen = vllm(launch_of(GPT_OSS, tool_parser="hermes", reasoning_parser="qwen3"))
    assert flag(chosen, "--tool-call-parser") == "hermes"
    assert flag(chosen, "--reasoning-parser") == "qwen3"
    without = vllm(launch_of(GPT_OSS, tool_parser="none", reasoning_parser="none"))
    assert not {"--tool-call-parser", "--reasoning-parser", "--enable-auto-tool-choice"} & set(
        without
    )
    generic = vllm(launch_of(GPT_OSS, profile=profiles.find("anything")))
    assert "--tool-call-parser" not in generic


def test_a_profile_brings_its_flags_and_the_users_come_last(launch_of: LaunchOf) -> None:
    loop = "IQuestLab/IQuest-Coder-V1-40B-Loop-Instruct"
    command = vllm(launch_of(loop, trust_remote_code=True, extra=("--enforce-eager",)))
    assert flag(command, "--prefix-cache-retention-interval") == "1024"
    assert command[-1] == "--enforce-eager"


def test_weights_and_cache_in_8_bits(launch_of: LaunchOf, plan_of: PlanOf) -> None:
    plan = plan_of(IQUEST, "1x80", small_cache=True)
    plan = make(plan.weights.stored_as(FP8_WHILE_LOADING), plan.demand, plan.gpus)
    command = vllm(launch_of(IQUEST, plan=plan, trust_remote_code=True))
    assert flag(command, "--quantization") == "fp8"
    assert flag(command, "--kv-cache-dtype") == "fp8"


def test_without_gpus_vllm_finds_its_device_itself(launch_of: LaunchOf) -> None:
    command = vllm(launch_of(GPT_OSS, on_gpus=False))
    assert not {"--tensor-parallel-size", "--gpu-memory-utilization"} & set(command)
    assert flag(command, "--max-model-len") == "131072"


@pytest.mark.parametrize(
    "extra",
    ["--max-model-len=4096", "--max_model_len", "-tp", "--host", "--quantization", "--port=1"],
)
def test_flags_that_would_contradict_the_plan_are_refused(launch_of: LaunchOf, extra: str) -> None:
    with pytest.raises(NotServable, match="contradict the plan; use --"):
        vllm(launch_of(GPT_OSS, extra=(extra,)))


def test_code_of_the_model_runs_only_when_that_is_allowed(launch_of: LaunchOf) -> None:
    with pytest.raises(NotServable, match="allow it with --trust-remote-code"):
        vllm(launch_of(IQUEST))
    assert "--trust-remote-code" in vllm(launch_of(IQUEST, trust_remote_code=True))


def test_int4_is_a_plan_only(launch_of: LaunchOf, plan_of: PlanOf) -> None:
    plan = plan_of("mistralai/Devstral-Small-2507", "1x48")
    plan = make(plan.weights.stored_as(INT4_CHECKPOINT), plan.demand, plan.gpus)
    with pytest.raises(NotServable, match="AWQ or GPTQ: serve that one"):
        vllm(launch_of("mistralai/Devstral-Small-2507", plan=plan))


def test_which_gpus_is_said_only_when_not_all_are_used(
    launch_of: LaunchOf, plan_of: PlanOf
) -> None:
    assert variables(launch_of(GPT_OSS)) == {}
    three = [Gpu(n, "GPU", 80 * GIB, (80 - n) * GIB) for n in (2, 1, 0)]
    launch = launch_of(GPT_OSS, plan=plan_of(GPT_OSS, three))
    assert variables(launch)["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert variables(launch)["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_the_command_can_be_pasted_into_a_shell(launch_of: LaunchOf) -> None:
    command = vllm(launch_of(GPT_OSS, extra=("--x", "two words")))
    assert shlex.split(shell_line(command, {"A": "b c"})) == ["A=b c", *command]


@pytest.mark.parametrize(
    ("host", "exposed", "url"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:8000/v1"),
        ("localhost", False, "http://127.0.0.1:8000/v1"),
        ("::1", False, "http://[::1]:8000/v1"),
        ("0.0.0.0", True, "http://127.0.0.1:8000/v1"),
        ("192.168.1.5", True, "http://192.168.1.5:8000/v1"),
    ],
)
def test_who_can_reach_the_server(launch_of: LaunchOf, host: str, exposed: bool, url: str) -> None:
    launch = launch_of(GPT_OSS, host=host)
    assert launch.exposed is exposed
    assert launch.url == url
