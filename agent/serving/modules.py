"""The weight matrices of a model, counted from its shapes and not from its files."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a matrix is for; quantisation and reports go by it."""

    EMBEDDING = "embedding"
    HEAD = "head"
    ATTENTION = "attention"
    MLP = "mlp"
    EXPERTS = "experts"
    ROUTER = "router"
    NORM = "norm"


@dataclass(frozen=True, slots=True)
class Module:
    """One weight matrix, or ``copies`` equal ones, with the vectors that belong to it."""

    name: str
    """As a checkpoint names it, like ``model.layers.3.self_attn.q_proj``."""
    part: Part
    rows: int
    columns: int = 1
    vectors: int = 0
    """Further numbers beside the matrix: biases, sinks, router corrections. For all copies."""
    copies: int = 1
    pieces: int | None = None
    """Into how many GPUs it can be cut: None for any number, 1 when each GPU holds all of it."""

    @property
    def matrix(self) -> int:
        """Numbers in the matrices."""
        return self.rows * self.columns * self.copies

    @property
    def parameters(self) -> int:
        """All numbers."""
        return self.matrix + self.vectors

    def share(self, gpus: int) -> float:
        """The part of it, from 0 to 1, that each of so many GPUs holds."""
        return 1 / gpus if self.pieces is None else 1 / min(gpus, self.pieces)


def count(modules: Iterable[Module], part: Part | None = None) -> int:
    """Parameters of the modules; with ``part`` only of those."""
    return sum(module.parameters for module in modules if part in (None, module.part))
