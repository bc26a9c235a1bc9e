"""All that is known of git: a store of our own, and repositories read in place."""

from tools.git.history import Commit, History
from tools.git.objects import Entry, Objects
from tools.git.program import EmptyRepository, GitError, NotARepository, commit_of, origin
from tools.git.remote import Remote
from tools.git.store import RAW_ATTRIBUTES, Change, ObjectStore, Signature, top_level

__all__ = [
    "RAW_ATTRIBUTES",
    "Change",
    "Commit",
    "EmptyRepository",
    "Entry",
    "GitError",
    "History",
    "NotARepository",
    "ObjectStore",
    "Objects",
    "Remote",
    "Signature",
    "commit_of",
    "origin",
    "top_level",
]
