import os
from pathlib import Path

import pytest

from sandbox.process import run

IMAGES = Path(__file__).parents[2] / "sandbox" / "images"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@pytest.mark.parametrize("script", ["build", "start-docker"])
def test_scripts_can_be_run(script):
    assert os.access(IMAGES / script, os.X_OK)
    assert (
        run(["bash", "-n", str(IMAGES / script)], timeout=5, environment=ENVIRONMENT).exit_code == 0
    )


def test_a_wrong_option_is_answered_in_one_line():
    completed = run([str(IMAGES / "build"), "--nonsense"], timeout=5, environment=ENVIRONMENT)
    assert completed.exit_code == 1
    assert completed.stderr.data.decode().count("\n") == 1
    assert b"usage" in completed.stderr.data


def test_without_a_docker_command_it_says_what_to_do(tmp_path):
    # A search path that has a shell's tools and no docker.
    for tool in ("bash", "dirname", "env", "sed"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    completed = run([str(IMAGES / "build")], timeout=5, environment={"PATH": str(tmp_path)})
    assert completed.exit_code == 1
    assert b"install Docker" in completed.stderr.data
