"""No case is forgotten: each is run here, or listed with the reason why not."""

import re
from pathlib import Path

from doubles.hostile import ALL, NOT_HERE

NAME = re.compile(r'"((?:[A-Z]+-\d\d ?)+)"')


def test_every_case_is_run_or_listed():
    texts = [file.read_text() for file in Path(__file__).parent.glob("test_*.py")]
    run = {name for text in texts for found in NAME.findall(text) for name in found.split()}
    assert run | set(NOT_HERE) == ALL
    assert run.isdisjoint(NOT_HERE)
    assert len(ALL) == 167
