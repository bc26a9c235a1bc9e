"""From a run's request to the services that carry it out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from agent.config import DEFAULT_BASE_URL, Settings, docker_address, toolchains
from agent.events import Started
from agent.journal import Journal, Observer
from agent.kit import Kit
from agent.model import profiles
from agent.model.base import Model
from agent.runs import RunFolder
from sandbox.base import Provider
from sandbox.choose import Choice, strongest
from tools.git import ObjectStore


@contextmanager
def open_kit(
    started: Started,
    settings: Settings,
    folder: RunFolder,
    provider: Provider,
    model: Model,
    *,
    notes: Sequence[str] = (),
    observers: tuple[Observer, ...] = (),
) -> Iterator[Kit]:
    """The services of a run, held for this process; all are closed at the end.

    Raises:
        RunError: Another process is at this run.
        JournalError: Its journal cannot be read.
    """
    with folder.locked():
        journal = Journal(folder.journal, observers)
        kit = Kit(
            repository=Path(started.repository),
            issue=started.issue,
            from_dirty=started.from_dirty,
            settings=settings,
            folder=folder,
            journal=journal,
            store=ObjectStore(folder.store),
            provider=provider,
            notes=list(notes),
            model=model,
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


def make_model(settings: Settings) -> Model:
    """The model that the settings name, asked as its makers recommend.

    Raises:
        ModelError: No name was given, and the server does not tell one.
        BadProfile: The user's own profiles cannot be read.
    """
    if settings.embedded:
        from agent.model.embedded import Embedded

        return Embedded()
    from agent.model.openai import OpenAIModel

    key = settings.api_key
    secret = key.get_secret_value() if key else None
    base_url = settings.base_url or DEFAULT_BASE_URL
    name = settings.model
    if name is None:
        with OpenAIModel(base_url, api_key=secret) as asked:
            name = asked.name
    own = profiles.read(settings.profiles) if settings.profiles else ()
    profile = profiles.find(name, own)
    sampling = profile.sampling.model_dump(exclude_none=True)
    return OpenAIModel(
        base_url,
        model=name,
        api_key=secret,
        temperature=sampling.pop("temperature", 0.0),
        fields=sampling,
        keep_reasoning=profile.reasoning.keep,
    )
