"""Settings: defaults < the user's file < the repository's file < environment < flags.

The user's file is ``patchwright/patchwright.toml`` in the user's configuration folder
(https://specifications.freedesktop.org/basedir-spec/). The repository's is ``patchwright.toml`` in
its root. The repository is not trusted: its file may not choose where code is sent to, nor switch
the sandbox off. Besides it only
:mod:`agent.variables` reads the environment.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from agent.budget import Budget, Price
from agent.variables import cache_folder, configuration_folder, state_folder

FILE_NAME = "patchwright.toml"
EMBEDDED = "embedded"
AUTOMATIC_SETUP = "auto"
OWN_IMAGE = "dockerfile"
REPLAY = "replay:"
DEFAULT_BASE_URL = "http://127.0.0.1:8000/v1"

GITHUB = "github.com"
AUTHOR = r"^[^<>\x00-\x1f\x7f]+ <[^<>\s\x00-\x1f\x7f]+>$"

_PREFIX = "PATCHWRIGHT_"


class ConfigurationError(Exception):
    """A setting cannot be read or is not allowed; the message names it and where it stands."""


class Settings(BaseModel):
    """Everything that can be set, by file, environment (``PATCHWRIGHT_STEPS``) or flag."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    """Name of the served model, ``embedded``, or ``replay:`` and a run or its journal; with only a
    base URL, the server's own."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server, up to and including ``/v1``."""
    api_key: SecretStr | None = None
    """Key for that server; from the environment only, never from a file or a flag."""
    small_model: str | None = None
    """Name of a smaller served model for notes, long documents and, as routed, simple repairs."""
    small_base_url: str | None = None
    """Address of its server; that of ``base_url`` when not given."""
    small_api_key: SecretStr | None = None
    """Key for its server; from the environment only. That of ``api_key`` on the same server."""
    review_model: str | None = None
    """Name of a served model that is asked for a second opinion when a repair goes in circles."""
    review_base_url: str | None = None
    """Address of its server; that of ``base_url`` when not given."""
    review_api_key: SecretStr | None = None
    """Key for its server; from the environment only. That of ``api_key`` on the same server."""
    route: Literal["main", "auto"] = "main"
    """Who repairs: always the main model, or the small one while the task is simple and short."""
    route_tokens: int = Field(default=32_000, ge=1)
    """Prompts from this length on go to the main model, whatever the task."""
    kv_tokens: int | None = Field(default=None, ge=1)
    """Tokens of all conversations at a server at once, over all your runs; by default what vLLM
    says its KV cache holds, and no bound where a server does not say."""
    sandbox: Literal["auto", "isolated", "docker", "podman", "bubblewrap", "none"] = "auto"
    """Kind of sandbox; ``auto`` takes the strongest there is and never ``none``."""
    image: str = "patchwright-sandbox:latest"
    """Docker image for the sandbox; it needs git, a shell and what the tests need."""
    setup: str | None = None
    """Shell line that installs what the tests need, run once in the image, with the network; for
    ``auto``, what the repository's own files say, and for ``dockerfile`` or ``dockerfile:PATH`` in
    the image that its Dockerfile or devcontainer.json makes."""
    test: str | None = None
    """Test command; found from the repository's files when not given."""
    test_seconds: float = Field(default=60.0, gt=0)
    """Seconds after which one test counts as failed."""
    test_minutes: float = Field(default=10.0, gt=0)
    """Minutes after which a whole run of the test command is killed."""
    first_try: Literal["embedded"] | None = None
    """With ``embedded``: its search goes first, and a model is asked only where that fails."""
    first_try_minutes: float = Field(default=1.0, gt=0)
    """Minutes that the first try may take."""
    context: int = Field(default=64_000, ge=0)
    """Tokens of code that a conversation starts with; never more than half the model's window."""
    candidates: int = Field(default=1, ge=1, le=64)
    """Repairs that are attempted side by side, each judged by the gate; they share the budget."""
    parallel: int = Field(default=2, ge=1)
    """How many of them are worked on at a time."""
    every_candidate: bool = False
    """Judge every candidate, rather than stop when one is proven."""
    minimise: bool = True
    """Shrink a proven patch to the hunks that it needs."""
    steps: int = Field(default=100, ge=1)
    """Budget: replies of the model."""
    tokens: int = Field(default=2_000_000, ge=1)
    """Budget: tokens of prompts and completions together."""
    minutes: float = Field(default=30.0, gt=0)
    """Budget: minutes of running time."""
    gpus: int = Field(default=1, ge=1)
    """GPUs that the model is served on, to count GPU-seconds."""
    gpu_seconds: float | None = Field(default=None, gt=0)
    """Budget: seconds of waiting for replies, times ``gpus``."""
    price_prompt: float | None = Field(default=None, ge=0)
    """What a million tokens of prompts cost; without it no money is counted."""
    price_cached: float | None = Field(default=None, ge=0)
    """The same for what the server has in its prefix cache; as ``price_prompt`` when not given."""
    price_completion: float | None = Field(default=None, ge=0)
    """The same for completions; as ``price_prompt`` when not given."""
    money: float | None = Field(default=None, gt=0)
    """Budget: in the currency of the prices, which it needs."""
    github_token: SecretStr | None = None
    """Token for GitHub; from the environment only: this one, ``GH_TOKEN`` or ``GITHUB_TOKEN``."""
    github_host: str = GITHUB
    """The host that the token is for; also by ``GH_HOST`` or ``GITHUB_SERVER_URL``."""
    fork: bool = False
    """Propose from a fork of the token's user where the token may not push."""
    author: str | None = Field(default=None, pattern=AUTHOR)
    """Author of proposed commits, ``Name <address>``; the token's user when not given."""
    sign_off: bool = False
    """End commit messages with a Signed-off-by line (https://developercertificate.org)."""
    on_failure: Literal["comment", "none"] = "comment"
    """What is written to an issue that could not be repaired."""
    push_attempt: bool = False
    """Push the best attempt to a branch even where nothing was proven."""
    dry_run: bool = False
    """Write nothing to GitHub; ``patchwright publish RUN`` does it later."""
    output: Literal["patch", "branch", "worktree"] = "patch"
    """Where a proven patch goes besides the run's folder: nowhere, a new branch, the work tree."""
    profiles: Path | None = None
    """TOML file with model profiles of your own, tried before those that come along."""
    runs: Path
    """Folder that holds the runs."""
    index: Path
    """Folder that keeps what was once read of files, for any run and repository."""

    @property
    def budget(self) -> Budget:
        """All bounds together."""
        return Budget(
            steps=self.steps,
            tokens=self.tokens,
            minutes=self.minutes,
            gpu_seconds=self.gpu_seconds,
            money=self.money,
            gpus=0 if self.embedded else self.gpus,
            price=self.price,
        )

    @property
    def price(self) -> Price | None:
        """What tokens cost, if anybody has said."""
        if self.price_prompt is None:
            return None
        cached, completion = self.price_cached, self.price_completion
        return Price(
            prompt=self.price_prompt,
            cached=self.price_prompt if cached is None else cached,
            completion=self.price_prompt if completion is None else completion,
        )

    @property
    def embedded(self) -> bool:
        """Whether the model is the embedded one: asked for, or nothing else was named."""
        return self.model == EMBEDDED or (self.model is None and self.base_url is None)

    @property
    def replayed(self) -> str:
        """The run or file whose recorded replies are the model; empty when it is another."""
        name = self.model or ""
        return name.removeprefix(REPLAY) if name.startswith(REPLAY) else ""


SECRETS = ("api_key", "small_api_key", "review_api_key", "github_token")
"""Settings that are never written anywhere."""
_FORGE = ("github_host", "fork", "author", "sign_off", "push_attempt", "dry_run")
_NOT_FROM_REPOSITORY = (
    *("base_url", "small_base_url", "review_base_url"),
    *SECRETS,
    *("profiles", "runs", "index", "setup"),
    *_FORGE,
)
_FOLDERS: dict[str, Any] = {"runs": ".", "index": "."}
"""What stands in for folders where a source is judged by itself."""


def load(
    flags: Mapping[str, Any],
    *,
    repository: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Merge all sources; a flag that is None was not given.

    Raises:
        ConfigurationError: A file cannot be read, or a value is not right or not allowed there.
    """
    merged: dict[str, Any] = {
        "runs": state_folder(environment) / "patchwright" / "runs",
        "index": cache_folder(environment) / "patchwright" / "index",
    }
    merged |= _from_file(configuration_folder(environment) / "patchwright" / FILE_NAME)
    if repository is not None:
        merged |= _from_repository(repository / FILE_NAME)
    merged |= _from_github(environment) | _from_environment(environment)
    merged |= {name: value for name, value in flags.items() if value is not None}
    settings = _validated(merged, "settings")
    if settings.money is not None and settings.price is None:
        raise ConfigurationError("money: a budget of money needs price_prompt, the price of tokens")
    return settings


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}") from error
    for name in SECRETS:
        if name in values:
            raise ConfigurationError(f"{path}: set {name} by {_PREFIX}{name.upper()}, not a file")
    _validated(_FOLDERS | values, str(path))
    return values


def _from_repository(path: Path) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file():
        return {}
    values = _from_file(path)
    for name in _NOT_FROM_REPOSITORY:
        if name in values:
            raise ConfigurationError(
                f"{path}: a repository may not set {name}; set it in your own configuration,"
                " the environment or a flag"
            )
    if str(values.get("model", "")).startswith(REPLAY):
        raise ConfigurationError(f"{path}: a repository may not name a recording to be replayed")
    if values.get("sandbox") == "none":
        raise ConfigurationError(f"{path}: a repository may not switch its own sandbox off")
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    names = {_PREFIX + name.upper(): name for name in Settings.model_fields}
    values = {
        names[variable]: value
        for variable, value in environment.items()
        if variable in names and value
    }
    _validated(_FOLDERS | values, f"the environment ({_PREFIX}*)")
    return values


def _from_github(environment: Mapping[str, str]) -> dict[str, str]:
    """Names of GitHub's own programs: https://cli.github.com/manual/gh_help_environment."""
    host = environment.get("GH_HOST") or urlsplit(environment.get("GITHUB_SERVER_URL", "")).netloc
    names = ["GH_TOKEN", "GITHUB_TOKEN"]
    if host and host != GITHUB:
        names = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", *names]
    token = next((environment[name] for name in names if environment.get(name)), "")
    found = {"github_token": token, "github_host": host}
    return {name: value for name, value in found.items() if value}


def _validated(values: Mapping[str, Any], source: str) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = ", ".join(sorted(set(Settings.model_fields) - set(SECRETS)))
        hint = f"; known are: {known}" if first["type"] == "extra_forbidden" else ""
        raise ConfigurationError(f"{source}: {name}: {first['msg']}{hint}") from error
