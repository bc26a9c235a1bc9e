from doubles.indexes import make_index
from tools.code.issue import read_issue
from tools.code.signals.survey import Matched, frequencies, survey


def test_a_survey_holds_what_the_issue_shares_with_each_file() -> None:
    index = make_index(
        {
            "cart.py": "def total():\n    return prices\n\n\ndef other():\n    return 1\n",
            "mail.py": "def send():\n    pass\n",
        }
    )
    found = survey(read_issue("total of prices"), index)
    assert found.files.keys() == {"cart.py"}
    assert set(found.files["cart.py"].counts) == {"total", "price"} or set(
        found.files["cart.py"].counts
    ) == {"total", "prices"}
    assert found.definitions.keys() == {("cart.py", 0)}
    assert set(found.definitions["cart.py", 0].counts) <= set(found.files["cart.py"].counts)
    assert found.referring["cart.py"] == frozenset({"prices"})


def test_in_how_many_texts_a_word_is() -> None:
    texts = [Matched({"a": 5, "b": 1}, 6), Matched({"a": 1}, 3)]
    assert frequencies(texts) == {"a": 2, "b": 1}
