from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.serving import architecture
from agent.serving.gpus import Gpu, describe
from agent.serving.plan import Demand, Plan, cuts, enough, largest_window, make, with_window
from agent.serving.quantisation import FP8_WHILE_LOADING, INT4_CHECKPOINT
from agent.serving.safetensors import Stored
from agent.serving.weights import Weights, weigh
from sandbox.base import GIB

IQUEST = "IQuestLab/IQuest-Coder-V1-40B-Instruct"

WeightsOf = Callable[[str], Weights]
PlanOf = Callable[..., Plan]

LLAMA = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
}


def gpu(index: int, total: float, free: float | None = None) -> Gpu:
    left = total if free is None else free
    return Gpu(index, "GPU", int(total * GIB), int(left * GIB))


def test_memory_is_divided_without_a_rest(plan_of: PlanOf) -> None:
    plan = plan_of(IQUEST, "2x80")
    assert plan.usable == int(80 * GIB * 0.9)
    assert plan.weights_each + plan.reserve + plan.space == plan.usable
    assert plan.window_each == 20 * GIB
    assert plan.at_once == plan.space / (20 * GIB)
    assert plan.fits
    assert plan.short == 0


def test_by_how_much_it_does_not_fit(plan_of: PlanOf) -> None:
    plan = plan_of(IQUEST, "1x80")
    assert not plan.fits
    assert plan.space < 0
    assert plan.short == plan.window_each - plan.space
    assert plan.at_once == 0
    bigger = plan_of(IQUEST, [gpu(0, 80 + plan.short / GIB / 0.9 + 0.01)])
    assert bigger.fits


# What others say is enough, or is not. The window is the model's full one unless given.
@pytest.mark.parametrize(
    ("model", "gpus", "window", "fits"),
    [
        # https://github.com/vllm-project/recipes, models/ and the guides beside it
        ("openai/gpt-oss-120b", "1x80", 0, True),
        ("deepseek-ai/DeepSeek-V3.1", "8x141", 0, True),
        ("zai-org/GLM-4.5", "8x141", 0, True),
        ("Qwen/Qwen3-Coder-480B-A35B-Instruct", "8x141", 32_000, True),
        ("MiniMaxAI/MiniMax-M2", "4x96", 0, True),
        ("MiniMaxAI/MiniMax-M2", "4x80", 0, True),
        # https://github.com/openai/gpt-oss: within 16 GB, and not on half of that
        ("openai/gpt-oss-20b", "1x16", 16_384, True),
        ("openai/gpt-oss-20b", "1x8", 16_384, False),
        # by arithmetic elsewhere: 40B and one full window are 114 GiB, one H200 has 139
        (IQUEST, "1x139", 0, True),
        (IQUEST, "1x114", 0, False),
        (IQUEST, "1x80", 0, False),
    ],
)
def test_what_is_known_to_fit_fits(
    plan_of: PlanOf, model: str, gpus: str, window: int, fits: bool
) -> None:
    assert plan_of(model, gpus, window=window).fits is fits


@pytest.mark.parametrize(
    ("total", "said"),
    [
        # Logs of vLLM with this model at 0.9: "the rest of the memory reserved for KV Cache is".
        (79.14, 54.93),
        (22.07, 4.60),
    ],
)
def test_the_cache_is_what_vllm_finds_or_a_little_less(total: float, said: float) -> None:
    weighed = weigh(architecture.read(LLAMA), None, None)
    plan = make(weighed, Demand(4096), [gpu(0, total)])
    assert said - 1.5 < plan.space / GIB < said


@pytest.mark.parametrize(
    ("model", "possible"),
    [
        (IQUEST, [1, 2, 4, 8, 40]),
        ("openai/gpt-oss-120b", [1, 2, 4, 8, 16, 32, 64]),
        # pure TP8 is not supported: vllm-project/recipes, MiniMax/MiniMax-M2.md
        ("MiniMaxAI/MiniMax-M2", [1, 2, 4]),
        # TP must divide 20; cap at 4: vllm-project/recipes, Qwen3-Coder-480B-A35B-Instruct.yaml
        ("Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", [1, 2, 4]),
        # When using 4 GPUs, you must include expert parallelism: QuantTrio's model card
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8", [1, 2]),
        ("Qwen/Qwen3-Coder-480B-A35B-Instruct", [1, 2, 4, 8, 16, 24, 32, 48]),
        ("deepseek-ai/DeepSeek-V3", [1, 2, 4, 8, 16]),
    ],
)
def test_into_how_many_gpus_a_model_can_be_cut(
    weights_of: WeightsOf, model: str, possible: list[int]
) -> None:
    assert list(cuts(weights_of(model), 64)) == possible


def test_a_gpu_that_is_taken_is_left_alone_when_more_fits_without_it(plan_of: PlanOf) -> None:
    plan = plan_of("openai/gpt-oss-20b", [gpu(0, 80, 1), gpu(1, 80)])
    assert [one.index for one in plan.gpus] == [1]
    assert plan.fits


def test_as_many_gpus_as_can_be_are_used_and_the_freest(plan_of: PlanOf) -> None:
    three = [gpu(0, 80, 10), gpu(1, 80), gpu(2, 80)]
    plan = plan_of(IQUEST, three)
    assert [one.index for one in plan.gpus] == [1, 2]
    assert [one.index for one in plan.idle] == [0]


def test_what_something_else_holds_is_not_counted_on(plan_of: PlanOf) -> None:
    plan = plan_of("openai/gpt-oss-20b", [gpu(0, 80, 60.9)])
    assert plan.utilisation == 0.76
    assert plan.usable <= 60.9 * GIB


def test_the_smallest_gpu_decides(plan_of: PlanOf) -> None:
    assert plan_of(IQUEST, [gpu(0, 80), gpu(1, 48)]).usable == int(48 * GIB * 0.9)


def test_steps_are_vllms_own_for_the_size(plan_of: PlanOf) -> None:
    assert plan_of("openai/gpt-oss-20b", "1x80").step == 8192
    assert plan_of("openai/gpt-oss-20b", "1x24").step == 2048


def test_latents_are_kept_whole_on_each_gpu(plan_of: PlanOf) -> None:
    one, eight = (plan_of("deepseek-ai/DeepSeek-V3", f"{n}x1000") for n in (1, 8))
    assert one.window_each == eight.window_each


def test_a_cache_in_8_bits_is_half_the_size(plan_of: PlanOf) -> None:
    assert plan_of(IQUEST, "2x80", small_cache=True).window_each == 10 * GIB


def test_weights_in_fewer_bits(weights_of: WeightsOf) -> None:
    plain = weights_of(IQUEST)
    assert plain.stored_as(FP8_WHILE_LOADING).total < 0.52 * plain.total
    assert plain.stored_as(INT4_CHECKPOINT).total < 0.29 * plain.total
    assert plain.each(8) > plain.total / 8  # the norms are on each


def test_files_are_believed_before_shapes(weights_of: WeightsOf) -> None:
    shapes = weights_of(IQUEST).architecture
    exact = weigh(shapes, None, Stored(loaded=80 * GIB, left_out=0, files=4))
    assert exact.exact
    assert exact.total == 80 * GIB
    assert exact.each(2) == pytest.approx(40 * GIB, rel=0.001)
    assert not weigh(shapes, None, Stored(loaded=0, left_out=0, files=1)).exact


@given(some.integers(1, 131072), some.sampled_from(["1x96", "2x80", "8x24", "1x24"]))
def test_the_longest_window_fits_and_a_longer_one_does_not(window: int, gpus: str) -> None:
    weighed = weigh(architecture.read(LLAMA), None, None)
    plan = make(weighed, Demand(window), describe(gpus))
    longest = largest_window(plan)
    assert longest % 1024 == 0
    assert not longest or with_window(plan, longest).fits
    if not plan.fits:
        assert longest < window
        assert not with_window(plan, longest + 1024).fits


def test_the_fewest_gpus_that_are_enough(weights_of: WeightsOf) -> None:
    weighed = weights_of(IQUEST)
    found = enough(weighed, Demand(131072), 80 * GIB)
    assert found is not None
    assert len(found.gpus) == 2
    assert enough(weighed, Demand(131072), 1 * GIB) is None
