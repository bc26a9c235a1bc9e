import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.indexes import make_index
from tools.code.signals.graph import Imports, files_tested, links, page_rank

NODES = st.sampled_from("abcdef")


@pytest.mark.parametrize(
    ("path", "text", "imported"),
    [
        ("shop/cart.py", "from shop.money import rounded\n", {"shop/money.py"}),
        ("shop/cart.py", "from . import money\n", {"shop/money.py"}),
        ("shop/cart.py", "from ..mail import send\n", {"mail/send.py"}),
        ("web/a.js", "import { b } from './b.js'\n", {"web/b.js"}),
        ("web/a.js", "const b = require('../lib/c')\n", {"lib/c.js"}),
        ("src/main.rs", "use crate::store::Store;\n", {"src/store.rs"}),
        ("src/a.c", '#include "b.h"\n', {"src/b.h"}),
        ("shop/cart.py", "import os\n", set()),
    ],
)
def test_whom_a_file_imports(path: str, text: str, imported: set[str]) -> None:
    others = ["shop/money.py", "mail/send.py", "web/b.js", "lib/c.js", "src/store.rs", "src/b.h"]
    index = make_index({path: text, **dict.fromkeys(others, "")})
    assert Imports(index).of(path) == imported


def test_an_import_that_many_files_could_be_is_left_aside() -> None:
    files = {f"pack{n}/models.py": "" for n in range(6)}
    index = make_index({"a.py": "import models\n", **files})
    assert Imports(index).of("a.py") == set()


def test_files_are_linked_by_imports_and_by_names_of_few_owners() -> None:
    many = {f"m{n}.py": "def common():\n    pass\n" for n in range(6)}
    index = make_index(
        {
            "a.py": "import b\n\n\ndef f():\n    rare()\n    common()\n",
            "b.py": "",
            "c.py": "def rare():\n    pass\n",
            **many,
        }
    )
    found = links(index, Imports(index), set(index.outlines))
    assert found["a.py"].keys() == {"b.py", "c.py"}
    assert found["a.py"]["b.py"] > found["a.py"]["c.py"] > 0
    assert links(index, Imports(index), {"a.py", "b.py"})["a.py"].keys() == {"b.py"}


def test_a_walk_stays_near_its_seeds() -> None:
    chain = {"a": {"b": 1.0}, "b": {"c": 1.0}, "c": {"d": 1.0}, "d": {}, "alone": {}}
    ranks = page_rank(chain, {"a": 1.0})
    assert ranks["b"] > ranks["c"] > ranks["d"] > 0
    assert "alone" not in ranks


@given(
    st.dictionaries(NODES, st.dictionaries(NODES, st.floats(0.1, 5)), min_size=6, max_size=6),
    st.dictionaries(NODES, st.floats(0.1, 1), min_size=1),
)
def test_ranks_are_of_one_walk(graph, seeds) -> None:
    ranks = page_rank(graph, seeds)
    assert all(rank >= 0 for rank in ranks.values())
    assert sum(ranks.values()) <= 1 + 1e-9


def test_a_test_speaks_for_the_source_of_its_name_and_for_what_it_imports() -> None:
    index = make_index(
        {
            "shop/cart.py": "",
            "shop/money.py": "",
            "shop/mail.py": "",
            "tests/test_cart.py": "from shop import money\n",
        }
    )
    sources = ["shop/cart.py", "shop/money.py", "shop/mail.py"]
    scores = files_tested({"tests/test_cart.py": 1.0}, Imports(index), sources)
    assert scores == {"shop/cart.py": 1.0, "shop/money.py": 0.5}
