"""What environment variables say besides settings."""

from pathlib import Path

from agent import variables


def test_no_color() -> None:
    assert variables.no_color({"NO_COLOR": "1"})
    assert not variables.no_color({"NO_COLOR": ""})
    assert not variables.no_color({})


def test_only_what_leads_to_the_network_is_handed_on_to_git() -> None:
    environment = {"HTTPS_PROXY": "http://p", "GITHUB_TOKEN": "secret", "GIT_DIR": "/x"}
    assert variables.network(environment) == {"HTTPS_PROXY": "http://p"}


def test_the_models_of_the_hub_lie_where_its_own_variables_say() -> None:
    home = {"HOME": "/home/a"}
    assert variables.hub_cache(home) == Path("/home/a/.cache/huggingface/hub")
    assert variables.hub_cache(home | {"HF_HOME": "/b"}) == Path("/b/hub")
    assert variables.hub_cache(home | {"HF_HOME": "/b", "HF_HUB_CACHE": "/c"}) == Path("/c")


def test_programs_of_the_active_environment_come_with_the_python_that_it_is_of(
    tmp_path: Path,
) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = /opt/python/bin\nversion = 3.12\n")
    first, second, *_ = variables.toolchains({"VIRTUAL_ENV": str(tmp_path)})
    assert (first, second) == (tmp_path, Path("/opt/python"))
    (tmp_path / "pyvenv.cfg").write_bytes(b"\xff")
    assert Path("/opt/python") not in variables.toolchains({"VIRTUAL_ENV": str(tmp_path)})
