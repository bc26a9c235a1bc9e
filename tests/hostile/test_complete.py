"""No case is forgotten: each is run here, or listed with the reason why not."""

import re
from pathlib import Path

from doubles.hostile import ALL, NOT_HERE

NAME = re.compile(r'"((?:[A-Z]+-\d\d ?)+)"')
MARK = re.compile(r'mark\.case\("((?:[A-Z]+-\d\d ?)+)"')


def test_every_case_is_run_or_listed():
    here = Path(__file__).parent
    found = {
        name
        for file in here.parent.rglob("test_*.py")
        for name in (NAME if file.parent == here else MARK).findall(file.read_text())
    }
    run = {name for names in found for name in names.split()}
    assert run | set(NOT_HERE) == ALL
    assert run.isdisjoint(NOT_HERE)
    assert len(ALL) == 167
