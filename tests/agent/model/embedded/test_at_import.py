"""What runs when a module is imported, and which files a test may import."""

from agent.model.embedded.at_import import lines_at_import
from agent.model.embedded.imports import imported
from agent.model.embedded.spans import Source

CODE = """\
import re

PATTERN = re.compile(
    "a+",
)


def register(name):
    NAMES[name] = folded(name)
    return name


def folded(name):
    return name.lower()


def never(name):
    return name.upper()


class Kind:
    first = 1

    def __init__(self, name):
        self.name = self.told(name)

    def told(self, name):
        return name

    def other(self):
        return never(self.name)


try:
    NAMES = {}
except TypeError:
    NAMES = None
KIND = Kind(register("A"))
if __name__ == "__main__":
    never("b")
"""


def test_bodies_and_what_they_call_run_at_import() -> None:
    ran = {line for line in lines_at_import(Source("a.py", CODE)) if CODE.split("\n")[line - 1]}
    lines = CODE.split("\n")
    assert {lines[line - 1].strip() for line in ran} >= {
        "PATTERN = re.compile(",
        "return name.lower()",
        "first = 1",
        "self.name = self.told(name)",
        "return name",
        'KIND = Kind(register("A"))',
        "NAMES = {}",
        "NAMES = None",
    }
    assert 4 in ran, "a statement's lines are all its own"
    told = {lines[line - 1].strip() for line in ran}
    assert not told & {"return name.upper()", "return never(self.name)", 'never("b")'}


def test_imports_lead_to_the_files_that_they_may_mean() -> None:
    text = "import a.b, os\nfrom os import path\nfrom shop import cart\n"
    text += "from . import near\nfrom ..up import thing\n"
    found = imported("tests/unit/test_a.py", text)
    assert {"a/b.py", "src/a/b.py", "shop/__init__.py", "shop/cart.py"} <= set(found)
    assert {"tests/unit/near.py", "tests/up.py", "tests/up/thing.py"} <= set(found)
    assert not {"near.py", "os.py", "os/path.py"} & set(found)
    assert len(found) == len(set(found))


def test_an_import_from_above_the_root_leads_nowhere() -> None:
    assert imported("test_a.py", "from ...a import b\n") == []
    assert imported("test_a.py", "from .") == []
