from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.majority import flagged, missed, needed, passed

NAMES = st.sampled_from(["a", "b", "c", "d[1]", "d[2]", "e[x]"])


def test_the_cases_of_one_test_count_as_one() -> None:
    assert needed(["test_a[1]", "test_a[2]", "test_a[3]", "test_b"]) == 2
    assert passed({"test_a[1]": True, "test_a[2]": False, "test_b": True}) == 1


@given(st.dictionaries(NAMES, st.booleans(), min_size=1))
def test_a_majority_is_more_than_half_and_can_be_reached(passes: dict[str, bool]) -> None:
    tests = {name.partition("[")[0] for name in passes}
    assert len(tests) / 2 < needed(list(passes)) <= len(tests)
    assert passed(dict.fromkeys(passes, True)) >= needed(list(passes))
    assert (passed(passes) == len(tests)) == (not missed(passes))


def test_one_or_two_written_tests_are_all_to_be_passed() -> None:
    assert (needed(["a"]), needed(["a", "b"]), needed(["a", "b", "c"])) == (1, 2, 2)


def test_a_reader_is_told_the_name_and_the_file() -> None:
    [finding] = flagged(["tests/test_x.py::test_y[1]"])
    assert finding.path == "tests/test_x.py"
    assert "tests/test_x.py::test_y[1]" in finding.text
