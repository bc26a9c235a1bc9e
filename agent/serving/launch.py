"""The command line of ``vllm serve`` for a plan and a profile. Nothing here does any I/O.

The flags are those of vLLM 0.32: https://docs.vllm.ai/en/latest/cli/serve/.
"""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from agent.model.profiles import Profile
from agent.serving.plan import SEQUENCES, Plan
from agent.serving.quantisation import FP8_WHILE_LOADING, INT4_CHECKPOINT

LOOPBACK = ("127.0.0.1", "localhost", "::1")
STRUCTURED = {"backend": "xgrammar", "disable_any_whitespace": True}
"""Of 20 guided replies of random weights, all were valid so, and 13 with free whitespace."""


class NotServable(Exception):
    """The command cannot be made as asked; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that the command line is made of."""

    model: str
    """What vLLM loads: a folder or a name on the hub."""
    served_name: str
    """What clients call it."""
    plan: Plan
    profile: Profile
    on_gpus: bool
    """Whether GPUs were found or described; without, vLLM finds its device itself."""
    host: str = "127.0.0.1"
    port: int = 8000
    tool_parser: str | None = None
    """Instead of the profile's; ``none`` for no parser."""
    reasoning_parser: str | None = None
    """Instead of the profile's; ``none`` for no parser."""
    trust_remote_code: bool = False
    extra: tuple[str, ...] = ()
    """Further flags for vLLM, as given."""

    @property
    def exposed(self) -> bool:
        """Whether other machines can reach the server."""
        return self.host not in LOOPBACK

    @property
    def url(self) -> str:
        """The base URL for clients on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "localhost") else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/v1"


def vllm(launch: Launch) -> list[str]:
    """The command, without the variables of :func:`variables`.

    Raises:
        NotServable: What was asked for contradicts itself or the model.
    """
    _check(launch)
    return [
        "vllm",
        "serve",
        launch.model,
        *("--served-model-name", launch.served_name),
        *("--host", launch.host, "--port", str(launch.port)),
        *_memory(launch),
        *("--enable-chunked-prefill", "--enable-prefix-caching"),
        "--enable-prompt-tokens-details",
        *("--scheduling-policy", "priority"),
        *("--structured-outputs-config", json.dumps(STRUCTURED)),
        *_parsers(launch),
        *launch.profile.server_flags,
        *(["--trust-remote-code"] if launch.trust_remote_code else []),
        *launch.extra,
    ]


def variables(launch: Launch) -> dict[str, str]:
    """Environment variables beside the user's own: which GPUs, when not all of them."""
    if not launch.plan.idle or not launch.on_gpus:
        return {}
    chosen = ",".join(str(gpu.index) for gpu in launch.plan.gpus)
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": chosen}


def shell_line(command: Sequence[str], extra: dict[str, str]) -> str:
    """The command as it can be pasted into a shell."""
    assigned = [f"{name}={shlex.quote(value)}" for name, value in extra.items()]
    return " ".join([*assigned, shlex.join(command)])


def _memory(launch: Launch) -> list[str]:
    plan = launch.plan
    flags = ["--max-model-len", str(plan.demand.window), "--max-num-seqs", str(SEQUENCES)]
    if launch.on_gpus:
        flags += ["--max-num-batched-tokens", str(plan.step)]
        flags += ["--tensor-parallel-size", str(len(plan.gpus))]
        flags += ["--gpu-memory-utilization", f"{plan.utilisation:.2f}"]
    if plan.weights.storage is FP8_WHILE_LOADING:
        flags += ["--quantization", "fp8"]
    if plan.demand.small_cache:
        flags += ["--kv-cache-dtype", "fp8"]
    return flags


def _parsers(launch: Launch) -> list[str]:
    flags: list[str] = []
    tools = launch.tool_parser or launch.profile.tool_parser
    if tools and tools != "none":
        flags += ["--enable-auto-tool-choice", "--tool-call-parser", tools]
    reasoning = launch.reasoning_parser or launch.profile.reasoning_parser
    if reasoning and reasoning != "none":
        flags += ["--reasoning-parser", reasoning]
    return flags


_OURS = {
    "--served-model-name": "--served-model-name",
    "--host": "--host",
    "--port": "--port",
    "--max-model-len": "--window",
    "--tensor-parallel-size": "--gpus",
    "-tp": "--gpus",
    "--gpu-memory-utilization": "--gpu-memory-utilization",
    "--quantization": "--quantization",
    "-q": "--quantization",
    "--kv-cache-dtype": "--kv-cache-dtype",
    "--tool-call-parser": "--tool-call-parser",
    "--reasoning-parser": "--reasoning-parser",
    "--trust-remote-code": "--trust-remote-code",
}
"""Flags of vLLM that the plan or a safety rule depends on, and the option that sets each."""


def _check(launch: Launch) -> None:
    for flag in launch.extra:
        name = flag.split("=", 1)[0].replace("_", "-")
        if name in _OURS:
            raise NotServable(
                f"{flag} after -- would contradict the plan; use {_OURS[name]} before it"
            )
    if launch.plan.weights.storage is INT4_CHECKPOINT:
        raise NotServable(
            "vLLM does not make INT4 of a checkpoint while loading it; this plan is for one that is"
            " already in AWQ or GPTQ: serve that one"
        )
    if launch.profile.remote_code and not launch.trust_remote_code:
        raise NotServable(
            f"{launch.served_name} brings Python code that vLLM would run on this machine as you;"
            " allow it with --trust-remote-code"
        )
