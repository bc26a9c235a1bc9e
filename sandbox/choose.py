"""Chooses the kind of sandbox: the one asked for, or the strongest that works here.

What contains nothing is never chosen by itself; it must be asked for by name.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.base import Provider, SandboxUnavailable
from sandbox.bubblewrap import BubblewrapProvider
from sandbox.host import HostProvider

AUTOMATIC = "auto"
NAMES = (AUTOMATIC, "isolated", "docker", "podman", "bubblewrap", "none")


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider that could start a box just now.

    Attributes:
        provider: The one to use.
        passed_over: Why each stronger kind was not taken, one line each; empty when none was.
    """

    provider: Provider
    passed_over: tuple[str, ...] = ()


def strongest(
    requested: str = AUTOMATIC,
    *,
    image: str | None = None,
    toolchains: Sequence[Path] | None = None,
    docker_address: str | None = None,
) -> Choice:
    """The kind asked for, or for ``auto`` the first of docker, podman and bubblewrap that works.

    What is asked for by name is a minimum: nothing weaker is ever given instead. ``isolated`` is
    docker with users that are nobody on the host.

    Args:
        requested: One of ``NAMES``.
        image: The image for an engine; the one that ``make image`` builds when not given.
        toolchains: Host folders to use, read-only, for kinds without an image; the running
            Python's when not given.
        docker_address: Where the engine listens (what ``DOCKER_HOST`` says); the usual socket when
            not given.

    Raises:
        SandboxUnavailable: None of those wanted works; the message says of each why, and what to
            install or start.
        ValueError: There is no kind of that name.
    """
    makers: dict[str, Callable[[], Provider]] = {
        "isolated": lambda: _docker(image, docker_address, name="isolated", isolated=True),
        "docker": lambda: _docker(image, docker_address),
        "podman": lambda: _docker(image, _podman_address(), name="podman"),
        "bubblewrap": lambda: BubblewrapProvider(toolchains),
        "none": lambda: HostProvider(toolchains),
    }
    if requested not in NAMES:
        raise ValueError(f"no kind of sandbox is called {requested!r}: use {', '.join(NAMES)}")
    wanted = ("docker", "podman", "bubblewrap") if requested == AUTOMATIC else (requested,)
    return _first_that_works({name: makers[name] for name in wanted})


def remove_leftovers(docker_address: str | None = None) -> int:
    """Remove what killed runs have left in every kind of sandbox that is here; how many boxes."""
    removed = HostProvider().remove_leftovers()
    for address in (docker_address, _podman_address()):
        with suppress(SandboxUnavailable):
            removed += _docker(None, address).remove_leftovers()
    return removed


def prepared_images(docker_address: str | None = None) -> list[tuple[str, int]]:
    """Name and bytes of every image that ``--setup`` has made; none where no engine is."""
    # Imported here because the Docker SDK takes a third of a second to import.
    from sandbox import docker, prepared

    with suppress(SandboxUnavailable):
        found = prepared.listed(docker_address or docker.ADDRESS)
        return [(image.name, image.size) for image in found]
    return []


def remove_prepared(docker_address: str | None = None) -> int:
    """Remove the images that ``--setup`` has made and no box uses; how many."""
    from sandbox import docker, prepared

    with suppress(SandboxUnavailable):
        return prepared.remove_all(docker_address or docker.ADDRESS)
    return 0


def _first_that_works(makers: dict[str, Callable[[], Provider]]) -> Choice:
    passed_over: list[str] = []
    for name, make in makers.items():
        try:
            provider = make()
            provider.check()
        except SandboxUnavailable as error:
            passed_over.append(f"{name}: {error}")
        else:
            return Choice(provider, tuple(passed_over))
    reasons = "\n".join(f"  {reason}" for reason in passed_over)
    raise SandboxUnavailable(f"no sandbox can be used here:\n{reasons}")


def _docker(
    image: str | None, address: str | None, *, name: str = "docker", isolated: bool = False
) -> Provider:
    # Imported here because the Docker SDK takes a third of a second to import.
    from sandbox.docker import ADDRESS, IMAGE, DockerProvider

    return DockerProvider(image or IMAGE, address=address or ADDRESS, name=name, isolated=isolated)


def _podman_address() -> str:
    """Where Podman listens: for this user, or for all of the machine when nobody does there."""
    own, all_users = Path(f"/run/user/{os.geteuid()}"), Path("/run")
    socket = "podman/podman.sock"
    folder = own if (own / socket).exists() else all_users
    return f"unix://{folder / socket}"
