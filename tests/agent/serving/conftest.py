"""Plans of models whose shapes come along."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agent.serving import architecture, checkpoint, quantisation
from agent.serving.gpus import Gpu, describe
from agent.serving.plan import Demand, Plan, make
from agent.serving.weights import Weights, weigh

WeightsOf = Callable[[str], Weights]
PlanOf = Callable[..., Plan]


def _weights(name: str) -> Weights:
    config = checkpoint.find(name, config=None, hub_cache=Path("/nowhere")).config
    storage = quantisation.read(config.get("quantization_config"))
    return weigh(architecture.read(config), storage, None)


@pytest.fixture
def weights_of() -> WeightsOf:
    """The weights of a model, by its name on the hub."""
    return _weights


@pytest.fixture
def plan_of() -> PlanOf:
    """The plan for a model by its name, on GPUs as described, with its full window."""

    def plan(
        name: str, gpus: str | Sequence[Gpu], *, window: int = 0, small_cache: bool = False
    ) -> Plan:
        weighed = _weights(name)
        full = weighed.architecture.window
        assert full is not None
        present = describe(gpus) if isinstance(gpus, str) else gpus
        return make(weighed, Demand(window or full, small_cache=small_cache), present)

    return plan
