"""Tell the small changes that earlier commits made to some files and those beside them."""

from typing import Any

from pydantic import Field

from tools.actions.base import Action, Arguments, Bench


class PastChangesArguments(Arguments):
    """``paths`` are files of the repository."""

    paths: list[str] = Field(min_length=1, max_length=20)


def _perform(bench: Bench, arguments: PastChangesArguments) -> dict[str, Any]:
    return {"edits": bench.past(arguments.paths)}


PAST_CHANGES = Action("past_changes", PastChangesArguments, _perform)
