from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.serving import architecture
from agent.serving.configuration import Configuration, UnknownModel
from agent.serving.modules import Part, count

SMALL = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "intermediate_size": 128,
    "vocab_size": 1000,
    "max_position_embeddings": 4096,
}


def small(**changes: Any) -> dict[str, Any]:
    return SMALL | changes


def test_a_dense_layer_is_counted_by_hand() -> None:
    layer = 64 * 64 + 2 * 16 * 64 + 64 * 64 + 3 * 64 * 128 + 2 * 64
    shapes = architecture.read(small())
    assert shapes.parameters == 4 * layer + 64 + 2 * 64 * 1000
    assert architecture.read(small(tie_word_embeddings=True)).parameters == (
        4 * layer + 64 + 64 * 1000
    )


def test_biases_are_counted_where_the_family_has_them() -> None:
    plain = architecture.read(small()).parameters
    assert architecture.read(small(model_type="qwen2")).parameters == plain + 4 * (64 + 2 * 16)
    assert architecture.read(small(attention_bias=True)).parameters == plain + 4 * (
        64 + 2 * 16 + 64
    )
    assert architecture.read(small(model_type="qwen3")).parameters == plain + 4 * 2 * 8


def test_only_some_layers_have_experts() -> None:
    sparse = small(
        model_type="deepseek_v3",
        n_routed_experts=6,
        n_shared_experts=2,
        moe_intermediate_size=32,
        first_k_dense_replace=1,
        num_experts_per_tok=2,
    )
    shapes = architecture.read(sparse)
    experts = 3 * 6 * 3 * 64 * 32
    assert count(shapes.modules, Part.EXPERTS) == experts
    assert count(shapes.modules, Part.MLP) == 3 * 64 * 128 + 3 * 3 * 64 * 64
    assert count(shapes.modules, Part.ROUTER) == 3 * (6 * 64 + 6)
    assert (shapes.expert_width, shapes.experts_chosen, shapes.dense_width) == (32, 2, 128)
    every_second = architecture.read(
        small(
            model_type="qwen3_moe", num_experts=6, moe_intermediate_size=32, decoder_sparse_step=2
        )
    )
    assert count(every_second.modules, Part.EXPERTS) == 2 * 6 * 3 * 64 * 32
    named = architecture.read(
        small(
            model_type="qwen3_moe", num_experts=6, moe_intermediate_size=32, mlp_only_layers=[0, 3]
        )
    )
    assert count(named.modules, Part.EXPERTS) == 2 * 6 * 3 * 64 * 32


@pytest.mark.parametrize(
    ("changes", "windows"),
    [
        ({}, [None] * 4),
        ({"sliding_window": 256}, [256] * 4),
        ({"sliding_window": 256, "use_sliding_window": False}, [None] * 4),
        ({"sliding_window": None, "use_sliding_window": True}, [None] * 4),
        ({"sliding_window": 256, "sliding_window_pattern": 2}, [256, None] * 2),
        (
            {"sliding_window": 256, "layer_types": ["full_attention", "sliding_attention"] * 2},
            [None, 256] * 2,
        ),
    ],
)
def test_which_layers_look_back_over_a_window(
    changes: dict[str, Any], windows: list[int | None]
) -> None:
    caches = architecture.read(small(**changes)).caches
    assert [cache.window for cache in caches] == windows


def test_the_text_part_of_a_model_that_sees_is_read_and_the_rest_is_said() -> None:
    shapes = architecture.read({"text_config": SMALL, "vision_config": {}, "model_type": "x"})
    assert shapes.parameters == architecture.read(SMALL).parameters
    assert shapes.notes == ("the part of the model that sees pictures is not counted",)


def test_an_unknown_family_is_counted_as_llama_and_that_is_said() -> None:
    shapes = architecture.read(small(model_type="novel"))
    assert shapes.parameters == architecture.read(SMALL).parameters
    assert "novel" in shapes.notes[0]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"hidden_size": None}, "no hidden_size"),
        ({"hidden_size": "wide"}, "hidden_size is 'wide'"),
        ({"hidden_size": True}, "hidden_size is True"),
        ({"vocab_size": -1}, "vocab_size is -1"),
        ({"vocab_size": 10**12}, "not a number of that kind"),
        ({"num_hidden_layers": 10**6}, "no model has more than 1000"),
        ({"layer_types": ["mamba"] * 4}, "'mamba' is not known"),
        ({"layer_types": ["full_attention"]}, "names 1 of 4 layers"),
        ({"attn_type_list": [0, 1, 1, 1]}, "lightning attention"),
        ({"num_experts": 4}, "no moe_intermediate_size"),
    ],
)
def test_what_cannot_be_counted_is_refused_and_named(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(UnknownModel, match=line):
        architecture.read(small(**changes))


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner),
    max_leaves=5,
)


@given(some.dictionaries(some.sampled_from([*SMALL, "num_experts", "layer_types"]), json_values))
def test_no_configuration_makes_it_fail_otherwise(raw: dict[str, Any]) -> None:
    try:
        shapes = architecture.read(SMALL | raw)
    except UnknownModel:
        return
    assert shapes.parameters > 0


def test_a_configuration_reads_only_what_is_of_the_right_kind() -> None:
    config = Configuration({"model_type": 7, "a": "text", "b": [1], "c": {"d": 1}, "e": 0})
    assert config.family == ""
    assert not config.flag("a")
    assert config.items("a") == []
    assert config.word("b", "a") == "text"
    assert config.table("b") == {}
    assert config.table("c") == {"d": 1}
    assert config.number("e", least=0) == 0
