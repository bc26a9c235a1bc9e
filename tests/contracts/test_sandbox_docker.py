"""What the contract leaves open and the Docker kind promises."""

import json
import os
import signal
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import process
from sandbox.base import MIB, Limits, SandboxLost, SandboxUnavailable
from sandbox.docker import ADDRESS, DockerProvider, _require_limits
from sandbox.engine import Engine

pytestmark = pytest.mark.docker

SMALL = Limits(
    memory_bytes=384 * MIB, processes=32, workspace_bytes=32 * MIB, scratch_bytes=16 * MIB
)


@pytest.fixture(scope="module")
def docker(usable) -> DockerProvider:
    return usable("docker")


@pytest.fixture(scope="module")
def box(docker):
    with docker.start(SMALL, run="docker-test") as started:
        yield started


@pytest.fixture
def engine(docker):
    with closing(Engine(ADDRESS)) as opened:
        yield opened


def shell(box, script: str):
    return box.run(["sh", "-c", script], timeout=20)


@pytest.mark.parametrize(("folder", "size"), [("/workspace", 32), ("/tmp", 16)])
def test_disk_space_is_bounded_and_can_be_had_back(box, folder, size):
    completed = shell(box, f"head -c 100000000 /dev/zero > {folder}/big")
    assert b"No space left" in completed.stderr.data
    assert int(shell(box, f"wc -c < {folder}/big; rm {folder}/big").stdout.data) <= size * MIB


def test_the_number_of_files_is_bounded(box):
    completed = shell(box, "mkdir many && cd many && seq 20000 | xargs touch; cd .. && rm -r many")
    assert b"No space left" in completed.stderr.data


def test_it_is_confined_as_the_engine_sees_it(box, engine):
    seen = engine._api.inspect_container(box._container)
    host = seen["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert any(option.startswith("seccomp={") for option in host["SecurityOpt"])
    assert host["ReadonlyRootfs"]
    assert host["NetworkMode"] == "none"
    assert host["Memory"] == host["MemorySwap"] == SMALL.memory_bytes
    assert host["PidsLimit"] == SMALL.processes
    assert (host["Binds"], host["Devices"] or []) == (None, [])
    assert seen["Config"]["Labels"]["patchwright.run"] == "docker-test"


def test_the_users_own_docker_settings_do_not_enter(docker):
    settings = Path.home() / ".docker" / "config.json"
    settings.parent.mkdir()
    proxies = {"default": {"httpProxy": "http://user:canary@proxy:1"}}
    settings.write_text(json.dumps({"proxies": proxies}))
    with docker.start(SMALL, run="docker-test") as box:
        assert b"canary" not in shell(box, "env").stdout.data


def test_a_box_that_dies_under_a_command_is_lost_at_once(docker, engine):
    with docker.start(SMALL, run="docker-test") as box:
        timer = threading.Timer(0.3, engine.remove, [box._container])
        timer.start()
        started = time.monotonic()
        with pytest.raises(SandboxLost):
            box.run(["sleep", "30"], timeout=20)
        timer.join()
        assert time.monotonic() - started < 15


def test_the_exit_code_of_a_command_that_ends_with_its_box_is_not_believed(docker, engine):
    with docker.start(SMALL, run="docker-test") as box:
        first = engine.first_process(box._container)
        [idle] = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        # The box has begun to end, and comes no further while we look.
        os.kill(first, signal.SIGSTOP)
        os.kill(int(idle), signal.SIGKILL)
        with pytest.raises(SandboxLost):
            box.run(["true"], timeout=5)
    assert box._container not in engine.labelled("patchwright.run")


def test_a_box_ends_with_its_lifetime(docker, engine):
    with docker.start(replace(SMALL, lifetime_seconds=1), run="docker-test") as box:
        time.sleep(1.5)
        with pytest.raises(SandboxLost):
            box.run(["true"], timeout=5)
    assert box._container not in engine.labelled("patchwright.run")


def test_a_killed_runs_boxes_are_removed_and_living_ones_are_not(docker, box, engine):
    script = (
        "import os; from sandbox.docker import DockerProvider; from sandbox.base import Limits; "
        "box = DockerProvider().start(Limits(), run='killed'); "
        "print(box._container, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = process.run([sys.executable, "-c", script], timeout=30, environment={})
    left = killed.stdout.data.decode().strip()
    assert killed.exit_code == 137
    assert left in engine.labelled("patchwright.pid")
    assert docker.remove_leftovers() >= 1
    assert left not in engine.labelled("patchwright.pid")
    assert shell(box, "true").exit_code == 0


def test_an_image_that_is_not_there_is_unavailable(docker):
    provider = DockerProvider("no-such-image:latest")
    with pytest.raises(SandboxUnavailable, match="run `docker pull no-such-image:latest`"):
        provider.check()
    with pytest.raises(SandboxUnavailable, match="no-such-image"):
        provider.start(SMALL, run="docker-test")


def test_limits_that_cannot_be_kept_are_refused(docker):
    with pytest.raises(SandboxUnavailable, match="leaves no room"):
        docker.start(replace(SMALL, memory_bytes=128 * MIB), run="docker-test")


@pytest.mark.parametrize("missing", ["MemoryLimit", "PidsLimit"])
def test_an_engine_that_enforces_no_limits_is_refused(missing):
    information = {"MemoryLimit": True, "PidsLimit": True, missing: False}
    with pytest.raises(SandboxUnavailable, match=missing):
        _require_limits(information)
