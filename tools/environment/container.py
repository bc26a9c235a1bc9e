"""How a repository's own image is built: its Dockerfile, or what its devcontainer.json says. Pure.

A Dockerfile is run by the engine, so what it may ask of the engine itself, beside commands in the
container, is looked at first.
"""

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tools.checks.finding import Repository
from tools.environment import devcontainer

DOCKERFILES = ("Dockerfile", ".devcontainer/Dockerfile", "docker/Dockerfile", "Containerfile")

_CONTINUED = re.compile(r"[\\`][ \t]*\n")
_COMMENT = re.compile(r"^\s*#.*\n?", re.MULTILINE)
_ADD = re.compile(r"^\s*(?:ONBUILD\s+)?ADD\s+(.*)", re.IGNORECASE)


class NoContainer(Exception):
    """A repository's own image cannot be built; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class OwnImage:
    """How it is built."""

    dockerfile: str
    """Its text."""
    path: str
    """Where that stands; empty where a description names an image instead."""
    context: str = ""
    """The folder of the repository that it may copy from; empty: all of it."""
    arguments: dict[str, str] = field(default_factory=dict)
    target: str = ""
    """The stage to stop at; empty: the last."""
    commands: tuple[str, ...] = ()
    """Shell lines that are run in the repository once it is built."""
    files: tuple[str, ...] = ()
    """Files that say how it is built."""


def own_image(paths: Sequence[str], read: Callable[[str], str], named: str = "") -> OwnImage:
    """How a repository's own image is built.

    Args:
        paths: Every file of the repository.
        read: Returns the text of one of them.
        named: The path of a Dockerfile to use; else a devcontainer.json goes before a Dockerfile,
            as it is made for those who work on the repository.

    Raises:
        NoContainer: There is none, or it asks for what is not done here.
    """
    repository = Repository(paths, read)
    path, properties = ("", {}) if named else devcontainer.description(repository)
    image = _described(repository, path, properties) if properties else None
    image = image or _plain(repository, named)
    if why := why_refused(image.dockerfile):
        raise NoContainer(f"{image.path or path}: {why}")
    return image


def why_refused(dockerfile: str) -> str:
    """Why a Dockerfile is not built; empty when it is.

    What ADD is to fetch, the engine fetches in the host's network, where it may reach what no
    container can: https://docs.docker.com/reference/dockerfile/#add
    """
    for line in _instructions(dockerfile):
        if (match := _ADD.match(line)) and re.search(r"://|\$|\bgit@", match[1]):
            return (
                f"`{line.strip()[:80]}` would have the engine fetch an address from the host's own"
                " network; use RUN with curl, or COPY for files of the repository"
            )
    return ""


def _instructions(dockerfile: str) -> list[str]:
    """One line for each instruction, comments left out."""
    text = _COMMENT.sub("", dockerfile.replace("\r\n", "\n"))
    return _CONTINUED.sub(" ", text).splitlines()


def _plain(repository: Repository, named: str) -> OwnImage:
    path = named or next((path for path in DOCKERFILES if path in repository), "")
    if path not in repository:
        wanted = f"no file {named}" if named else "no Dockerfile and no devcontainer.json"
        raise NoContainer(
            f"the repository has {wanted}; name one with --setup dockerfile:PATH,"
            " or give the commands with --setup COMMAND"
        )
    return OwnImage(repository.text(path), path, files=(path, ".dockerignore"))


def _described(repository: Repository, path: str, properties: dict[str, object]) -> OwnImage | None:
    """What a devcontainer.json says of its image; None where it says nothing."""
    commands = devcontainer.commands(properties)
    if "dockerComposeFile" in properties:
        raise NoContainer(
            f"{path} uses Docker Compose, which is not run here;"
            " name a Dockerfile with --setup dockerfile:PATH"
        )
    build = properties.get("build")
    told = {**properties, **build} if isinstance(build, dict) else properties
    file = told.get("dockerfile") or told.get("dockerFile")
    if isinstance(file, str):
        return _built(repository, path, file, told, commands)
    image = properties.get("image")
    if not isinstance(image, str):
        return None
    return OwnImage(f"FROM {devcontainer.resolved(image)}\n", "", commands=commands, files=(path,))


def _built(
    repository: Repository, path: str, file: str, told: dict[str, object], commands: tuple[str, ...]
) -> OwnImage:
    folder = posixpath.dirname(path)
    dockerfile = _inside(posixpath.join(folder, file), path)
    if dockerfile not in repository:
        raise NoContainer(f"{path} names {dockerfile}, which is not in the repository")
    context = told.get("context")
    arguments = told.get("args")
    target = told.get("target")
    return OwnImage(
        repository.text(dockerfile),
        dockerfile,
        context=_inside(posixpath.join(folder, context if isinstance(context, str) else "."), path),
        arguments={
            str(name): devcontainer.resolved(str(value))
            for name, value in (arguments.items() if isinstance(arguments, dict) else ())
        },
        target=target if isinstance(target, str) else "",
        commands=commands,
        files=(path, dockerfile, ".dockerignore"),
    )


def _inside(path: str, named_by: str) -> str:
    """A path of the repository, empty for its root; NoContainer for one outside."""
    normal = posixpath.normpath(path)
    if normal.startswith(("../", "/")) or normal == "..":
        raise NoContainer(f"{named_by} names {path}, which is outside of the repository")
    return "" if normal == "." else normal
