"""What environment variables say besides settings: folders, programs, the network, the terminal.

The folders are those of https://specifications.freedesktop.org/basedir-spec/.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_NETWORK = (
    "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip
_WORKFLOW = (
    "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL",
    "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_RUN_ID", "GITHUB_ACTOR", "RUNNER_TEMP",
)  # fmt: skip


def no_color(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the user asked for output without colour (https://no-color.org)."""
    return bool(environment.get("NO_COLOR"))


def docker_address(environment: Mapping[str, str] = os.environ) -> str | None:
    """Where the Docker engine listens, when it is not at its usual place."""
    return environment.get("DOCKER_HOST") or None


def toolchains(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Folders of programs that a sandbox without an image of its own may use, read-only."""
    active = environment.get("VIRTUAL_ENV")
    prefixes = [Path(active), *_base_of(Path(active))] if active else []
    prefixes += [Path(sys.prefix), Path(sys.base_prefix)]
    return list(dict.fromkeys(prefixes))


def _base_of(environment: Path) -> list[Path]:
    """The installation that a virtual environment's interpreter belongs to.

    https://docs.python.org/3/library/venv.html#creating-virtual-environments
    """
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    settings = dict(line.partition("=")[::2] for line in lines)
    home = next((value.strip() for key, value in settings.items() if key.strip() == "home"), "")
    return [Path(home).resolve().parent] if home.startswith("/") else []


def network(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """How git reaches the network: proxies and certificates, nothing else."""
    return {name: environment[name] for name in _NETWORK if environment.get(name)}


def workflow(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a GitHub Actions runner says of the event and the files it reads back.

    https://docs.github.com/actions/reference/workflows-and-actions/variables
    """
    return {name: environment[name] for name in _WORKFLOW if name in environment}


def hub_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """Where downloaded models of the Hugging Face hub lie.

    https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
    """
    home = Path(environment.get("HF_HOME") or cache_folder(environment) / "huggingface")
    return Path(environment.get("HF_HUB_CACHE") or home / "hub")


def servers_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where runs tell each other what they have at a model server."""
    running = environment.get("XDG_RUNTIME_DIR", "")
    base = Path(running) if running.startswith("/") else cache_folder(environment)
    return base / "patchwright" / "servers"


def visible_gpus(environment: Mapping[str, str] = os.environ) -> str | None:
    """Which GPUs a program may see, where that was chosen (``CUDA_VISIBLE_DEVICES``)."""
    return environment.get("CUDA_VISIBLE_DEVICES")


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where programs keep what they have done."""
    return _folder(environment, "XDG_STATE_HOME", ".local/state")


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where programs keep what can be made again."""
    return _folder(environment, "XDG_CACHE_HOME", ".cache")


def configuration_folder(environment: Mapping[str, str]) -> Path:
    """Where programs find the user's settings."""
    return _folder(environment, "XDG_CONFIG_HOME", ".config")


def _folder(environment: Mapping[str, str], variable: str, below_home: str) -> Path:
    configured = environment.get(variable, "")
    if configured.startswith("/"):
        return Path(configured)
    home = environment.get("HOME")
    return (Path(home) if home else Path.home()) / below_home
