"""The environment that a repository's tests need: set up with the network, before it is cut."""

from collections.abc import Sequence

from agent.config import AUTOMATIC_SETUP, ConfigurationError, Settings, docker_address
from sandbox.base import Provider
from tools.environment import Setup, find_setups, fingerprint
from tools.git import ObjectStore


def prepared(settings: Settings, provider: Provider, store: ObjectStore, tree: str) -> Provider:
    """The sandbox with the repository's set-up carried out in it, made once and kept.

    Raises:
        ConfigurationError: The commands failed, there are none, or this kind of sandbox cannot keep
            what they install.
        SandboxUnavailable: The engine is not there.
    """
    if settings.setup is None:
        return provider
    if provider.name != "docker":
        raise ConfigurationError(
            "--setup needs Docker, as a set-up is kept in an image; the sandbox is"
            f" {provider.name}: install what the tests need in a virtual environment, activate it,"
            " and leave --setup out"
        )
    # Imported here because the Docker SDK takes a third of a second to import.
    from sandbox.docker import ADDRESS, DockerProvider
    from sandbox.prepared import SetupFailed, prepare

    commands, files = _commands(settings.setup, store, tree)
    address = docker_address() or ADDRESS
    name = f"patchwright-env:{_key(settings.image, commands, files, store, tree)}"
    try:
        prepare(name, settings.image, address, store.archive(tree), commands)
    except SetupFailed as error:
        raise ConfigurationError(str(error)) from error
    return DockerProvider(name, address=address)


def suggested(store: ObjectStore, tree: str) -> str:
    """What a repository's files say of its set-up, in brackets; empty where they do not."""
    commands = [line for setup in _setups(store, tree) for line in setup.commands]
    return f" (its files say: {' && '.join(commands)})" if commands else ""


def _commands(setup: str, store: ObjectStore, tree: str) -> tuple[list[str], list[str]]:
    setups = _setups(store, tree)
    files = [path for one in setups for path in one.files]
    if setup != AUTOMATIC_SETUP:
        return [setup], files
    commands = [line for one in setups for line in one.commands]
    if not commands:
        raise ConfigurationError(
            "no file of the repository says how it is set up; give the command with --setup COMMAND"
        )
    return commands, files


def _setups(store: ObjectStore, tree: str) -> list[Setup]:
    blobs = {entry.path: entry.blob for entry in store.entries(tree) if entry.regular}

    def read(path: str) -> str:
        return store.get(blobs[path])[:1_000_000].decode(errors="replace")

    return find_setups(list(blobs), read)


def _key(
    image: str, commands: Sequence[str], files: Sequence[str], store: ObjectStore, tree: str
) -> str:
    blobs = {entry.path: entry.blob for entry in store.entries(tree) if entry.regular}
    # Without a file that says what is installed, only the same tree is the same environment.
    known = [path for path in files if path in blobs]
    parts = commands if known else [*commands, tree]
    return fingerprint(image, parts, known, lambda path: store.get(blobs[path]))
