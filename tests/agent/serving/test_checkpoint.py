import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.serving import checkpoint
from agent.serving.checkpoint import ModelNotFound, find

CONFIG = {"model_type": "llama", "hidden_size": 8}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Devstral-Small-2507"
    path.mkdir()
    (path / "config.json").write_text(json.dumps(CONFIG))
    return path


def in_cache(cache: Path, name: str) -> Path:
    home = cache / f"models--{name.replace('/', '--')}"
    snapshot = home / "snapshots" / "abc123"
    snapshot.mkdir(parents=True)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc123\n")
    return snapshot


def test_a_folder_is_served_from_its_path_and_called_by_its_name(
    folder: Path, tmp_path: Path
) -> None:
    found = find(str(folder), config=None, hub_cache=tmp_path)
    assert found.model == str(folder)
    assert found.name == "Devstral-Small-2507"
    assert found.config == CONFIG
    assert found.folder == folder
    again = find(str(folder / "config.json"), config=None, hub_cache=tmp_path)
    assert (again.model, again.name) == (found.model, found.name)


def test_a_name_is_looked_up_in_the_hubs_cache(tmp_path: Path) -> None:
    snapshot = in_cache(tmp_path, "Org/Model")
    (snapshot / "config.json").write_text(json.dumps(CONFIG))
    found = find("Org/Model", config=None, hub_cache=tmp_path)
    assert (found.model, found.name, found.folder) == ("Org/Model", "Org/Model", snapshot)
    assert found.source == str(snapshot / "config.json")


def test_a_known_name_needs_nothing_on_this_disk(tmp_path: Path) -> None:
    found = find("OpenAI/GPT-OSS-20b", config=None, hub_cache=tmp_path)
    assert found.config["model_type"] == "gpt_oss"
    assert found.source.startswith("https://")
    assert found.folder is None


def test_a_cache_without_a_configuration_is_passed_over(tmp_path: Path) -> None:
    in_cache(tmp_path, "openai/gpt-oss-20b")
    found = find("openai/gpt-oss-20b", config=None, hub_cache=tmp_path)
    assert found.source.startswith("https://")


def test_a_configuration_that_is_named_is_believed_before_all_else(
    folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.json"
    own.write_text('{"hidden_size": 16}')
    assert find(str(folder), config=own, hub_cache=tmp_path).config == {"hidden_size": 16}
    assert find("some/model", config=own, hub_cache=tmp_path).name == "some/model"


@pytest.mark.parametrize("name", ["nobody/nothing", "nothing", "a/b/c", "a/.."])
def test_a_model_nobody_knows_is_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="--config"):
        find(name, config=None, hub_cache=tmp_path)


def test_a_reference_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    in_cache(tmp_path, "Org/Model")
    (tmp_path / "models--Org--Model" / "refs" / "main").write_text("../../..")
    with pytest.raises(ModelNotFound):
        find("Org/Model", config=None, hub_cache=tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '"text"'])
def test_a_configuration_that_is_none_is_named(folder: Path, tmp_path: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(ModelNotFound, match=r"config\.json"):
        find(str(folder), config=None, hub_cache=tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"has no config\.json"):
        find(str(tmp_path), config=None, hub_cache=tmp_path)


def test_no_name_is_known_twice() -> None:
    entries = checkpoint.known().values()
    names = [name.lower() for entry in entries for name in entry["names"]]
    assert set(names) == set(checkpoint.known())
    assert len(checkpoint.known()) >= 25


@given(some.text(max_size=300))
def test_no_name_makes_it_fail_otherwise(name: str) -> None:
    with contextlib.suppress(ModelNotFound):
        assert find(name, config=None, hub_cache=Path("/nowhere")).config
