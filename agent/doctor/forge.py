"""The token for GitHub: whose it is, what it may do where, without anything being changed."""

from collections.abc import Sequence

from agent.config import ConfigurationError, Settings
from agent.doctor.finding import Finding, failure, ok, warning
from agent.wiring import open_forge
from tools.forge import ForgeError, GitHub, Repository, Status
from tools.forge.permissions import may_propose, workflow_permissions

_SETTINGS = "/settings/actions"
_MORE = ("admin:org", "delete_repo", "admin:repo_hook", "admin:enterprise")
"""Scopes of a classic token that nothing here needs."""


def check_forge(settings: Settings, repository: Repository | None) -> list[Finding]:
    """What the token may do in a repository; only whether there is one, without a repository."""
    if repository is None:
        return [_token(settings)]
    try:
        with open_forge(repository, settings) as forge:
            return [_token(settings), *_allowed(forge, repository, settings)]
    except (ForgeError, ConfigurationError) as error:
        remedy = "check the address, and set GITHUB_TOKEN"
        return [_token(settings), failure("GitHub", str(error), remedy)]


def _token(settings: Settings) -> Finding:
    if settings.github_token is None:
        text = "no token; what is public can be read, nothing can be proposed"
        return warning("GitHub token", text, "export GITHUB_TOKEN=$(gh auth token)")
    return ok("GitHub token", f"there is one, for {settings.github_host}")


def _allowed(forge: GitHub, repository: Repository, settings: Settings) -> list[Finding]:
    status = forge.status(repository)
    findings = [_read(status)]
    if settings.github_token is not None:
        findings += [*_scopes(status.scopes), _push(status), _propose(forge, status)]
        findings += _workflows(forge, status)
    return findings


def _read(status: Status) -> Finding:
    who = f"as {status.login}" if status.login else "as nobody in particular"
    kind = "private" if status.private else "public"
    text = f"{status.repository} can be read {who}; {kind}, default branch {status.default_branch}"
    if status.archived:
        return failure("GitHub", f"{status.repository} is archived", "unarchive it")
    if status.notes:
        return warning("GitHub", "; ".join([text, *status.notes]), f"use {status.repository}")
    return ok("GitHub", text)


def _scopes(scopes: Sequence[str] | None) -> list[Finding]:
    if scopes is None:
        return []
    told = ", ".join(scopes) or "none"
    more = [scope for scope in scopes if scope in _MORE]
    if more:
        remedy = "use a fine-grained token: contents, pull requests and issues of one repository"
        return [warning("token scopes", f"{told}; not needed: {', '.join(more)}", remedy)]
    return [ok("token scopes", told)]


def _push(status: Status) -> Finding:
    if status.can_push:
        return ok("push", f"branches can be pushed to {status.repository}")
    if status.can_fork and not status.archived:
        text = f"no right to push to {status.repository}; a fork can be made"
        return warning("push", text, f"patchwright fix {status.repository}#N --fork")
    return failure("push", f"no right to push to {status.repository}", "add contents: write")


def _propose(forge: GitHub, status: Status) -> Finding:
    try:
        refusal = may_propose(forge.transport, status)
    except ForgeError as error:
        return warning("pull requests", str(error), "patchwright doctor, again later")
    if refusal:
        return failure("pull requests", refusal, "add pull-requests: write to the token")
    return ok("pull requests", "can be opened (asked with one that GitHub has to refuse)")


def _workflows(forge: GitHub, status: Status) -> list[Finding]:
    answer = workflow_permissions(forge.transport, status.repository)
    if isinstance(answer, ForgeError):
        return []
    where = f"{status.repository.web}{_SETTINGS}"
    if not answer.can_approve_pull_request_reviews:
        text = "workflows of the repository may not open pull requests"
        return [warning("workflows", text, f"allow it at {where}")]
    if answer.default_workflow_permissions == "write":
        text = "workflows get a token that may write unless they say otherwise"
        return [warning("workflows", text, f"choose read at {where}")]
    return [ok("workflows", "may open pull requests, and get a token that may read")]
