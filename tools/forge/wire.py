"""What GitHub's REST interface says, as far as it is read: pure data, checked where it comes in.

https://docs.github.com/rest (version 2022-11-28). Fields that are not read are not named.
"""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.forge.base import ForgeUnreachable

VERSION = "2022-11-28"
Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], data: Any, doing: str) -> Model:
    """Data from the wire as a model.

    Raises:
        ForgeUnreachable: It is not what the interface's description promises.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ForgeUnreachable(
            f"{doing}: GitHub's answer is not as described ({where or 'all'}); try again later"
        ) from error


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class User(_Answer):
    """A person or a machine."""

    login: str
    id: int
    type: str = "User"


class Label(_Answer):
    """A label of an issue."""

    name: str | None = None


class PullLink(_Answer):
    """Says that an issue is a pull request."""

    url: str | None = None


class IssueAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/issues/{number}``."""

    number: int
    title: str
    body: str | None = None
    state: str
    locked: bool = False
    user: User | None = None
    author_association: str = "NONE"
    created_at: datetime
    labels: list[Label | str] = []
    assignees: list[User] | None = None
    pull_request: PullLink | None = None
    repository_url: str
    html_url: str


class CommentAnswer(_Answer):
    """A comment of an issue or on a line of a pull request."""

    id: int
    body: str | None = None
    user: User | None = None
    author_association: str = "NONE"
    created_at: datetime
    updated_at: datetime
    html_url: str
    path: str | None = None
    line: int | None = None


class SourceIssue(_Answer):
    """The issue or pull request that refers to another."""

    number: int
    state: str
    pull_request: PullLink | None = None
    html_url: str
    user: User | None = None


class Source(_Answer):
    """Where a reference comes from."""

    issue: SourceIssue | None = None


class TimelineAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/issues/{number}/timeline``: one event of an issue."""

    event: str | None = None
    source: Source | None = None
    label: Label | None = None
    actor: User | None = None


class Permissions(_Answer):
    """What the token may do."""

    pull: bool = False
    push: bool = False
    admin: bool = False


class Owner(_Answer):
    """Who holds a repository."""

    login: str


class RepositoryAnswer(_Answer):
    """``GET /repos/{owner}/{repo}``."""

    id: int
    name: str
    full_name: str
    owner: Owner
    default_branch: str
    private: bool = False
    archived: bool = False
    disabled: bool = False
    allow_forking: bool = True
    permissions: Permissions | None = None
    size: int = 0


class ReferenceObject(_Answer):
    """What a reference points to."""

    sha: str


class ReferenceAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/git/ref/{ref}``."""

    ref: str
    object: ReferenceObject


class PullSide(_Answer):
    """One side of a pull request."""

    ref: str
    sha: str
    repo: RepositoryAnswer | None = None


class PullAnswer(_Answer):
    """A pull request."""

    number: int
    html_url: str
    state: str
    title: str
    body: str | None = None
    user: User | None = None
    head: PullSide
    base: PullSide
    merged_at: datetime | None = None


class PermissionAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/collaborators/{username}/permission``."""

    permission: str
    user: User | None = None


class RunAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/actions/runs/{run_id}``."""

    id: int
    name: str | None = None
    head_branch: str | None = None
    head_sha: str
    conclusion: str | None = None
    created_at: datetime
    html_url: str


class StepAnswer(_Answer):
    """One step of a job."""

    name: str
    conclusion: str | None = None


class JobAnswer(_Answer):
    """One job of a workflow run."""

    id: int
    run_id: int
    name: str
    head_sha: str
    conclusion: str | None = None
    steps: list[StepAnswer] | None = None
    started_at: datetime
    html_url: str | None = None


class JobsAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs``."""

    jobs: list[JobAnswer]


class ReviewAnswer(_Answer):
    """A review of a pull request."""

    body: str | None = None
    html_url: str


class CheckOutput(_Answer):
    """What a check says."""

    title: str | None = None
    summary: str | None = None
    text: str | None = None


class CheckAnswer(_Answer):
    """``GET /repos/{owner}/{repo}/check-runs/{check_run_id}``."""

    id: int
    name: str
    head_sha: str
    conclusion: str | None = None
    started_at: datetime | None = None
    output: CheckOutput
    html_url: str | None = None


class WorkflowPermissions(_Answer):
    """``GET /repos/{owner}/{repo}/actions/permissions/workflow``."""

    default_workflow_permissions: str
    can_approve_pull_request_reviews: bool
