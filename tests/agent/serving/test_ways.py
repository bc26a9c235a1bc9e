from collections.abc import Callable

import pytest

from agent.serving.plan import Plan, make, with_window
from agent.serving.quantisation import FP8_WHILE_LOADING
from agent.serving.ways import gpus_needed, ways

IQUEST = "IQuestLab/IQuest-Coder-V1-40B-Instruct"

PlanOf = Callable[..., Plan]


def changes(plan: Plan) -> dict[str, int]:
    return {way.change: way.window for way in ways(plan)}


def test_each_way_is_worked_out(plan_of: PlanOf) -> None:
    plan = plan_of(IQUEST, "1x80")
    found = changes(plan)
    assert found == {
        "an FP8 KV cache: --kv-cache-dtype fp8": 0,
        "FP8 weights: --quantization fp8": 104_448,
        "FP8 weights: --quantization fp8, with --kv-cache-dtype fp8": 131_072,
        "a checkpoint in INT4 (AWQ or GPTQ)": 131_072,
        "2 GPUs of 80 GiB": 131_072,
    }
    fp8 = make(plan.weights.stored_as(FP8_WHILE_LOADING), plan.demand, plan.gpus)
    assert with_window(fp8, 104_448).fits
    assert not with_window(fp8, 104_448 + 1024).fits


def test_a_smaller_window_is_named_when_one_fits(plan_of: PlanOf) -> None:
    found = changes(plan_of("Qwen/Qwen3-Coder-30B-A3B-Instruct", "1x80"))
    (window,) = (size for change, size in found.items() if change.startswith("a smaller window"))
    assert f"--window {window}" in next(iter(found))
    assert with_window(plan_of("Qwen/Qwen3-Coder-30B-A3B-Instruct", "1x80"), window).fits


def test_a_way_that_does_not_work_says_what_is_still_lacking(plan_of: PlanOf) -> None:
    plan = plan_of(IQUEST, "1x24")
    for way in ways(plan):
        assert way.works is (way.short == 0)
    assert sum(way.works for way in ways(plan)) == 1
    assert changes(plan)["8 GPUs of 24 GiB"] == 131_072


def test_what_is_quantised_already_is_not_quantised_again(plan_of: PlanOf) -> None:
    assert not any(
        "quantization fp8" in way for way in changes(plan_of("openai/gpt-oss-20b", "1x16"))
    )
    assert not any("INT4" in way for way in changes(plan_of("openai/gpt-oss-20b", "1x16")))
    deepseek = changes(plan_of("deepseek-ai/DeepSeek-V3", "4x141"))
    assert "a checkpoint in INT4 (AWQ or GPTQ)" in deepseek
    assert not any("quantization fp8" in way for way in deepseek)


@pytest.mark.parametrize(
    ("model", "needed"),
    [
        (IQUEST, [(8, 24), (4, 48), (2, 80), (1, 141)]),
        ("openai/gpt-oss-20b", [(1, 24)]),
        ("openai/gpt-oss-120b", [(4, 24), (2, 48), (1, 80)]),
    ],
)
def test_how_many_gpus_of_common_sizes_are_enough(
    plan_of: PlanOf, model: str, needed: list[tuple[int, int]]
) -> None:
    assert gpus_needed(plan_of(model, "1x1000")) == needed
