import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.serving.gpus import Gpu, GpusUnknown, describe, read, visible
from sandbox.base import GIB, MIB

TWO = """\
0, GPU-6e8f1a2b-0000-0000-0000-000000000000, NVIDIA H100 80GB HBM3, 81559, 81008
1, GPU-7f9c0d3e-0000-0000-0000-000000000000, NVIDIA H100 80GB HBM3, 81559, 1200
"""


def test_what_nvidia_smi_prints_is_read() -> None:
    first, second = read(TWO)
    assert (first.index, first.name) == (0, "NVIDIA H100 80GB HBM3")
    assert first.total == 81559 * MIB
    assert (second.index, second.free) == (1, 1200 * MIB)
    assert second.identity.startswith("GPU-7f9c")
    assert read("") == []


def test_a_name_may_have_commas() -> None:
    assert read("0, GPU-1, Tesla, the second, 100, 90")[0].name == "Tesla, the second"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("No devices were found", "nvidia-smi said: No devices"),
        ("0, GPU-1, NVIDIA GB10, [N/A], [N/A]", "--gpus 1x96"),
        ("0, GPU-1, NVIDIA, 0, 0", "no memory"),
        ("Failed to initialize NVML: Driver/library version mismatch", "Failed to initialize"),
    ],
)
def test_what_says_no_memory_is_an_error_with_a_way_out(text: str, line: str) -> None:
    with pytest.raises(GpusUnknown, match=line):
        read(text)


@given(some.text())
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    with contextlib.suppress(GpusUnknown):
        assert all(gpu.total > 0 for gpu in read(text))


@pytest.mark.parametrize("text", ["4x80", "4X80GiB", " 4x80 ", "4x80.0GB"])
def test_gpus_can_be_described(text: str) -> None:
    found = describe(text)
    assert [gpu.index for gpu in found] == [0, 1, 2, 3]
    assert {gpu.total for gpu in found} == {80 * GIB}


@pytest.mark.parametrize("text", ["", "x80", "4x", "0x80", "4x0", "all", "-1x80", "4x80TB", "4*80"])
def test_what_describes_no_gpus_is_refused(text: str) -> None:
    with pytest.raises(GpusUnknown, match="4x80"):
        describe(text)


@pytest.mark.parametrize(
    ("chosen", "indexes"),
    [
        (None, [0, 1]),
        ("0,1", [0, 1]),
        ("1", [1]),
        ("GPU-7f9c0d3e", [1]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        (" 1 , 7 ", [1]),
    ],
)
def test_a_choice_made_before_is_respected(chosen: str | None, indexes: list[int]) -> None:
    assert [gpu.index for gpu in visible(read(TWO), chosen)] == indexes


def test_a_gpu_described_has_no_identity() -> None:
    assert describe("1x24") == [Gpu(0, "GPU of 24 GiB", 24 * GIB, 24 * GIB)]
