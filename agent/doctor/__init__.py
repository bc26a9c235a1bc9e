"""Says what works on this machine and what does not, and the one command that mends each.

Every check answers with findings and raises nothing that it knows of; the order is that of a run.
"""

from agent.doctor.finding import Finding, State
from agent.doctor.forge import check_forge
from agent.doctor.machine import check_disk, check_git, check_images, check_sandboxes
from agent.doctor.model import check_model

__all__ = [
    "Finding",
    "State",
    "check_disk",
    "check_forge",
    "check_git",
    "check_images",
    "check_model",
    "check_sandboxes",
]
