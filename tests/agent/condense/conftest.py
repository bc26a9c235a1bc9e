from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from agent.model.base import Model
from doubles.long_conversation import Long, long_conversation


@pytest.fixture
def long(tmp_path: Path) -> Iterator[Callable[..., Long]]:
    """Makes long conversations with a model, on the calculator."""
    with ExitStack() as stack:

        def make(model: Model, **fields: Any) -> Long:
            return stack.enter_context(long_conversation(tmp_path, model, **fields))

        yield make
