"""Classical program repair as a model: no weights, no server, the same tools as any other."""

from agent.model.embedded.learned import Learned
from agent.model.embedded.model import Embedded
from agent.model.embedded.turns import Bounds

__all__ = ["Bounds", "Embedded", "Learned"]
