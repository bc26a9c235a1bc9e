"""What would make a model fit that does not: each way worked out, not guessed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.serving.plan import Plan, enough, largest_window, make, with_window
from agent.serving.quantisation import FP8_WHILE_LOADING, INT4_CHECKPOINT
from sandbox.base import GIB

SHORTEST = 8192
"""Tokens; a shorter window is of no use to an agent that reads code."""
COMMON_SIZES = (24, 48, 80, 141, 192)
"""GiB of GPUs that people have."""


@dataclass(frozen=True, slots=True)
class Way:
    """One change and what comes of it."""

    change: str
    """What to do, with the flag where there is one."""
    window: int
    """Tokens of the longest window that then fits, up to the asked one; 0 for none."""
    at_once: float
    """How many windows of that length."""
    short: int
    """Bytes that a GPU still lacks when nothing fits."""

    @property
    def works(self) -> bool:
        """Whether a usable window fits."""
        return self.window > 0


def ways(plan: Plan) -> list[Way]:
    """The ways for a plan that does not fit, each alone and then together."""
    return [*_window(plan), *_smaller_numbers(plan), *_more_gpus(plan)]


def gpus_needed(plan: Plan) -> list[tuple[int, int]]:
    """Of each common size in GiB, up to one that does it alone, how many GPUs are enough."""
    found = []
    for size in COMMON_SIZES:
        better = enough(plan.weights, plan.demand, size * GIB)
        if better is not None:
            found.append((len(better.gpus), size))
        if found and found[-1][0] == 1:
            break
    return found


def _window(plan: Plan) -> Iterator[Way]:
    longest = largest_window(plan)
    if longest >= SHORTEST:
        yield _way(f"a smaller window: --window {longest}", plan)


def _smaller_numbers(plan: Plan) -> Iterator[Way]:
    gpus = (*plan.gpus, *plan.idle)
    small = replace(plan.demand, small_cache=True)
    kinds = []
    if plan.weights.storage is None:
        kinds.append(("FP8 weights: --quantization fp8", FP8_WHILE_LOADING))
    if plan.weights.storage is None or plan.weights.storage.bits > INT4_CHECKPOINT.bits:
        kinds.append(("a checkpoint in INT4 (AWQ or GPTQ)", INT4_CHECKPOINT))
    if not plan.demand.small_cache:
        change = "an FP8 KV cache: --kv-cache-dtype fp8"
        yield _way(change, make(plan.weights, small, gpus))
    for change, storage in kinds:
        weights = plan.weights.stored_as(storage)
        alone = make(weights, plan.demand, gpus)
        yield _way(change, alone)
        if not alone.fits and not plan.demand.small_cache:
            yield _way(f"{change}, with --kv-cache-dtype fp8", make(weights, small, gpus))


def _more_gpus(plan: Plan) -> Iterator[Way]:
    size = min(gpu.total for gpu in plan.gpus)
    better = enough(plan.weights, plan.demand, size)
    if better is not None and len(better.gpus) > len(plan.gpus):
        yield _way(f"{len(better.gpus)} GPUs of {size / GIB:.0f} GiB", better)


def _way(change: str, plan: Plan) -> Way:
    window = plan.demand.window if plan.fits else largest_window(plan)
    if window < min(SHORTEST, plan.demand.window):
        shorter = with_window(plan, min(SHORTEST, plan.demand.window))
        return Way(change, window=0, at_once=0.0, short=shorter.short)
    return Way(change, window=window, at_once=with_window(plan, window).at_once, short=0)
