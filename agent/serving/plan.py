"""The memory plan: what a model takes on the GPUs there are, and whether one window fits.

On each GPU, vLLM may use a part of the memory (``--gpu-memory-utilization``). From that go the
weights and what a step of work needs; the rest is the KV cache. Nothing here does any I/O.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.serving.architecture import Architecture
from agent.serving.caches import Conversations
from agent.serving.gpus import Gpu
from agent.serving.weights import Weights
from sandbox.base import GIB

UTILISATION = 0.90
"""Part of a GPU that vLLM is given; CUDA graphs and other users have the rest."""
SEQUENCES = 64
"""Requests that run at once at most (``--max-num-seqs``)."""
LARGE_STEP, SMALL_STEP = 8192, 2048
"""Tokens worked on in one step (``--max-num-batched-tokens``): vLLM's own defaults for a server on
GPUs with 70 GiB and more, and on smaller ones (vllm/engine/arg_utils.py)."""
LARGE_GPU = 70 * GIB
STEPS_IN_FLIGHT = 2
"""Steps that vLLM's asynchronous scheduling has under way."""
RUNTIME, RUNTIME_SHARED = GIB // 2, GIB + GIB // 2
"""What CUDA takes on a GPU besides tensors, alone and with the buffers for talking to others."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be served."""

    window: int
    """Tokens of one conversation, prompt and reply together."""
    small_cache: bool = False
    """Whether the KV cache is kept in 8 bits."""
    utilisation: float = UTILISATION


@dataclass(frozen=True, slots=True)
class Plan:
    """How the memory of each GPU is divided. Sizes are in bytes, and of one GPU unless said."""

    weights: Weights
    demand: Demand
    gpus: tuple[Gpu, ...]
    """The GPUs that are used, as many as the weights are cut into."""
    idle: tuple[Gpu, ...]
    """GPUs that are there and not used."""
    utilisation: float
    """Part of each GPU that is used; less than asked for when something else is on it."""
    step: int
    weights_each: int
    reserve: int
    """Activations of one step, and CUDA itself."""
    window_each: int
    """One full window."""

    @property
    def usable(self) -> int:
        """Of the smallest GPU."""
        return int(min(gpu.total for gpu in self.gpus) * self.utilisation)

    @property
    def space(self) -> int:
        """For the KV cache; negative when not even the weights fit."""
        return self.usable - self.weights_each - self.reserve

    @property
    def short(self) -> int:
        """By how much one full window does not fit; 0 when it does."""
        return max(0, self.window_each - self.space)

    @property
    def fits(self) -> bool:
        """Whether the weights and one full window fit."""
        return self.short == 0

    @property
    def at_once(self) -> float:
        """How many full windows fit together."""
        return max(0.0, self.space / self.window_each)

    @property
    def conversations(self) -> Conversations:
        """The caches as this plan cuts and stores them."""
        return conversations(self.weights.architecture, self.demand, len(self.gpus), self.step)


def make(weights: Weights, demand: Demand, gpus: Sequence[Gpu]) -> Plan:
    """The plan for these GPUs, of which there is at least one: the cut with which most fits."""
    freest = sorted(gpus, key=lambda gpu: (-gpu.free, gpu.index))
    plans = [_cut(weights, demand, freest, several) for several in cuts(weights, len(freest))]
    return max(plans, key=lambda plan: (plan.at_once, -plan.short, len(plan.gpus)))


def _cut(weights: Weights, demand: Demand, gpus: Sequence[Gpu], several: int) -> Plan:
    """The plan for the first GPUs of these."""
    used = tuple(sorted(gpus[:several], key=lambda gpu: gpu.index))
    idle = tuple(sorted(gpus[several:], key=lambda gpu: gpu.index))
    smallest = min(gpu.total for gpu in used)
    step = LARGE_STEP if smallest >= LARGE_GPU else SMALL_STEP
    kept = conversations(weights.architecture, demand, several, step)
    return Plan(
        weights=weights,
        demand=demand,
        gpus=used,
        idle=idle,
        utilisation=min(demand.utilisation, *(_free_part(gpu) for gpu in used)),
        step=step,
        weights_each=weights.each(several),
        reserve=reserve(weights.architecture, several, step),
        window_each=max(1, kept.bytes_each(demand.window)),
    )


def conversations(
    architecture: Architecture, demand: Demand, gpus: int, step: int
) -> Conversations:
    """The caches of a model, cut into so many GPUs."""
    size = 1 if demand.small_cache else 2
    return Conversations(architecture.caches, size, gpus, STEPS_IN_FLIGHT * step)


def reserve(architecture: Architecture, gpus: int, step: int) -> int:
    """An estimate of what a step needs on each GPU, on the high side.

    For each token the residual stream four times, the inside of the dense network, and for each
    chosen expert its inside and its answer, in 16 bits; the logits of all requests twice, in 32.
    """
    inner = 4 * architecture.hidden + 3 * architecture.dense_width // gpus
    experts = architecture.experts_chosen * (
        3 * architecture.expert_width // gpus + architecture.hidden
    )
    logits = SEQUENCES * architecture.vocabulary * 4 * 2
    return step * (inner + experts) * 2 + logits + (RUNTIME if gpus == 1 else RUNTIME_SHARED)


def cuts(weights: Weights, most: int) -> Iterator[int]:
    """Into how many GPUs, up to ``most``, the model can be cut (``--tensor-parallel-size``).

    Heads must divide evenly; heads that are kept divide evenly or are repeated evenly; weights with
    one scale stay together (vllm/config/model.py, layers/quantization/utils/fp8_utils.py).
    """
    shapes = weights.architecture
    block = weights.storage.block if weights.storage else 0
    widths = [width for width in (shapes.expert_width, shapes.dense_width) if width]
    for gpus in range(1, most + 1):
        if shapes.heads % gpus or (shapes.state_heads and shapes.state_heads % gpus):
            continue
        if max(shapes.kv_heads, gpus) % min(shapes.kv_heads, gpus):
            continue
        if gpus > 1 and block and any(width % (gpus * block) for width in widths):
            continue
        yield gpus


def largest_window(plan: Plan) -> int:
    """Tokens, in steps of 1,024, of the longest window that fits; 0 for none."""
    low, high = 0, plan.demand.window // 1024
    kept = plan.conversations
    while low < high:
        middle = (low + high + 1) // 2
        if kept.bytes_each(middle * 1024) <= plan.space:
            low = middle
        else:
            high = middle - 1
    return low * 1024


def enough(weights: Weights, demand: Demand, size: int, most: int = 64) -> Plan | None:
    """The plan with the fewest GPUs of a size, in bytes, on which a full window fits."""
    for several in cuts(weights, most):
        gpus = [Gpu(index, "", size, size) for index in range(several)]
        plan = make(weights, demand, gpus)
        if plan.fits:
            return plan
    return None


def with_window(plan: Plan, window: int) -> Plan:
    """The same plan for another window."""
    return make(plan.weights, replace(plan.demand, window=window), (*plan.gpus, *plan.idle))


def _free_part(gpu: Gpu) -> float:
    """The part of a GPU, in whole hundredths, that nothing else uses now."""
    return gpu.free * 100 // gpu.total / 100
