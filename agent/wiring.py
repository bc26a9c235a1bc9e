"""From a run's request to the services that carry it out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from agent import runs
from agent.config import DEFAULT_BASE_URL, ConfigurationError, Settings
from agent.environment import prepared
from agent.events import Started
from agent.journal import Journal, Observer
from agent.kit import Kit
from agent.model import profiles
from agent.model.base import Model, ModelRefused
from agent.model.gate import Gate
from agent.runs import RunError, RunFolder
from agent.variables import docker_address, network, servers_folder, toolchains
from sandbox.base import Provider
from sandbox.choose import Choice, strongest
from tools.forge import Forge, GitHub, Repository
from tools.git import ObjectStore


@contextmanager
def open_kit(
    started: Started,
    settings: Settings,
    folder: RunFolder,
    provider: Provider,
    model: Model,
    *,
    helpers: "Helpers | None" = None,
    another: Callable[[int], Model] | None = None,
    forge: Forge | None = None,
    notes: Sequence[str] = (),
    observers: tuple[Observer, ...] = (),
) -> Iterator[Kit]:
    """The services of a run, held for this process; all are closed at the end.

    Raises:
        RunError: Another process is at this run, or its folder lies in the repository.
        JournalError: Its journal cannot be read.
        ConfigurationError: The set-up that was asked for cannot be carried out.
    """
    if folder.path.resolve().is_relative_to(Path(started.repository).resolve()):
        raise RunError(
            f"the run's folder {folder.path} lies in the repository that is to be repaired;"
            " choose another with --runs or PATCHWRIGHT_RUNS"
        )
    with folder.locked():
        journal = Journal(folder.journal, observers)
        repository, store = Path(started.repository), ObjectStore(folder.store)
        if settings.setup is not None:
            provider = prepared(settings, provider, store, store.fetch(repository)[1])
        kit = Kit(
            repository=repository,
            issue=started.issue,
            from_dirty=started.from_dirty,
            settings=settings,
            folder=folder,
            journal=journal,
            store=store,
            provider=provider,
            notes=list(notes),
            model=model,
            small=helpers.small if helpers else None,
            review=helpers.review if helpers else None,
            another=another or partial(make_model, settings),
            source=started.source,
            forge=forge,
        )
        try:
            journal.once("started", lambda: started)
            yield kit
        finally:
            kit.close()


def choose_sandbox(settings: Settings) -> Choice:
    """The kind of sandbox that the settings ask for, ready to use, rid of what died in it before.

    Raises:
        SandboxUnavailable: No sandbox of the kind asked for can be used here.
    """
    choice = strongest(
        settings.sandbox,
        image=settings.image,
        toolchains=toolchains(),
        docker_address=docker_address(),
    )
    choice.provider.remove_leftovers()
    return choice


def open_forge(repository: Repository, settings: Settings, *, written: str | None = None) -> GitHub:
    """The forge of a repository, with the token if it is for that host.

    Raises:
        ConfigurationError: There is a token, and it is for another host.
    """
    host, token = repository.host, settings.github_token
    if token is not None and host != settings.github_host:
        raise ConfigurationError(
            f"the token is for {settings.github_host}, not for {host}, and is not sent there;"
            f" if it is for {host}, say so with PATCHWRIGHT_GITHUB_HOST={host}"
        )
    return GitHub(repository, token, network=network(), written=written)


def make_model(settings: Settings, candidate: int = 0) -> Model:
    """The main model that the settings name, asked as its makers recommend.

    Args:
        settings: Name it.
        candidate: The number of one of several candidates: a served model is then asked so that
            its answers differ from those to the others.

    Raises:
        ModelError: No name was given, and the server does not tell one.
        BadProfile: The user's own profiles cannot be read.
        RunError: It is to be the replay of a run that is not there.
    """
    if settings.embedded:
        from agent.model.embedded import Embedded

        return Embedded()
    if settings.replayed:
        from agent.model.replay import Replay

        return Replay.of(recording(settings), by_place=True, candidate=candidate)
    return _served(settings, settings.model, settings.base_url, settings.api_key, candidate)


def make_helpers(settings: Settings) -> "Helpers":
    """The models beside the main one; each is None where it is not configured.

    Raises:
        ModelError: As for :func:`make_model`.
        BadProfile: As for :func:`make_model`.
    """
    return Helpers(
        _helper(settings, settings.small_model, settings.small_base_url, settings.small_api_key),
        _helper(settings, settings.review_model, settings.review_base_url, settings.review_api_key),
    )


@dataclass(frozen=True, slots=True)
class Helpers:
    """Models for work that need not be the main one's."""

    small: Model | None = None
    review: Model | None = None

    def check(self) -> None:
        """Return when each can be asked; raise a ``ModelError`` that says why one cannot."""
        for model in (self.small, self.review):
            if model is not None:
                model.check()


def recording(settings: Settings) -> Path:
    """The journal that ``--model replay:FILE_OR_RUN`` names.

    Raises:
        RunError: There is no such file, and no run of that id.
    """
    source = settings.replayed
    path = Path(source)
    if path.is_dir():
        return path / "journal.jsonl"
    return path if path.is_file() else runs.find(settings.runs, source).journal


def _helper(
    settings: Settings, name: str | None, base_url: str | None, key: SecretStr | None
) -> Model | None:
    if name is None and base_url is None:
        return None
    same_server = base_url is None or base_url == settings.base_url
    return _served(
        settings,
        name,
        base_url or settings.base_url,
        key or (settings.api_key if same_server else None),
    )


_VARIED = 0.8
"""The least temperature at which several candidates are asked for: at 0 they would be the same."""


def _served(
    settings: Settings,
    name: str | None,
    base_url: str | None,
    key: SecretStr | None,
    candidate: int = 0,
) -> Model:
    from agent.model.openai import OpenAIModel

    secret = key.get_secret_value() if key else None
    base_url = base_url or DEFAULT_BASE_URL
    if name is None:
        with OpenAIModel(base_url, api_key=secret) as asked:
            name = asked.name
    own = profiles.read(settings.profiles) if settings.profiles else ()
    profile = profiles.find(name, own)
    sampling = profile.sampling.model_dump(exclude_none=True)
    temperature = sampling.pop("temperature", 0.0)
    if candidate:
        temperature = max(temperature, _VARIED)
        sampling["seed"] = candidate
    return OpenAIModel(
        base_url,
        model=name,
        api_key=secret,
        temperature=temperature,
        fields=sampling,
        keep_reasoning=profile.reasoning.keep,
        gate=partial(_gate, settings.kv_tokens),
    )


def _gate(
    configured: int | None, url: str, told: int | None, pause: Callable[[float], None]
) -> Gate | None:
    """The gate to a server whose cache has a known size."""
    capacity = configured or told
    if capacity is None:
        return None
    try:
        return Gate(servers_folder(), url, capacity, pause=pause)
    except OSError as error:
        raise ModelRefused(
            f"cannot write {servers_folder()}, where runs agree on a server's cache:"
            f" {error.strerror}; set XDG_RUNTIME_DIR to a folder of your own"
        ) from None
