"""Looks at the model and at this machine, and makes the plan. Nothing is downloaded."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.model import profiles
from agent.model.profiles import Profile
from agent.serving import (
    architecture,
    checkpoint,
    configuration,
    gpus,
    plan,
    quantisation,
    safetensors,
    weights,
)
from agent.serving.checkpoint import Checkpoint
from agent.serving.gpus import Gpu, GpusUnknown
from agent.serving.plan import Demand, Plan
from agent.serving.quantisation import Storage, UnknownQuantisation
from sandbox import process

_ASK_SECONDS = 30.0
_NO_GPU = Gpu(0, "no GPU", 1 << 50, 1 << 50)
"""Stands in where there is none, so that the sizes can be worked out."""


class NotPossible(Exception):
    """What was asked for cannot be planned; the message says why and what to give."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants served, and how."""

    model: str
    hub_cache: Path
    config: Path | None = None
    profiles: Path | None = None
    window: int | None = None
    quantisation: str | None = None
    small_cache: bool = False
    gpus: str | None = None
    visible: str | None = None
    utilisation: float = plan.UTILISATION


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    checkpoint: Checkpoint
    profile: Profile
    plan: Plan
    here: bool
    """Whether there are GPUs, found or described."""


def survey(wish: Wish) -> Survey:
    """Find the model, its profile and the GPUs, and plan.

    Raises:
        NotPossible: One of them cannot be found or understood.
    """
    try:
        return _survey(wish)
    except (
        checkpoint.ModelNotFound,
        configuration.UnknownModel,
        UnknownQuantisation,
        safetensors.Damaged,
        GpusUnknown,
        profiles.BadProfile,
    ) as error:
        raise NotPossible(str(error)) from error


def _survey(wish: Wish) -> Survey:
    found = checkpoint.find(wish.model, config=wish.config, hub_cache=wish.hub_cache)
    own = profiles.read(wish.profiles) if wish.profiles is not None else ()
    profile = profiles.find(found.name, own)
    weighed = _weights(found, wish.quantisation)
    window = _window(wish.window, profile.context, weighed.architecture.window)
    demand = Demand(window, small_cache=wish.small_cache, utilisation=wish.utilisation)
    present = _gpus(wish.gpus, wish.visible)
    made = plan.make(weighed, demand, present or [_NO_GPU])
    return Survey(found, profile, made, here=bool(present))


def _weights(found: Checkpoint, wanted: str | None) -> weights.Weights:
    shapes = architecture.read(found.config)
    halved = shapes.data_type.endswith("float32")
    stored = safetensors.read(found.folder, shapes.layers, halved=halved) if found.folder else None
    storage = _storage(found, counted=stored is not None)
    weighed = weights.weigh(shapes, storage, stored)
    if wanted is None:
        return weighed
    if found.config.get("quantization_config"):
        raise NotPossible(f"{found.name} is quantised already; leave --quantization away")
    made = {"fp8": quantisation.FP8_WHILE_LOADING, "int4": quantisation.INT4_CHECKPOINT}
    return weighed.stored_as(made[wanted])


def _storage(found: Checkpoint, *, counted: bool) -> Storage | None:
    raw = found.config.get("quantization_config")
    try:
        return quantisation.read(raw if isinstance(raw, dict) else None)
    except UnknownQuantisation:
        # The files say what the weights take; how they are stored need not be known then.
        if counted:
            return None
        raise


def _window(wanted: int | None, supported: int | None, made_for: int | None) -> int:
    most = min((size for size in (supported, made_for) if size is not None), default=None)
    if wanted is None and most is None:
        raise NotPossible("the model does not say how long its window is; give --window")
    if wanted is not None and made_for is not None and wanted > made_for:
        raise NotPossible(f"--window {wanted}: the model was made for {made_for:,} tokens")
    chosen = wanted or most
    assert chosen is not None
    return chosen


def _gpus(wanted: str | None, visible: str | None) -> list[Gpu]:
    """The GPUs to use; none when there are none or 0 were asked for."""
    if wanted is not None and not re.fullmatch(r"\d{1,4}", wanted):
        return gpus.describe(wanted)
    if wanted is not None and int(wanted) == 0:
        return []
    present = gpus.visible(_ask(), visible)
    if wanted is None:
        return present
    if int(wanted) > len(present):
        raise NotPossible(
            f"--gpus {wanted}: there are {len(present)} here; to plan, say {wanted}x80"
        )
    freest = sorted(present, key=lambda gpu: (-gpu.free, gpu.index))[: int(wanted)]
    return sorted(freest, key=lambda gpu: gpu.index)


def _ask() -> list[Gpu]:
    """What ``nvidia-smi`` says; nothing where it is not installed."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    environment = {"LC_ALL": "C"}
    done = process.run([program, *gpus.QUERY], timeout=_ASK_SECONDS, environment=environment)
    text = done.stdout.data.decode(errors="replace")
    if done.exit_code or done.timed_out:
        said = (text + done.stderr.data.decode(errors="replace")).strip()
        raise GpusUnknown(f"nvidia-smi failed: {said[:300]}; say what there is with --gpus")
    return gpus.read(text)
