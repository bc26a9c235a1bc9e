from agent.model.embedded.localise import files_of, sites
from agent.model.embedded.observe import Broken, Suspect
from agent.model.embedded.spans import Source

CODE = """\
def outer(a):
    b = a + 1
    return inner(b)


def inner(b):
    return b.c
"""
MESSAGE = "tests/test_a.py:3: in test_b\nshop/a.py:3: in outer\nshop/a.py:7: in inner\nE   boom"


def _ranked(suspects: list[Suspect]) -> dict[int, float]:
    found = sites([Source("shop/a.py", CODE)], suspects, [Broken("t", 0.1, MESSAGE)], frozenset())
    return {site.line: round(site.suspicion, 2) for site in found}


def test_where_a_failure_was_raised_counts_though_coverage_does_not_list_it() -> None:
    """Coverage lists the first lines only, and none that run under another trace function."""
    ranked = _ranked([Suspect(1.0, "shop/a.py", 2)])
    assert set(ranked) == {2, 3, 7}
    assert ranked[7] > ranked[2] > ranked[3]


def test_what_coverage_says_of_a_line_is_not_raised_by_tracebacks() -> None:
    ranked = _ranked([Suspect(1.0, "shop/a.py", 2), Suspect(0.2, "shop/a.py", 7)])
    assert ranked[2] > ranked[3] > ranked[7]


def test_a_file_that_only_tracebacks_name_is_read_too() -> None:
    broken = [Broken("t", 0.1, MESSAGE)]
    assert files_of([Suspect(0.9, "shop/b.py", 1)], broken) == ["shop/b.py", "shop/a.py"]
    assert files_of([Suspect(0.9, "tests/b.py", 1)], broken) == ["shop/a.py"]


def test_where_nothing_is_seen_all_counts_and_most_what_ran_at_import() -> None:
    code = f"LIMIT = compute(3)\n\n\n{CODE}"
    broken = [Broken("t", 0.1, "tests/test_a.py:3: in test_b\nE   assert 1 == 2")]

    def ranked(suspects: list[Suspect]) -> dict[int, float]:
        found = sites([Source("shop/a.py", code)], suspects, broken, frozenset())
        return {site.line: site.suspicion for site in found}

    blind = ranked([])
    assert blind[1] > blind[5] > 0
    assert set(ranked([Suspect(1.0, "shop/a.py", 5)])) == {5}


def test_the_statement_that_crashed_knows_what_its_call_lacks() -> None:
    lacks = "E   TypeError: inner() missing 1 required positional argument: 'b'"
    trail = "tests/test_a.py:3: in test_b\nshop/a.py:3: in outer"
    suspects = [Suspect(1.0, "shop/a.py", line) for line in (2, 3)]
    source = Source("shop/a.py", CODE)
    found = sites([source], suspects, [Broken("t", 0.1, f"{trail}\n{lacks}")], frozenset())
    assert {site.line: site.missing for site in found} == {2: (), 3: ("b",)}


def test_functions_that_a_crash_did_not_pass_count_less() -> None:
    code = f"{CODE}\n\ndef before(a):\n    return a + 1\n"
    suspects = [Suspect(0.5, "shop/a.py", line) for line in (2, 11)]

    def ranked(message: str) -> dict[int, float]:
        broken = [Broken("t", 0.1, message)]
        found = sites([Source("shop/a.py", code)], suspects, broken, frozenset())
        return {site.line: round(site.suspicion, 2) for site in found}

    crashed = ranked(MESSAGE)
    assert crashed[2] > crashed[11]
    wrong = ranked("tests/test_a.py:3: in test_b\nE   assert 1 == 2")
    assert wrong[2] == wrong[11]
