"""The table of actions, in the order a model is told of them."""

from typing import Any

from tools.actions.base import Action
from tools.actions.compare_changes import COMPARE_CHANGES
from tools.actions.condense import CONDENSE
from tools.actions.edit import EDIT
from tools.actions.past_changes import PAST_CHANGES
from tools.actions.read import READ
from tools.actions.run_tests import RUN_TESTS
from tools.actions.search import SEARCH
from tools.actions.shell import SHELL
from tools.actions.submit import SUBMIT
from tools.actions.try_changes import TRY_CHANGES

ACTIONS: dict[str, Action[Any]] = {
    action.name: action for action in (SHELL, READ, SEARCH, EDIT, RUN_TESTS, CONDENSE, SUBMIT)
}

UNOFFERED: dict[str, Action[Any]] = {
    action.name: action for action in (PAST_CHANGES, TRY_CHANGES, COMPARE_CHANGES)
}
"""Actions that no language model is told of: programs that speak as a model does know them."""
