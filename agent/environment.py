"""The environment that a repository's tests need: set up with the network, before it is cut."""

from collections.abc import Sequence
from functools import cached_property

from agent.config import AUTOMATIC_SETUP, OWN_IMAGE, ConfigurationError, Settings
from agent.variables import docker_address
from sandbox.base import Provider
from tools.environment import NoContainer, Setup, find_setups, fingerprint, own_image
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
    from sandbox.own_image import ImageRefused
    from sandbox.prepared import SetupFailed, prepare

    files = _Files(store, tree)
    address = docker_address() or ADDRESS
    try:
        word, _, named = settings.setup.partition(":")
        if word == OWN_IMAGE:
            name, image, commands = _own(files, named, address)
        else:
            image = settings.image
            commands, deciding = _commands(settings.setup, files)
            name = f"patchwright-env:{_key(image, commands, deciding, files)}"
        prepare(name, image, address, store.archive(tree), commands)
    except (SetupFailed, ImageRefused, NoContainer) as error:
        raise ConfigurationError(str(error)) from error
    return DockerProvider(name, address=address)


def _own(files: "_Files", named: str, address: str) -> tuple[str, str, list[str]]:
    """The name of the image to make, the repository's own to build upon, and what is run in it."""
    from sandbox.own_image import build_own

    own = own_image(files.paths, files.text, named)
    locks = [path for setup in files.setups for path in setup.files]
    parts = [own.dockerfile, own.context, own.target, repr(sorted(own.arguments.items()))]
    key = _key(OWN_IMAGE, [*parts, *own.commands], [*own.files, *locks], files)
    image = f"patchwright-own:{key}"
    fitting = build_own(
        image,
        address,
        files.store.archive(files.tree),
        own.dockerfile,
        path=own.path,
        context=own.context,
        arguments=own.arguments,
        target=own.target,
    )
    return f"patchwright-env:{key}", image, [*fitting, *own.commands]


def suggested(store: ObjectStore, tree: str) -> str:
    """What a repository's files say of its set-up, in brackets; empty where they do not."""
    files = _Files(store, tree)
    commands = [line for setup in files.setups for line in setup.commands]
    said = [f"its files say: {' && '.join(commands)}"] if commands else []
    try:
        own = own_image(files.paths, files.text)
    except NoContainer:
        own = None
    if own is not None:
        said.append(f"--setup {OWN_IMAGE} builds its {own.path or own.files[0]}")
    return f" ({'; '.join(said)})" if said else ""


class _Files:
    """The files of a tree, to be read."""

    def __init__(self, store: ObjectStore, tree: str) -> None:
        self.store = store
        self.tree = tree
        self._blobs = {entry.path: entry.blob for entry in store.entries(tree) if entry.regular}

    @property
    def paths(self) -> list[str]:
        return list(self._blobs)

    @cached_property
    def setups(self) -> list[Setup]:
        return find_setups(self.paths, self.text)

    def data(self, path: str) -> bytes:
        return self.store.get(self._blobs[path])

    def text(self, path: str) -> str:
        return self.data(path)[:1_000_000].decode(errors="replace")


def _commands(setup: str, files: _Files) -> tuple[list[str], list[str]]:
    deciding = [path for one in files.setups for path in one.files]
    if setup != AUTOMATIC_SETUP:
        return [setup], deciding
    commands = [line for one in files.setups for line in one.commands]
    if not commands:
        raise ConfigurationError(
            "no file of the repository says how it is set up; give the command with --setup COMMAND"
        )
    return commands, deciding


def _key(image: str, commands: Sequence[str], deciding: Sequence[str], files: _Files) -> str:
    # Without a file that says what is installed, only the same tree is the same environment.
    known = [path for path in deciding if path in files.paths]
    parts = commands if known else [*commands, files.tree]
    return fingerprint(image, parts, known, files.data)
