"""A repository on another machine, over HTTP: fetched from and pushed to by the host's own git.

The token is in no argument, variable, file or configuration: git asks for it through a credential
helper (gitcredentials(7)) that reads it from memory of ours, passed on as an open descriptor. No
redirect is followed, and no other protocol than the address's own is allowed.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from sandbox.base import Completed
from sandbox.folder import temporary
from tools.git.program import GitDirectory, GitError, message

_USER = "x-access-token"
"""https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation;
for a personal token GitHub takes any name."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One repository's address, the token for it, and how the network is reached.

    Attributes:
        url: ``https://…`` (or ``http://`` on this machine), without any credential.
        token: Given to git when that host asks for it, and to no other.
        network: Variables that say how the network is reached: proxies and certificates.
    """

    url: str
    token: SecretStr | None = None
    network: Mapping[str, str] = field(default_factory=dict)

    def fetch(self, folder: Path, source: str, branch: str, *, depth: int) -> tuple[Path, str]:
        """Copy a branch or commit, ``depth`` commits deep, into a bare repository below ``folder``.

        Returns:
            The git directory, whose HEAD is that branch, and its commit.

        Raises:
            GitError: It could not be fetched.
        """
        directory = GitDirectory(folder)
        wanted = source if _is_commit(source) else f"refs/heads/{source}"
        self._run(
            directory, "fetch", "--quiet", f"--depth={depth}", "--no-tags", "--no-write-fetch-head",
            "--no-recurse-submodules", self.url, f"+{wanted}:refs/heads/{branch}",
        )  # fmt: skip
        directory.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        return directory.path, directory.text("rev-parse", "--verify", "HEAD^{commit}")

    def tip(self, branch: str) -> str | None:
        """The commit that a branch is at; None when there is no such branch."""
        with temporary("remote") as folder:
            listing = self._run(GitDirectory(folder), "ls-remote", self.url, f"refs/heads/{branch}")
        return listing.stdout.data.decode().split("\t")[0] or None

    def push(self, store: Path, commit: str, branch: str) -> None:
        """Set a new branch to a commit, or move one forward; a branch is never moved back.

        Raises:
            GitError: The remote refused; the message holds its reason.
        """
        self._run(
            GitDirectory(store), "push", "--porcelain", "--no-verify", self.url,
            f"{commit}:refs/heads/{branch}",
        )  # fmt: skip

    def _run(self, directory: GitDirectory, *arguments: str) -> Completed:
        with self._session() as (variables, descriptors):
            result = directory.run(*arguments, more=variables, pass_fds=descriptors)
        if result.timed_out:
            raise GitError(f"git {arguments[0]} took too long")
        if result.exit_code:
            raise GitError(_reason(result) or f"git {arguments[0]} failed")
        return result

    @contextmanager
    def _session(self) -> Iterator[tuple[dict[str, str], tuple[int, ...]]]:
        """Variables and descriptors for one command."""
        url = urlsplit(self.url)
        settings = [
            (f"protocol.{url.scheme}.allow", "always"),
            ("http.followRedirects", "false"),
            ("credential.helper", ""),
            ("core.askPass", ""),
        ]
        if self.token is None:
            yield {**self.network, **_as_variables(settings)}, ()
            return
        descriptor = os.memfd_create("credential")
        try:
            secret = f"username={_USER}\npassword={self.token.get_secret_value()}\n"
            os.write(descriptor, secret.encode())
            # Opened anew by its name, so that it is read from its beginning however often.
            helper = f'!f() {{ test "$1" = get && cat /dev/fd/{descriptor}; }}; f'
            settings.append((f"credential.{url.scheme}://{url.netloc}.helper", helper))
            yield {**self.network, **_as_variables(settings)}, (descriptor,)
        finally:
            os.close(descriptor)


def _as_variables(settings: list[tuple[str, str]]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _is_commit(source: str) -> bool:
    return len(source) in (40, 64) and all(char in "0123456789abcdef" for char in source)


def _reason(result: Completed) -> str:
    """Why a push was refused, in the remote's words; else what git said in the end."""
    for line in result.stdout.data.decode(errors="replace").splitlines():
        if line.startswith("!"):
            reason = line.rsplit("\t", 1)[-1]
            said = [
                line.removeprefix("remote:").strip()
                for line in result.stderr.data.decode(errors="replace").splitlines()
                if line.startswith("remote: error:")
            ]
            return " ".join([reason, *said])[:500]
    return message(result.stderr.data)
