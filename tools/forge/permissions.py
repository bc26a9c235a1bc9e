"""Who may do what: the token, and the person who asks for a run."""

import base64
from collections.abc import Callable

from pydantic import SecretStr

from tools.forge.address import Repository
from tools.forge.base import ForgeDenied, ForgeError, ForgeRefused, Status
from tools.forge.transport import Transport
from tools.forge.wire import PermissionAnswer, RepositoryAnswer, User, WorkflowPermissions

_WRITERS = ("admin", "write", "maintain")


def read_repository(transport: Transport, repository: Repository) -> RepositoryAnswer:
    """The repository under the name it has now."""
    doing = f"reading {repository}"
    return transport.get(f"/repos/{repository}", doing).read(RepositoryAnswer, doing)


def read_status(
    transport: Transport,
    repository: Repository,
    token: SecretStr | None,
    *,
    git: Callable[[str, SecretStr], int],
) -> Status:
    """What the token may do there. Nothing is changed.

    Whether it may push is asked of the git server, which answers for every kind of token; the
    repository's ``permissions`` field does not.
    """
    answer = read_repository(transport, repository)
    name = answer.full_name.rpartition("/")[2]
    now = Repository(repository.host, answer.owner.login, name, repository.secure)
    user, scopes = (None, None) if token is None else _user(transport)
    can_push = token is not None and git(now.git, token) == 200
    notes = []
    if str(now).lower() != str(repository).lower():
        notes.append(f"{repository} is now called {now}")
    return Status(
        repository=now,
        id=answer.id,
        default_branch=answer.default_branch,
        login=user.login if user else None,
        user_id=user.id if user else None,
        can_read=True,
        can_push=can_push and not answer.archived,
        can_fork=user is not None and answer.allow_forking,
        private=answer.private,
        archived=answer.archived or answer.disabled,
        size=answer.size,
        scopes=scopes,
        notes=tuple(notes),
    )


def may_propose(transport: Transport, status: Status) -> str:
    """Why the token may not open a pull request; empty when it may.

    Asks for one from a branch onto itself, which GitHub refuses whatever the token may do: only the
    reason differs.
    """
    doing = f"checking that a pull request could be opened in {status.repository}"
    branch = status.default_branch
    body = {"title": "patchwright: a check", "head": branch, "base": branch, "draft": True}
    try:
        transport.send("POST", f"/repos/{status.repository}/pulls", body, doing)
    except ForgeRefused:
        return ""
    except ForgeDenied as error:
        return str(error)
    raise ForgeRefused(f"{doing}: GitHub opened one from {branch} onto itself")


def may_write(transport: Transport, repository: Repository, login: str) -> bool:
    """Whether a person, and no machine, may write to the repository.

    https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """
    doing = f"asking what {login} may do in {repository}"
    path = f"/repos/{repository}/collaborators/{login}/permission"
    try:
        answer = transport.get(path, doing).read(PermissionAnswer, doing)
    except ForgeDenied:
        return False
    person = answer.user is None or answer.user.type == "User"
    return person and answer.permission in _WRITERS


def workflow_permissions(
    transport: Transport, repository: Repository
) -> WorkflowPermissions | ForgeError:
    """What the repository's workflows may do by default; the error where the token may not know."""
    doing = f"reading the workflow permissions of {repository}"
    path = f"/repos/{repository}/actions/permissions/workflow"
    try:
        return transport.get(path, doing).read(WorkflowPermissions, doing)
    except ForgeError as error:
        return error


def basic(token: SecretStr) -> str:
    """The header by which a git server is shown the token."""
    pair = f"x-access-token:{token.get_secret_value()}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _user(transport: Transport) -> tuple[User | None, tuple[str, ...] | None]:
    """Whose token it is and its scopes; nobody's for that of an app or a workflow."""
    doing = "asking whose token this is"
    try:
        answer = transport.get("/user", doing)
    except ForgeDenied as error:
        if "not valid" in str(error):
            raise
        return None, None
    scopes = answer.headers.get("x-oauth-scopes")
    user = answer.read(User, doing)
    return user, None if scopes is None else tuple(s.strip() for s in scopes.split(",") if s)
