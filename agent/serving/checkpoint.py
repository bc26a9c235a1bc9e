"""Finds what is known of a model: its ``config.json``, and its files where they are on this disk.

Nothing is downloaded. A model is a folder, a file ``config.json``, or a name on the Hugging Face
hub: then the hub's local cache is looked at, and the shapes that come along (``checkpoints.toml``).
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

CONFIG_LIMIT = 4_000_000
"""Bytes; a ``config.json`` with a list of all matrices is a few hundred thousand."""


class ModelNotFound(Exception):
    """There is nothing to plan from; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One model to be served."""

    model: str
    """What the server is told to load: a path, or a name on the hub."""
    name: str
    """What it is called: the name on the hub, or the folder's name."""
    config: Mapping[str, Any]
    source: str
    """Where the configuration is from, for people."""
    folder: Path | None
    """Where its files are; None when they are not on this disk."""


def find(model: str, *, config: Path | None, hub_cache: Path) -> Checkpoint:
    """Find the model; ``config`` is a file that is believed before all else.

    Raises:
        ModelNotFound: There is no configuration, or it cannot be read.
    """
    # These two answer no to whatever is no path at all.
    path, is_folder = Path(os.path.expanduser(model)), os.path.isdir(os.path.expanduser(model))
    if not is_folder and os.path.isfile(path):
        return _in_folder(path.parent, config or path)
    if is_folder:
        return _in_folder(path, config or path / "config.json")
    cached = _cached(model, hub_cache)
    if config is not None:
        return Checkpoint(model, model, _read(config), str(config), cached)
    if cached is not None and (cached / "config.json").is_file():
        file = cached / "config.json"
        return Checkpoint(model, model, _read(file), str(file), cached)
    entry = known().get(model.lower())
    if entry is None:
        raise ModelNotFound(
            f"{model} is no folder here, not in {hub_cache}, and not known; nothing is downloaded"
            " for a plan, so get its config.json (hf download MODEL config.json) or name one with"
            " --config"
        )
    return Checkpoint(model, model, entry["config"], entry["source"], None)


def known() -> dict[str, dict[str, Any]]:
    """The shapes that come along, ``config`` and ``source``, by the hub's name in lower case."""
    text = (resources.files("agent.serving") / "checkpoints.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)["checkpoint"]
    return {name.lower(): entry for entry in entries for name in entry["names"]}


def _in_folder(folder: Path, config: Path) -> Checkpoint:
    if not config.exists() and config.parent == folder:
        raise ModelNotFound(f"{folder} has no config.json; name one with --config")
    here = folder.resolve()
    return Checkpoint(str(here), here.name, _read(config), str(config), here)


def _cached(model: str, hub_cache: Path) -> Path | None:
    """The newest files of the model in the hub's local cache, if they are there.

    https://huggingface.co/docs/huggingface_hub/guides/manage-cache
    """
    if model.count("/") != 1:
        return None
    home = hub_cache / f"models--{model.replace('/', '--')}"
    try:
        revision = (home / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    snapshot = home / "snapshots" / revision
    return snapshot if revision and "/" not in revision and snapshot.is_dir() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(CONFIG_LIMIT + 1)[:CONFIG_LIMIT])
    except (OSError, ValueError, RecursionError) as error:
        raise ModelNotFound(f"cannot read {path}: {error}") from None
    if not isinstance(found, dict):
        raise ModelNotFound(f"{path} is no configuration of a model")
    return found
