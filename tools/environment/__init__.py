"""What a repository says of how it is set up, so that its tests can start."""

from tools.environment.container import NoContainer, OwnImage, own_image
from tools.environment.fingerprint import fingerprint
from tools.environment.plan import Setup, find_setups

__all__ = [
    "NoContainer",
    "OwnImage",
    "Setup",
    "find_setups",
    "fingerprint",
    "own_image",
]
