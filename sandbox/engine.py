"""The Docker engine's API, as far as a sandbox needs it; its failures become sandbox failures.

Importing the Docker SDK takes a third of a second, and only this module and ``docker.py`` do it:
import them where a Docker sandbox is really wanted.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from sandbox.attach import Attachment
from sandbox.base import SandboxLost, SandboxUnavailable

_SCHEME = "unix://"
_TIMEOUT = 30
_PODMAN = "Podman Engine"
_OLDEST = (1, 41)  # Docker 20.10


class Engine:
    """A connection to a local Docker engine; close it."""

    def __init__(self, address: str) -> None:
        """Connect.

        Raises:
            SandboxUnavailable: No engine answers, or it is too old; the message says what to do.
        """
        self._path = _socket_path(address)
        try:
            self._api = docker.APIClient(base_url=address, version="auto", timeout=_TIMEOUT)
        except (DockerException, OSError) as error:
            raise SandboxUnavailable(f"the Docker engine at {address} fails: {error}") from error
        version = self._api.api_version
        if tuple(map(int, version.split("."))) < _OLDEST:
            self._api.close()
            raise SandboxUnavailable(f"Docker is too old (API {version}): install 20.10 or newer")

    def close(self) -> None:
        """End the connection."""
        self._api.close()

    def information(self) -> dict[str, Any]:
        """What the engine says of itself and its host."""
        with _failures("tell about itself"):
            return self._api.info()

    @cached_property
    def is_podman(self) -> bool:
        """Whether it is Podman that speaks Docker's API here."""
        return _PODMAN in self.components()

    def components(self) -> dict[str, str]:
        """The versions of what the engine consists of, by name."""
        with _failures("tell its version"):
            found = self._api.version().get("Components") or ()
            return {component["Name"]: _version(component) for component in found}

    def image(self, name: str) -> dict[str, Any] | None:
        """What the engine knows of an image, None when it does not have it."""
        with _failures("look up an image"):
            try:
                found: dict[str, Any] = self._api.inspect_image(name)  # type: ignore[no-untyped-call]
            except ImageNotFound:
                return None
            return found

    def images(self, label: str) -> list[dict[str, Any]]:
        """Every image that carries a label."""
        with _failures("list images"):
            return list(self._api.images(filters={"label": label}))

    def remove_image(self, name: str) -> bool:
        """Remove an image; False when something uses it."""
        with _failures("remove an image"):
            try:
                self._api.remove_image(name)
            except APIError as error:
                if error.status_code == 409:
                    return False
                raise
            return True

    def start(self, options: Mapping[str, Any], host: Mapping[str, Any]) -> str:
        """Create and start a container from the SDK's two sets of options; returns its id."""
        with _failures("start a container"):
            configuration = self._api.create_host_config(**host)
            created = self._api.create_container(host_config=configuration, **options)
            container: str = created["Id"]
            try:
                self._api.start(container)
            except DockerException:
                # It never ran, so its auto_remove does not apply.
                self.remove(container)
                raise
            return container

    def remove(self, container: str) -> None:
        """Kill and remove a container; nothing is wrong when it is not there any more."""
        with _failures("remove a container"):
            try:
                self._api.remove_container(container, force=True, v=True)
            except APIError as error:
                # 404: gone; 409: going, by its own auto_remove.
                if error.status_code not in (404, 409):
                    raise

    def first_process(self, container: str) -> int:
        """The number, on the engine's host, of the container's first process; 0 when it ended."""
        with _failures("inspect a container"):
            state: dict[str, Any] = self._api.inspect_container(container)["State"]
            return int(state["Pid"])

    def count_processes(self, container: str) -> int:
        """How many processes the container has, counted from outside."""
        with _failures("list a container's processes"):
            return len(self._api.top(container)["Processes"])

    def allow_processes(self, container: str, count: int) -> bool:
        """Set how many processes a running container may have; False when the engine cannot."""
        with _failures("change a container's limits"):
            url = f"{self._api.base_url}/v{self._api.api_version}/containers/{container}/update"
            return self._api.post(url, json={"PidsLimit": count}, timeout=_TIMEOUT).ok

    def labelled(self, label: str) -> dict[str, dict[str, str]]:
        """The labels of every container that carries this one, by container id."""
        with _failures("list containers"):
            found = self._api.containers(all=True, filters={"label": [label]})
            return {container["Id"]: container["Labels"] for container in found}

    def prepare(
        self,
        container: str,
        arguments: Sequence[str],
        *,
        user: str,
        stdin: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Make a command ready to be started in a container; returns its id."""
        with _failures("prepare a command"):
            prepared = self._api.exec_create(
                container,
                list(arguments),
                stdin=stdin,
                user=user,
                environment=dict(environment or {}),
            )
            command: str = prepared["Id"]
            return command

    def attach(self, command: str, *, deadline: float) -> Attachment:
        """Start a prepared command and hold its streams."""
        resource = f"/v{self._api.api_version}/exec/{command}/start"
        return Attachment(self._path, resource, deadline=deadline)

    def launch(self, command: str) -> None:
        """Start a prepared command and do not wait for it."""
        with _failures("start a command"):
            self._api.exec_start(command, detach=True)

    def ended(self, command: str) -> tuple[int, bool] | None:
        """A command's exit code and whether it ever ran; None while it has not ended."""
        with _failures("inspect a command"):
            state = self._api.exec_inspect(command)
            code = state["ExitCode"]
            if state["Running"] or code is None:
                return None
            # Podman forgets the number of a process that has ended.
            return code, self.is_podman or bool(state["Pid"])


def _version(component: Mapping[str, Any]) -> str:
    # A distribution gives its full version where others give a commit.
    commit: str = (component.get("Details") or {}).get("GitCommit") or ""
    version: str = component["Version"]
    return commit if commit.startswith(version) else version


def _socket_path(address: str) -> str:
    """The engine's socket, when one listens there."""
    if not address.startswith(_SCHEME):
        raise SandboxUnavailable(
            f"the Docker engine at {address} is not on this machine: only {_SCHEME} is supported"
        )
    path = address.removeprefix(_SCHEME)
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except PermissionError as error:
            raise SandboxUnavailable(
                f"you may not use the Docker engine at {address}: "
                "add your user to the group docker, or use rootless Docker"
            ) from error
        except OSError as error:
            raise SandboxUnavailable(
                f"no engine answers at {address}: install Docker and start it "
                "(systemctl start docker; for Podman: systemctl start podman.socket)"
            ) from error
    return path


@contextmanager
def _failures(what: str) -> Iterator[None]:
    """A failure of the engine is one of the sandbox. The SDK's transport errors are OSErrors."""
    try:
        yield
    except (DockerException, OSError) as error:
        raise SandboxLost(f"the Docker engine could not {what}: {error}") from error
