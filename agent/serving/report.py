"""The memory plan in words and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from agent.serving.caches import windowed
from agent.serving.checkpoint import Checkpoint
from agent.serving.gpus import Gpu
from agent.serving.plan import Plan
from agent.serving.ways import Way
from sandbox.base import GIB, KIB, MIB

LABEL = 11
"""Width of the first column."""


def gib(size: float) -> str:
    """A size for people: in GiB, or in MiB when it is small."""
    return f"{size / GIB:,.1f} GiB" if size >= GIB / 10 else f"{size / MIB:,.1f} MiB"


def _several(parameters: int) -> str:
    billions = parameters / 1e9
    return f"{billions:,.2f} billion" if billions >= 0.1 else f"{parameters / 1e6:,.2f} million"


def lines(checkpoint: Checkpoint, plan: Plan, *, profile: str, here: bool) -> Iterator[str]:
    """The plan as aligned lines; ``here`` is whether there are GPUs to plan for."""
    for label, text in _rows(checkpoint, plan, profile=profile, here=here):
        yield f"{label:<{LABEL}}{text}"


def _rows(
    checkpoint: Checkpoint, plan: Plan, *, profile: str, here: bool
) -> Iterator[tuple[str, str]]:
    shapes, several = plan.weights.architecture, len(plan.gpus)
    each = f", {gib(plan.weights_each)} on each GPU" if several > 1 else ""
    how = "by the headers of its files" if plan.weights.exact else "by its shapes"
    kind = plan.weights.storage.name if plan.weights.storage else shapes.data_type
    yield "model", f"{checkpoint.name} (profile {profile})"
    yield "shapes", checkpoint.source
    yield "parameters", _several(shapes.parameters)
    yield "weights", f"{gib(plan.weights.total)}, {kind}, {how}{each}"
    yield "window", f"{plan.demand.window:,} tokens"
    yield "KV cache", _cache(plan)
    if here:
        yield from _on_gpus(plan)
    for note in shapes.notes:
        yield "note", note


def _cache(plan: Plan) -> str:
    token = plan.conversations.token
    bits = "FP8" if plan.demand.small_cache else "16 bits"
    further = "a further token" if windowed(plan.weights.architecture.caches) else "a token"
    each = " on each GPU" if len(plan.gpus) > 1 else ""
    return (
        f"{token / KIB:,.1f} KiB {further}, in {bits}; a window takes {gib(plan.window_each)}{each}"
    )


def _on_gpus(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "GPUs", f"{_names(plan.gpus)}, used to {plan.utilisation:.0%}: {gib(plan.usable)} each"
    if plan.idle:
        yield "", f"{len(plan.idle)} not used: the model cannot be cut so, or less would fit"
    if plan.utilisation < plan.demand.utilisation:
        yield "", "something else is on a GPU: less than usual can be used"
    yield "reserve", f"{gib(plan.reserve)} on each for steps of {plan.step:,} tokens and for CUDA"
    if plan.space < 0:
        yield "left", f"nothing: {gib(-plan.space)} too little on each GPU for the weights alone"
    else:
        yield "left", f"{gib(plan.space)} on each: {plan.at_once:.1f} full windows at once"


def _names(gpus: Sequence[Gpu]) -> str:
    found = ", ".join(dict.fromkeys(f"{gpu.name}, {gib(gpu.total)}" for gpu in gpus))
    return f"{len(gpus)} x {found}"


def shortage(plan: Plan, ways: Sequence[Way]) -> Iterator[str]:
    """What is missing, and each way out with what comes of it."""
    yield f"it does not fit: one full window lacks {gib(plan.short)} on each GPU"
    for way in ways:
        if not way.works:
            yield f"  {way.change}: not enough, {gib(way.short)} short"
        elif way.window == plan.demand.window:
            yield f"  {way.change}: fits, {way.at_once:.1f} full windows at once"
        else:
            yield f"  {way.change}: a window of {way.window:,} tokens fits"


def as_json(
    checkpoint: Checkpoint, plan: Plan, ways: Sequence[Way], *, profile: str, here: bool
) -> dict[str, Any]:
    """The plan for programs; sizes in bytes."""
    shapes, storage = plan.weights.architecture, plan.weights.storage
    found: dict[str, Any] = {
        "model": checkpoint.name,
        "profile": profile,
        "source": checkpoint.source,
        "parameters": shapes.parameters,
        "quantisation": storage.name if storage else None,
        "weight_bytes": plan.weights.total,
        "weights_from_files": plan.weights.exact,
        "window": plan.demand.window,
        "kv_bytes_per_token": plan.conversations.token,
        "notes": list(shapes.notes),
        "fits": plan.fits if here else None,
    }
    if here:
        found |= {
            "gpus": [{"index": g.index, "name": g.name, "bytes": g.total} for g in plan.gpus],
            "tensor_parallel_size": len(plan.gpus),
            "utilisation": plan.utilisation,
            "per_gpu": {
                "usable": plan.usable,
                "weights": plan.weights_each,
                "reserve": plan.reserve,
                "kv_cache": plan.space,
                "window": plan.window_each,
                "short": plan.short,
            },
            "windows_at_once": round(plan.at_once, 2),
        }
        found["ways"] = [
            {"change": way.change, "window": way.window, "short": way.short} for way in ways
        ]
    return found
