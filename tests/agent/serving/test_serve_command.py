"""``patchwright serve`` as a user meets it: exit code, what it prints, what it leaves behind."""

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.commands.serve import serve

LITTLE = Path(__file__).with_name("little_server.py")
PROGRAM = """
from agent import cli
from agent.commands.serve import serve
cli.cli.add_command(serve)
cli.main()
"""
IQUEST = "IQuestLab/IQuest-Coder-V1-40B-Instruct"
CONFIG = {
    "model_type": "llama",
    "hidden_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 512,
    "vocab_size": 4096,
    "max_position_embeddings": 8192,
}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs; first on the path of every process started here."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(tmp_path: Path, programs: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path / "home"),
        "PATH": f"{programs}:{os.defpath}",
        "LANG": "C.UTF-8",
    }


Run = Callable[..., Result]


@pytest.fixture
def run(
    tmp_path: Path, programs: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.chdir(tmp_path)
    # Nothing of this machine's: not its GPUs, not its models.
    ours = {"PATH": str(programs), "HOME": environment["HOME"]}
    others = dict.fromkeys(("HF_HOME", "HF_HUB_CACHE", "CUDA_VISIBLE_DEVICES"))

    def run(*arguments: str, **variables: str) -> Result:
        return CliRunner(env={**others, **ours, **variables}).invoke(serve, arguments)

    return run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return folder


def install(programs: Path, name: str, script: str) -> None:
    path = programs / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def nvidia_smi(programs: Path, *lines: str) -> None:
    install(programs, "nvidia-smi", "\n".join(f"echo '{line}'" for line in lines))


H100 = "{0}, GPU-{0}a, NVIDIA H100 80GB HBM3, 81559, 81008"


def test_the_plan_and_the_command_are_printed(run: Run, programs: Path) -> None:
    nvidia_smi(programs, H100.format(0), H100.format(1))
    done = run(IQUEST, "--dry-run", "--trust-remote-code")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "weights    74.1 GiB, bfloat16, by its shapes, 37.1 GiB on each GPU" in lines
    assert "KV cache   320.0 KiB a token, in 16 bits; a window takes 20.0 GiB on each GPU" in lines
    assert "GPUs       2 x NVIDIA H100 80GB HBM3, 79.6 GiB, used to 90%: 71.7 GiB each" in lines
    assert "left       32.1 GiB on each: 1.6 full windows at once" in lines
    command = shlex.split(lines[-1])
    assert command[:3] == ["vllm", "serve", IQUEST]
    assert command[command.index("--tensor-parallel-size") + 1] == "2"
    assert "run here as you" in done.stderr


def test_what_does_not_fit_is_refused_with_the_ways_out(run: Run, programs: Path) -> None:
    nvidia_smi(programs, H100.format(0))
    done = run(IQUEST, "--dry-run")
    assert done.exit_code == 2
    assert "it does not fit: one full window lacks 44.6 GiB on each GPU" in done.stdout
    assert "  2 GPUs of 80 GiB: fits, 1.6 full windows at once" in done.stdout
    assert done.stderr.endswith("the model does not fit; see above, or start it with --anyway\n")
    assert run(IQUEST, "--dry-run", "--anyway", "--trust-remote-code").exit_code == 0


def test_a_way_out_can_be_taken(run: Run) -> None:
    done = run(
        *(IQUEST, "--dry-run", "--gpus", "1x80", "--trust-remote-code"),
        *("--quantization", "fp8", "--kv-cache-dtype", "fp8"),
    )
    assert done.exit_code == 0
    assert "fits" not in done.stdout
    assert "--quantization fp8 --kv-cache-dtype fp8" in done.stdout
    smaller = run(
        *("Qwen/Qwen3-Coder-30B-A3B-Instruct", "--dry-run", "--gpus", "1x80"),
        *("--window", "151552"),
    )
    assert smaller.exit_code == 0
    assert "--max-model-len 151552" in smaller.stdout


def test_json_is_one_object_a_line(run: Run) -> None:
    done = run("openai/gpt-oss-120b", "--dry-run", "--json", "--gpus", "1x80")
    plan, command = (json.loads(line) for line in done.stdout.splitlines())
    assert plan["fits"] is True
    assert plan["parameters"] == 116_829_156_672
    assert (
        plan["per_gpu"]["weights"] + plan["per_gpu"]["reserve"] + plan["per_gpu"]["kv_cache"]
        == plan["per_gpu"]["usable"]
    )
    assert command["command"][:2] == ["vllm", "serve"]
    short = run("openai/gpt-oss-120b", "--json", "--gpus", "1x24")
    assert short.exit_code == 2
    found = json.loads(short.stdout)
    assert found["fits"] is False
    assert found["per_gpu"]["short"] > 0
    assert "4 GPUs of 24 GiB" in [way["change"] for way in found["ways"]]


def test_without_gpus_it_is_said_how_many_are_enough(run: Run) -> None:
    done = run("openai/gpt-oss-120b", "--dry-run")
    assert done.exit_code == 0
    assert "none found here; enough would be 4 x 24 GiB, 2 x 48 GiB, 1 x 80 GiB" in done.stdout
    assert "--tensor-parallel-size" not in done.stdout


def test_gpus_are_chosen_by_number_and_by_what_is_visible(run: Run, programs: Path) -> None:
    nvidia_smi(programs, *(H100.format(number) for number in range(4)))
    two = run("openai/gpt-oss-120b", "--dry-run", "--gpus", "2")
    assert "--tensor-parallel-size 2" in two.stdout
    visible = run("openai/gpt-oss-120b", "--dry-run", CUDA_VISIBLE_DEVICES="3")
    assert "--tensor-parallel-size 1" in visible.stdout
    assert (
        "--tensor-parallel-size"
        not in run("openai/gpt-oss-120b", "--dry-run", "--gpus", "0").stdout
    )


def test_a_compose_file_and_a_command_for_tgi_are_written(run: Run, tmp_path: Path) -> None:
    done = run("openai/gpt-oss-20b", "--gpus", "1x24", "--compose", "compose.yaml")
    assert done.exit_code == 0
    assert "docker compose --file compose.yaml up" in done.stderr
    assert "--max-model-len" in (tmp_path / "compose.yaml").read_text()
    tgi = run("openai/gpt-oss-20b", "--gpus", "1x24", "--tgi", "--image", "tgi:mine")
    assert "docker run" in tgi.stdout.splitlines()[-1]
    assert "tgi:mine" in tgi.stdout


def test_listening_beyond_this_machine_is_said_loudly(run: Run) -> None:
    done = run("openai/gpt-oss-20b", "--dry-run", "--host", "0.0.0.0")
    assert done.stderr.startswith("WARNING: 0.0.0.0 can be reached from other machines.")
    assert "WARNING" not in run("openai/gpt-oss-20b", "--dry-run").stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nobody/nothing"], "nobody/nothing is no folder here"),
        (["tiny", "--gpus", "many"], "'many' are no GPUs"),
        (["tiny", "--gpus", "3"], "--gpus 3: there are 0 here"),
        (["tiny", "--window", "9000"], "made for 8,192 tokens"),
        (["tiny", "--config", "nowhere.json"], "cannot read nowhere.json"),
        (["tiny", "--profiles", "nowhere.toml"], "cannot read nowhere.toml"),
        (["openai/gpt-oss-20b", "--quantization", "fp8"], "quantised already"),
        (["tiny", "--dry-run", "--", "--max-model-len=1"], "use --window before it"),
        (["tiny", "--quantization", "int4", "--dry-run"], "AWQ or GPTQ"),
        ([IQUEST, "--dry-run"], "allow it with --trust-remote-code"),
        (["tiny"], "pip install 'patchwright[vllm]'"),
        (["tiny", "--port", "70000"], "not in the range"),
        (["tiny", "--compose", "/proc/x"], "cannot write /proc/x"),
    ],
)
def test_bad_input_gets_one_clear_line(
    run: Run, model: Path, arguments: list[str], line: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2, done.stdout + done.stderr
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_nvidia_smi_that_fails_is_not_taken_for_no_gpu(
    run: Run, programs: Path, model: Path
) -> None:
    install(programs, "nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
    done = run("tiny", "--dry-run")
    assert done.exit_code == 2
    assert "nvidia-smi failed: NVIDIA-SMI has failed; say what there is with --gpus" in done.stderr


def test_a_users_own_profile_is_used(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        "[[profile]]\nname = 'mine'\nmatch = ['tiny']\ntool_parser = 'hermes'\ncontext = 4096\n"
    )
    done = run("tiny", "--profiles", "mine.toml", "--dry-run")
    assert "model      tiny (profile mine)" in done.stdout
    assert "--tool-call-parser hermes" in done.stdout
    assert "--max-model-len 4096" in done.stdout


class Served:
    """The command, running, with the little server as vLLM."""

    def __init__(self, environment: dict[str, str], folder: Path, *flags: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", PROGRAM, "serve", "tiny", "--port", str(self.port)),
                *("--gpus", "0", "--", *flags),
            ],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("ready:"):
                return line
        raise AssertionError(self.process.communicate()[1])

    def left(self) -> list[int]:
        """Processes that still serve at this port."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (OSError, ProcessLookupError):
                continue
            if str(LITTLE).encode() in words and str(self.port).encode() in words:
                found.append(int(entry.name))
        return found

    def wait_until_gone(self) -> None:
        until = time.monotonic() + 20
        while self.left():
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.fixture
def served(
    programs: Path, environment: dict[str, str], model: Path, tmp_path: Path
) -> Iterator[Callable[..., Served]]:
    # vllm serve MODEL --served-model-name N --host H --port PORT ...
    python, little = shlex.quote(sys.executable), shlex.quote(str(LITTLE))
    install(programs, "vllm", f'shift 7; port=$1; shift; exec {python} {little} "$port" "$@"')
    started = []

    def start(*flags: str) -> Served:
        started.append(Served(environment, tmp_path, *flags))
        return started[-1]

    yield start
    for one in started:
        # A test that failed leaves servers, whose children would hold the pipes open.
        sessions = {os.getsid(pid) for pid in one.left()}
        one.process.kill()
        for session in sessions:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(session, signal.SIGKILL)
        one.process.communicate()
        one.wait_until_gone()


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_it_serves_until_it_is_told_to_stop(
    served: Callable[..., Served], number: int, code: int, word: str
) -> None:
    running = served("--children", "1")
    line = running.wait_until_ready()
    assert line == f"ready: --base-url http://127.0.0.1:{running.port}/v1 --model tiny\n"
    running.process.send_signal(number)
    log = running.process.communicate(timeout=30)[1]
    assert running.process.returncode == code
    assert "starting" in log
    said = [line for line in log.splitlines() if line]
    assert said[-2:] == ["stopping the server", f"patchwright: {word}"]
    assert running.left() == []


def test_a_server_that_dies_is_a_service_error(served: Callable[..., Served]) -> None:
    running = served("--die", "start", "--exit", "4", "--children", "1")
    log = running.process.communicate(timeout=30)[1]
    assert running.process.returncode == 3
    assert "patchwright: the server ended with exit code 4 before it was ready" in log
    assert running.left() == []


@pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="setpriv is not installed")
def test_the_server_ends_when_patchwright_is_killed(served: Callable[..., Served]) -> None:
    running = served()
    running.wait_until_ready()
    assert running.left()
    running.process.kill()
    running.wait_until_gone()


def test_a_port_that_is_taken_is_a_usage_error(run: Run, programs: Path, model: Path) -> None:
    install(programs, "vllm", "exit 1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("tiny", "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 2
    assert "cannot listen on 127.0.0.1" in done.stderr
