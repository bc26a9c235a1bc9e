"""What is looked at on this disk, and what of it is believed."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.serving.survey import NotPossible, Survey, Wish, survey

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
PARAMETERS = 2 * 4096 * 256 + 256 + 2 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 512 * 256 + 2 * 256)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tiny"
    path.mkdir()
    return path


def write(folder: Path, size: int | None = None, **config: Any) -> None:
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    if size is not None:
        tensor = {"dtype": "F32", "shape": [size], "data_offsets": [0, size]}
        header = json.dumps({"model.embed_tokens.weight": tensor}).encode()
        content = len(header).to_bytes(8, "little") + header
        (folder / "model.safetensors").write_bytes(content)


def look(folder: Path, **wish: Any) -> Survey:
    return survey(Wish(str(folder), folder.parent / "cache", **({"gpus": "1x24"} | wish)))


def test_weights_are_counted_by_shapes_when_there_are_no_files(folder: Path) -> None:
    write(folder)
    weights = look(folder).plan.weights
    assert weights.total == PARAMETERS * 2
    assert not weights.exact


def test_weights_are_what_the_files_hold_when_there_are_some(folder: Path) -> None:
    write(folder, size=10_000_000)
    weights = look(folder).plan.weights
    assert weights.total == 10_000_000
    assert weights.exact


def test_a_model_in_32_bits_is_loaded_in_16(folder: Path) -> None:
    write(folder, size=PARAMETERS * 4, torch_dtype="float32")
    assert look(folder).plan.weights.total == PARAMETERS * 2


def test_an_unknown_quantisation_needs_the_files(folder: Path) -> None:
    write(folder, quantization_config={"quant_method": "novel"})
    with pytest.raises(NotPossible, match="'novel' is not known"):
        look(folder)
    write(folder, size=5_000_000, quantization_config={"quant_method": "novel"})
    assert look(folder).plan.weights.total == 5_000_000


def test_what_is_quantised_already_is_not_quantised_again(folder: Path) -> None:
    write(folder, quantization_config={"quant_method": "awq", "bits": 4})
    with pytest.raises(NotPossible, match="quantised already"):
        look(folder, quantisation="fp8")
    write(folder)
    assert look(folder, quantisation="fp8").plan.weights.total < PARAMETERS * 2


def test_the_window_is_the_models_unless_a_smaller_one_is_wanted(folder: Path) -> None:
    write(folder)
    assert look(folder).plan.demand.window == 8192
    assert look(folder, window=100).plan.demand.window == 100
    with pytest.raises(NotPossible, match="made for 8,192 tokens"):
        look(folder, window=8193)
    write(folder, max_position_embeddings=None)
    with pytest.raises(NotPossible, match="give --window"):
        look(folder)
    assert look(folder, window=100).plan.demand.window == 100


def test_a_profile_may_support_less_than_the_model_was_made_for(
    folder: Path, tmp_path: Path
) -> None:
    write(folder)
    own = tmp_path / "own.toml"
    own.write_text("[[profile]]\nname = 'own'\nmatch = ['tiny']\ncontext = 2048\n")
    found = look(folder, profiles=own)
    assert found.profile.name == "own"
    assert found.plan.demand.window == 2048
    assert look(folder, profiles=own, window=4096).plan.demand.window == 4096


def test_gpus_may_be_described_or_none(folder: Path) -> None:
    write(folder)
    described = look(folder, gpus="2x24")
    assert described.here
    assert len(described.plan.gpus) == 2
    assert not look(folder, gpus="0").here


@pytest.mark.parametrize("content", [b"", b"\xff" * 20])
def test_damaged_weights_are_named(folder: Path, content: bytes) -> None:
    write(folder)
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(NotPossible, match=r"model\.safetensors"):
        look(folder)
