from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent import runs
from doubles.repositories import CALCULATOR, make_repository
from doubles.story import Story


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("stories")


@pytest.fixture
def story(tmp_path: Path) -> Callable[..., Story]:
    """Makes stories: files of the repository, then fields of the story."""

    def make(files: dict[str, str] = CALCULATOR, **fields: Any) -> Story:
        repository = make_repository(tmp_path / "repository", files)
        return Story(repository, runs.create(tmp_path / "runs"), **fields)

    return make
