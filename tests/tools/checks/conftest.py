"""Boxes over small repositories."""

import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from doubles.local_box import LocalBox, MakeBox


@pytest.fixture(scope="module")
def make_box(tmp_path_factory: pytest.TempPathFactory) -> MakeBox:
    """Makes a box over a repository of the files given as name to text."""

    def make(files: Mapping[str, str], python: str = sys.executable) -> LocalBox:
        root = tmp_path_factory.mktemp("repository")
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text))
        return LocalBox(root, tmp_path_factory.mktemp("scratch"), Path(python))

    return make
