"""The same server in a container: a Docker compose file for vLLM, a command for TGI."""

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.serving.launch import Launch, vllm
from agent.serving.quantisation import FP8_WHILE_LOADING

VLLM_IMAGE = "vllm/vllm-openai:v0.30.0"
TGI_IMAGE = "ghcr.io/huggingface/text-generation-inference:3.3.5"
PORT_INSIDE = 8000
MODEL_INSIDE = "/model"


def compose(launch: Launch, image: str = VLLM_IMAGE) -> str:
    """The compose file: https://docs.docker.com/reference/compose-file/services/.

    The host decides in ``ports`` who can reach the server; inside, it listens to everything. A
    dollar sign stands for itself only when it is doubled. Texts are written as JSON, which is YAML.

    Raises:
        NotServable: As :func:`agent.serving.launch.vllm`.
    """
    return "\n".join(_compose(launch, image)) + "\n"


def _compose(launch: Launch, image: str) -> Iterator[str]:
    local = Path(launch.model).is_absolute()
    arguments = _inside(launch, vllm(launch)[2:], local=local)
    yield "services:"
    yield "  vllm:"
    yield f"    image: {_text(image)}"
    yield "    command:"
    yield from (f"      - {_text(argument)}" for argument in arguments)
    yield "    ports:"
    yield f"      - {_text(f'{_bracketed(launch.host)}:{launch.port}:{PORT_INSIDE}')}"
    yield "    environment:"
    # Without a value, compose hands on the variable of whoever starts it, if there is one.
    yield "      - HF_TOKEN"
    yield "      - VLLM_API_KEY"
    yield "    volumes:"
    yield '      - "${HF_HOME:-${HOME}/.cache/huggingface}:/root/.cache/huggingface"'
    if local:
        yield f"      - {_text(f'{launch.model}:{MODEL_INSIDE}:ro')}"
    yield "    ipc: host"
    yield "    init: true"
    yield "    restart: unless-stopped"
    yield "    stop_grace_period: 30s"
    if launch.on_gpus:
        yield from _devices(launch)
    yield from _health_check(launch)


def _inside(launch: Launch, arguments: Sequence[str], *, local: bool) -> list[str]:
    """The image's own command is ``vllm serve``; address and path are those inside."""
    changed = [MODEL_INSIDE if local else launch.model, *arguments[1:]]
    changed[changed.index("--host") + 1] = "0.0.0.0"  # noqa: S104 - see compose
    changed[changed.index("--port") + 1] = str(PORT_INSIDE)
    return changed


def _devices(launch: Launch) -> Iterator[str]:
    plan = launch.plan
    chosen = f"device_ids: {json.dumps([str(gpu.index) for gpu in plan.gpus])}"
    yield "    deploy:"
    yield "      resources:"
    yield "        reservations:"
    yield "          devices:"
    yield "            - driver: nvidia"
    yield f"              {chosen if plan.idle else f'count: {len(plan.gpus)}'}"
    yield "              capabilities: [gpu]"


def _health_check(launch: Launch) -> Iterator[str]:
    """One token, because ``/health`` answers even when the engine hangs."""
    body = json.dumps({"model": launch.served_name, "prompt": "1", "max_tokens": 1})
    program = (
        "import os, urllib.request as u;"
        f"u.urlopen(u.Request('http://127.0.0.1:{PORT_INSIDE}/v1/completions', {body!r}.encode(),"
        " {'Content-Type': 'application/json',"
        " 'Authorization': 'Bearer ' + os.environ.get('VLLM_API_KEY', '')}), timeout=50)"
    )
    yield "    healthcheck:"
    yield f"      test: [{_text('CMD')}, {_text('python3')}, {_text('-c')}, {_text(program)}]"
    yield "      interval: 60s"
    yield "      timeout: 55s"
    yield "      start_period: 30m"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("$", "$$")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def tgi(launch: Launch, image: str = TGI_IMAGE) -> str:
    """A ``docker run`` of Text Generation Inference with the same window, cut and cache.

    https://huggingface.co/docs/text-generation-inference/reference/launcher. Tool calls and
    reasoning have no parsers to choose there.
    """
    plan, local = launch.plan, Path(launch.model).is_absolute()
    command = ["docker", "run", "--rm", "--init", "--shm-size", "1g"]
    if launch.on_gpus:
        chosen = ",".join(str(gpu.index) for gpu in plan.gpus)
        command += ["--gpus", f'"device={chosen}"']
    command += ["--publish", f"{_bracketed(launch.host)}:{launch.port}:{PORT_INSIDE}"]
    if local:
        command += ["--volume", f"{launch.model}:{MODEL_INSIDE}:ro"]
    command += [image, "--model-id", MODEL_INSIDE if local else launch.model]
    command += ["--port", str(PORT_INSIDE), "--num-shard", str(len(plan.gpus))]
    command += ["--max-total-tokens", str(plan.demand.window)]
    command += ["--max-input-tokens", str(plan.demand.window - 1)]
    command += ["--cuda-memory-fraction", f"{plan.utilisation:.2f}"]
    if plan.weights.storage is FP8_WHILE_LOADING:
        command += ["--quantize", "fp8"]
    if plan.demand.small_cache:
        command += ["--kv-cache-dtype", "fp8_e4m3fn"]
    if launch.trust_remote_code:
        command.append("--trust-remote-code")
    return shlex.join(command)
