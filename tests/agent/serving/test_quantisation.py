from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.serving.modules import Module, Part
from agent.serving.quantisation import Storage, UnknownQuantisation, read, weight_bytes

QUERY = Module("model.layers.0.self_attn.q_proj", Part.ATTENTION, 256, 512, vectors=256)
EXPERT = Module("model.layers.0.mlp.experts.0.up_proj", Part.EXPERTS, 256, 512, copies=4)
GATE = Module("model.layers.0.mlp.gate", Part.ROUTER, 4, 512)
HEAD = Module("lm_head", Part.HEAD, 1000, 512)
MATRIX = 256 * 512


def storage(raw: dict[str, Any]) -> Storage:
    found = read(raw)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("raw", "name", "bits_a_weight"),
    [
        ({"quant_method": "fp8"}, "FP8", 8),
        (
            {"quant_method": "fp8", "weight_block_size": [128, 128]},
            "FP8 (blocks of 128 x 128)",
            8 + 32 / 16384,
        ),
        (
            {"quant_method": "awq", "bits": 4, "group_size": 128},
            "INT4 (AWQ, groups of 128)",
            4 + 20 / 128,
        ),
        (
            {"quant_method": "gptq", "bits": 8, "group_size": 64},
            "INT8 (GPTQ, groups of 64)",
            8 + 24 / 64,
        ),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1}, "INT4 (GPTQ)", 4),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {
                    "group_0": {"weights": {"num_bits": 4, "type": "int", "group_size": 32}}
                },
            },
            "INT4 (groups of 32)",
            4 + 16 / 32,
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {
                    "group_0": {"weights": {"num_bits": 8, "type": "float", "group_size": None}}
                },
            },
            "FP8",
            8,
        ),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "NVFP4", 4.5),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, "FP8", 8),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "NF4 (bitsandbytes)", 4.5),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "INT8 (bitsandbytes)", 8),
    ],
)
def test_a_method_says_how_many_bits_a_weight_takes(
    raw: dict[str, Any], name: str, bits_a_weight: float
) -> None:
    found = storage(raw)
    assert found.name == name
    assert weight_bytes(QUERY, found, 2) == pytest.approx(MATRIX * bits_a_weight / 8 + 256 * 2)
    assert weight_bytes(HEAD, found, 2) == HEAD.parameters * 2
    assert weight_bytes(GATE, found, 2) == GATE.parameters * 2


def test_only_the_experts_are_in_mxfp4() -> None:
    found = storage({"quant_method": "mxfp4"})
    assert weight_bytes(QUERY, found, 2) == QUERY.parameters * 2
    assert weight_bytes(EXPERT, found, 2) == 4 * MATRIX * 4.25 / 8


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("self_attn", True),
        ("model.layers.0.self_attn.q_proj", True),
        ("model.layers.*.self_attn", True),
        ("*q_proj", True),
        ("re:.*self_attn.*", True),
        ("q", False),
        ("lm_head", False),
        ("model.layers.1", False),
        ("re:.*mlp.*", False),
        ("re:(", False),
    ],
)
def test_what_a_checkpoint_leaves_as_it_was(pattern: str, kept: bool) -> None:
    found = storage({"quant_method": "fp8", "modules_to_not_convert": [pattern, 7]})
    assert found.covers(QUERY) is not kept


def test_a_model_in_its_own_type_has_no_storage() -> None:
    assert read(None) is None
    assert read({}) is None
    assert weight_bytes(QUERY, None, 2) == QUERY.parameters * 2


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ({"quant_method": "quark"}, "'quark' is not known"),
        ({"bits": 4}, "without a name"),
        ({"quant_method": "awq"}, "no bits"),
        ({"quant_method": "awq", "bits": "four"}, "no bits"),
        ({"quant_method": "compressed-tensors"}, "other than one group"),
        ({"quant_method": "modelopt", "quant_algo": "MIXED"}, "'MIXED' is not known"),
    ],
)
def test_an_unknown_method_is_named(raw: dict[str, Any], line: str) -> None:
    with pytest.raises(UnknownQuantisation, match=line):
        read(raw)


@given(some.text(max_size=30), some.text(max_size=30))
def test_no_pattern_makes_it_fail(pattern: str, name: str) -> None:
    module = Module(name, Part.MLP, 1, 1)
    for text in (pattern, f"*{pattern}"):
        storage({"quant_method": "fp8", "ignored_layers": [text]}).covers(module)
