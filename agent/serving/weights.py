"""What a model's weights take on each GPU: by its shapes, or exactly by its files."""

from dataclasses import dataclass

from agent.serving.architecture import Architecture
from agent.serving.quantisation import Storage, weight_bytes
from agent.serving.safetensors import Stored

NUMBER_BYTES = {"float16": 2, "half": 2, "bfloat16": 2, "float32": 2, "float": 2}
"""Bytes of a number that is not quantised; vLLM loads 32-bit models in 16 (``--dtype auto``)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's shapes, how they are stored, and what the files were seen to hold."""

    architecture: Architecture
    storage: Storage | None
    """As the server holds them; None for the model's own type."""
    correction: float = 1.0
    """What the files hold, over what the shapes say they should."""
    exact: bool = False
    """Whether files were seen."""

    @property
    def total(self) -> int:
        """Bytes of everything that a server loads."""
        return round(self._sum(1) * self.correction)

    def each(self, gpus: int) -> int:
        """Bytes on each of so many GPUs; more than the total over them, as some is not cut."""
        return round(self._sum(gpus) * self.correction)

    def stored_as(self, storage: Storage) -> "Weights":
        """The same model, quantised."""
        return Weights(self.architecture, storage, self.correction, self.exact)

    def _sum(self, gpus: int) -> float:
        size = NUMBER_BYTES.get(self.architecture.data_type.removeprefix("torch."), 2)
        modules = self.architecture.modules
        return sum(weight_bytes(m, self.storage, size) * m.share(gpus) for m in modules)


def weigh(architecture: Architecture, storage: Storage | None, stored: Stored | None) -> Weights:
    """The weights; ``stored`` is what the files hold, where they are on this disk."""
    by_shapes = Weights(architecture, storage)
    if stored is None or not stored.loaded:
        return by_shapes
    return Weights(architecture, storage, stored.loaded / by_shapes.total, exact=True)
