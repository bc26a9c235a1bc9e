"""What is known of models by name: sampling, parsers, reasoning, quirks; one TOML file a family."""

from agent.model.profiles.profiles import BadProfile as BadProfile
from agent.model.profiles.profiles import Profile as Profile
from agent.model.profiles.profiles import Quirk as Quirk
from agent.model.profiles.profiles import Reasoning as Reasoning
from agent.model.profiles.profiles import Sampling as Sampling
from agent.model.profiles.profiles import find as find
from agent.model.profiles.profiles import read as read
from agent.model.profiles.profiles import shipped as shipped
