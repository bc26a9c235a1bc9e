"""Addresses on a forge: what a person pastes, read strictly, since requests and git go there.

``https://HOST/OWNER/NAME/issues/7``, ``…/pull/7``, ``…/actions/runs/7[/job/8]``, ``…/runs/8`` (a
check), ``…/compare/A...B``, ``https://HOST/OWNER/NAME``; short: ``OWNER/NAME#7``, ``OWNER/NAME``.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

GITHUB = "github.com"

Kind = Literal["issue", "pull", "run", "job", "check", "compare", "repository"]

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?")
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_REVISION = re.compile(r"(?![-/.])(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)))[\w./#+@-]{1,200}(?<![./])")
_SHORT = re.compile(r"(?P<owner>[^/#\s]+)/(?P<name>[^/#\s]+)#(?P<number>[0-9]{1,18})")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_SCP = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>[^:]+)")
_LOOPBACK = re.compile(r"(?:127(?:\.[0-9]{1,3}){3}|localhost)(?::[0-9]+)?")


class BadAddress(ValueError):
    """The text is no address that can be used; the message says what is."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository on one host."""

    host: str
    """Host name, with a port where it is not the usual one."""
    owner: str
    name: str
    secure: bool = True
    """Whether TLS is used; without it only on this machine."""

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def web(self) -> str:
        """Address of its page."""
        return f"{self._scheme}://{self.host}/{self.owner}/{self.name}"

    @property
    def git(self) -> str:
        """Address for git; it never holds a credential."""
        return f"{self.web}.git"

    @property
    def api(self) -> str:
        """Root of the REST interface of its host.

        https://docs.github.com/enterprise-server/rest/quickstart and, for ``*.ghe.com``,
        https://docs.github.com/enterprise-cloud@latest/admin/data-residency
        """
        if self.host == GITHUB or self.host.endswith(".ghe.com"):
            return f"https://api.{self.host}"
        return f"{self._scheme}://{self.host}/api/v3"

    @property
    def _scheme(self) -> str:
        return "https" if self.secure else "http"


@dataclass(frozen=True, slots=True)
class Address:
    """One thing of a repository: an issue, a pull request, a run of its workflows, a check."""

    repository: Repository
    kind: Kind
    number: int = 0
    old: str = ""
    """The older side of a comparison."""
    new: str = ""
    """The newer side of a comparison."""

    def __str__(self) -> str:
        if self.kind in ("issue", "pull"):
            return f"{self.repository}#{self.number}"
        return self.url.removeprefix("https://").removeprefix("http://")

    @property
    def url(self) -> str:
        """Address of its page."""
        path = {
            "issue": f"/issues/{self.number}",
            "pull": f"/pull/{self.number}",
            "run": f"/actions/runs/{self.number}",
            "job": f"/actions/jobs/{self.number}",
            "check": f"/runs/{self.number}",
            "compare": f"/compare/{self.old}...{self.new}",
            "repository": "",
        }[self.kind]
        return self.repository.web + path


def looks_like_address(text: str) -> bool:
    """Whether a person who typed this meant an address rather than a folder."""
    return "://" in text or _SHORT.fullmatch(text.strip()) is not None


def parse(text: str, *, host: str = GITHUB) -> Address:
    """Read an address; ``host`` is for the short forms.

    Raises:
        BadAddress: It is none.
    """
    text = text.strip()
    short = _SHORT.fullmatch(text)
    if short:
        repository = _repository(host, short["owner"], short["name"], secure=True)
        return Address(repository, "issue", _number(short["number"]))
    if "://" not in text:
        owner, _, name = text.partition("/")
        return Address(_repository(host, owner, name, secure=True), "repository")
    return _from_url(text)


def from_remote(url: str) -> Repository | None:
    """The repository that git's address of a remote means, by HTTP or SSH; None if it is none.

    A credential that somebody has written into the address is left out.
    """
    scp = _SCP.fullmatch(url)
    if scp:
        url = f"https://{scp['host']}/{scp['path']}"
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http", "ssh", "git") or not parts.hostname:
        return None
    port = f":{parts.port}" if parts.port and parts.scheme in ("https", "http") else ""
    scheme = parts.scheme if parts.scheme == "http" else "https"
    try:
        return parse(f"{scheme}://{parts.hostname}{port}{parts.path}").repository
    except BadAddress:
        return None


def safe_revision(name: str) -> bool:
    """Whether a branch or revision is spelled so that git can only take it for one."""
    return _REVISION.fullmatch(name) is not None


def _from_url(text: str) -> Address:
    try:
        url = urlsplit(text)
        host = url.netloc.lower()
    except ValueError as error:
        raise BadAddress(f"{text!r} is not an address: {error}") from error
    if url.scheme not in ("https", "http"):
        raise BadAddress(f"{text!r}: an address begins with https://")
    if "@" in host:
        raise BadAddress("an address holds no user name or password; give a token by GITHUB_TOKEN")
    if url.scheme == "http" and not _LOOPBACK.fullmatch(host):
        raise BadAddress(f"{text!r}: http is not safe; use https")
    return _from_path(host, url)


def _from_path(host: str, url: SplitResult) -> Address:
    parts = [unquote(part) for part in url.path.strip("/").split("/")]
    if len(parts) < 2:
        raise BadAddress(
            f"{url.geturl()!r} names no repository: use https://HOST/OWNER/NAME/issues/7"
        )
    owner, name, *rest = parts
    repository = _repository(host, owner, name, secure=url.scheme == "https")
    match rest:
        case ["issues", number, *_]:
            return Address(repository, "issue", _number(number))
        case ["pull" | "pulls", number, *_]:
            return Address(repository, "pull", _number(number))
        case ["actions", "runs", _, "job", number, *_] | ["actions", "jobs", number, *_]:
            return Address(repository, "job", _number(number))
        case ["actions", "runs", number, *_]:
            return Address(repository, "run", _number(number))
        case ["runs", number, *_]:
            return Address(repository, "check", _number(number))
        case ["compare", *revisions] if revisions:
            return _comparison(repository, "/".join(revisions))
        case []:
            return Address(repository, "repository")
    raise BadAddress(
        f"{url.geturl()!r} is not an issue, a pull request, a workflow run or a comparison"
    )


def _repository(host: str, owner: str, name: str, *, secure: bool) -> Repository:
    name = name.removesuffix(".git")
    if not _HOST.fullmatch(host.lower()):
        raise BadAddress(f"{host!r} is not the name of a host")
    if not _OWNER.fullmatch(owner):
        raise BadAddress(f"{owner!r} is not the name of an owner")
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise BadAddress(f"{name!r} is not the name of a repository")
    return Repository(host.lower(), owner, name, secure)


def _comparison(repository: Repository, text: str) -> Address:
    old, dots, new = text.partition("...")
    if not dots:
        old, dots, new = text.partition("..")
    if not dots or not safe_revision(old) or not safe_revision(new):
        raise BadAddress(f"{text!r} is not a comparison: use OLD...NEW")
    return Address(repository, "compare", old=old, new=new)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadAddress(f"{text!r} is not a number")
    return int(text)
