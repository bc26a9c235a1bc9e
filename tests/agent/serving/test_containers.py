import shlex
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from agent.model import profiles
from agent.serving.containers import compose, tgi
from agent.serving.gpus import Gpu
from agent.serving.launch import Launch, vllm
from agent.serving.plan import Plan, make
from agent.serving.quantisation import FP8_WHILE_LOADING
from sandbox.base import GIB

NAME = "Qwen/Qwen3-Coder-30B-A3B-Instruct"

PlanOf = Callable[..., Plan]
LaunchOf = Callable[..., Launch]


@pytest.fixture
def launch_of(plan_of: PlanOf) -> LaunchOf:
    def launch(**changes: Any) -> Launch:
        fields: dict[str, Any] = {
            "model": NAME,
            "served_name": NAME,
            "plan": plan_of(NAME, "2x80"),
            "profile": profiles.find(NAME),
            "on_gpus": True,
        }
        return Launch(**(fields | changes))

    return launch


def service(text: str) -> dict[str, Any]:
    """The service, with dollar signs as compose hands them on."""
    found: dict[str, Any] = yaml.safe_load(text)["services"]["vllm"]
    return found


def test_the_container_runs_the_same_command_on_the_same_gpus(launch_of: LaunchOf) -> None:
    launch = launch_of()
    found = service(compose(launch))
    expected = [*vllm(launch)[2:]]
    expected[expected.index("--host") + 1] = "0.0.0.0"
    assert found["command"] == expected
    (device,) = found["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 2, "capabilities": ["gpu"]}
    assert found["ports"] == ["127.0.0.1:8000:8000"]
    assert found["init"] is True
    assert "VLLM_API_KEY" in found["environment"]


def test_only_the_host_decides_who_can_reach_it(launch_of: LaunchOf) -> None:
    found = service(compose(launch_of(host="0.0.0.0", port=9000)))
    assert found["ports"] == ["0.0.0.0:9000:8000"]
    assert found["command"][found["command"].index("--port") + 1] == "8000"
    assert service(compose(launch_of(host="::1")))["ports"] == ["[::1]:8000:8000"]


def test_some_of_the_gpus_are_named(launch_of: LaunchOf, plan_of: PlanOf) -> None:
    three = [Gpu(n, "GPU", 80 * GIB, (70 + n) * GIB) for n in range(3)]
    found = service(compose(launch_of(plan=plan_of(NAME, three))))
    (device,) = found["deploy"]["resources"]["reservations"]["devices"]
    assert device["device_ids"] == ["1", "2"]
    assert "deploy" not in service(compose(launch_of(on_gpus=False)))


def test_a_folder_is_mounted_read_only(launch_of: LaunchOf) -> None:
    found = service(compose(launch_of(model="/srv/models/coder $1", served_name="coder")))
    assert found["command"][0] == "/model"
    assert "/srv/models/coder $$1:/model:ro" in found["volumes"]


def test_every_text_survives(launch_of: LaunchOf) -> None:
    odd = 'quote " colon: hash # brace { dollar $HOME new\nline é'
    found = service(compose(launch_of(extra=("--x", odd))))
    assert found["command"][-1] == odd.replace("$", "$$")


def test_the_health_check_asks_for_a_token(launch_of: LaunchOf) -> None:
    program = service(compose(launch_of(served_name="it's")))["healthcheck"]["test"][-1]
    compile(program, "healthcheck", "exec")
    assert "/v1/completions" in program
    assert '"max_tokens": 1' in program


def test_tgi_gets_the_same_window_cut_and_cache(launch_of: LaunchOf, plan_of: PlanOf) -> None:
    plan = plan_of(NAME, "2x80", small_cache=True)
    plan = make(plan.weights.stored_as(FP8_WHILE_LOADING), plan.demand, plan.gpus)
    words = shlex.split(tgi(launch_of(plan=plan)))
    for name, value in {
        "--model-id": NAME,
        "--num-shard": "2",
        "--max-total-tokens": "262144",
        "--max-input-tokens": "262143",
        "--quantize": "fp8",
        "--kv-cache-dtype": "fp8_e4m3fn",
        "--publish": "127.0.0.1:8000:8000",
        "--gpus": '"device=0,1"',
    }.items():
        assert words[words.index(name) + 1] == value
    assert "--volume" in shlex.split(tgi(launch_of(model="/srv/model")))
