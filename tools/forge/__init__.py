"""A forge: issues in, pull requests out. The only room that speaks with GitHub."""

from tools.forge.address import (
    GITHUB,
    Address,
    BadAddress,
    Repository,
    looks_like_address,
    parse,
    safe_revision,
)
from tools.forge.base import (
    Forge,
    ForgeDenied,
    ForgeError,
    ForgeRefused,
    ForgeUnreachable,
    Issue,
    Post,
    Proposal,
    Proposed,
    Remark,
    Review,
    Snapshot,
    Status,
)
from tools.forge.github import GitHub
from tools.forge.visible import Visible, visible, visible_line

__all__ = [
    "GITHUB",
    "Address",
    "BadAddress",
    "Forge",
    "ForgeDenied",
    "ForgeError",
    "ForgeRefused",
    "ForgeUnreachable",
    "GitHub",
    "Issue",
    "Post",
    "Proposal",
    "Proposed",
    "Remark",
    "Repository",
    "Review",
    "Snapshot",
    "Status",
    "Visible",
    "looks_like_address",
    "parse",
    "safe_revision",
    "visible",
    "visible_line",
]
