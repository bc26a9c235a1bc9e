import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.serving.safetensors import Damaged, Stored, read


def write(path: Path, tensors: dict[str, Any], *, data: bytes = b"") -> None:
    header = json.dumps({"__metadata__": {"format": "pt"}} | tensors).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)


def tensor(first: int, last: int, kind: str = "BF16") -> dict[str, Any]:
    return {"dtype": kind, "shape": [last - first], "data_offsets": [first, last]}


def test_the_bytes_of_all_tensors_are_added_up(tmp_path: Path) -> None:
    write(
        tmp_path / "model-00001-of-00002.safetensors", {"a": tensor(0, 100), "b": tensor(100, 110)}
    )
    write(tmp_path / "model-00002-of-00002.safetensors", {"model.layers.1.c": tensor(0, 5)})
    assert read(tmp_path, 2, halved=False) == Stored(loaded=115, left_out=0, files=2)


def test_layers_beyond_the_models_own_are_not_loaded(tmp_path: Path) -> None:
    tensors = {"model.layers.1.q": tensor(0, 7), "model.layers.2.q": tensor(7, 10)}
    write(tmp_path / "model.safetensors", tensors)
    assert read(tmp_path, 2, halved=False) == Stored(loaded=7, left_out=3, files=1)


def test_numbers_of_32_bits_are_loaded_in_16_where_that_is_asked(tmp_path: Path) -> None:
    write(tmp_path / "model.safetensors", {"a": tensor(0, 100, "F32"), "b": tensor(100, 110)})
    assert read(tmp_path, 2, halved=True) == Stored(loaded=60, left_out=0, files=1)


def test_a_second_copy_for_another_loader_is_not_counted(tmp_path: Path) -> None:
    write(tmp_path / "model.safetensors", {"a": tensor(0, 100)})
    write(tmp_path / "consolidated.safetensors", {"a": tensor(0, 100)})
    assert read(tmp_path, 2, halved=False) == Stored(loaded=100, left_out=0, files=1)
    (tmp_path / "model.safetensors").unlink()
    assert read(tmp_path, 2, halved=False) == Stored(loaded=100, left_out=0, files=1)


def test_a_folder_without_all_its_files_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, 2, halved=False) is None
    write(tmp_path / "one.safetensors", {"a": tensor(0, 100)})
    index = tmp_path / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}')
    assert read(tmp_path, 2, halved=False) is None
    write(tmp_path / "two.safetensors", {"b": tensor(0, 1)})
    assert read(tmp_path, 2, halved=False) == Stored(loaded=101, left_out=0, files=2)
    index.write_text("[]")
    with pytest.raises(Damaged, match="index"):
        read(tmp_path, 2, halved=False)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "cut off"),
        (b"\xff" * 8, "cut off"),
        (b"\x09" + b"\x00" * 7 + b"{}", "cut off"),
        (b"\x02" + b"\x00" * 7 + b"[]", "no object"),
        (b"\x02" + b"\x00" * 7 + b"{x", "cannot be read"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(Damaged, match=line) as raised:
        read(tmp_path, 2, halved=False)
    assert "model.safetensors" in str(raised.value)


@pytest.mark.parametrize("entry", [7, {}, {"data_offsets": [0]}, tensor(5, 1)])
def test_a_header_without_places_is_damaged(tmp_path: Path, entry: Any) -> None:
    write(tmp_path / "model.safetensors", {"a": entry})
    with pytest.raises(Damaged, match="'a'"):
        read(tmp_path, 2, halved=False)


@given(content=some.binary(max_size=64))
def test_no_content_makes_it_fail_otherwise(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("weights")
    (folder / "model.safetensors").write_bytes(content)
    with contextlib.suppress(Damaged):
        assert read(folder, 2, halved=False) == Stored(loaded=0, left_out=0, files=1)
