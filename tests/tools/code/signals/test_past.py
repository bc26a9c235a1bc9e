from dataclasses import dataclass

from tools.code.issue import read_issue
from tools.code.parse import parse
from tools.code.signals.past import (
    Alike,
    alike,
    definitions_alike,
    files_alike,
    files_lately,
    files_often,
    files_together,
)


@dataclass(frozen=True)
class Commit:
    id: str
    message: str
    paths: tuple[str, ...]


def commits(*paths: tuple[str, ...]) -> list[Commit]:
    return [Commit(str(place), "change", changed) for place, changed in enumerate(paths)]


def test_commits_whose_message_is_like_the_issue_come_first() -> None:
    history = [
        Commit("other", "Rename things", ("a.py",)),
        Commit("near", "Fix rounding", ("b.py",)),
        Commit("nearest", "Fix rounding of totals", ("c.py",)),
        Commit("empty", "Rounding of totals", ()),
    ]
    found = alike(read_issue("Rounding of totals is wrong"), history)
    assert [one.commit.id for one in found] == ["nearest", "near"]
    assert found[0].likeness == 1.0


def test_a_commit_of_many_files_says_less_about_each() -> None:
    one, four = commits(("a",), ("b", "c", "d", "e"))
    scores = files_alike([Alike(one, 1.0), Alike(four, 1.0)])
    assert scores == {"a": 1.0, "b": 0.5, "c": 0.5, "d": 0.5, "e": 0.5}


def test_a_late_change_counts_more_than_an_early_one() -> None:
    scores = files_lately(commits(("new",), *[("else",)] * 100, ("old",)))
    assert scores["new"] > scores["old"] > 0


def test_changes_of_long_ago_are_not_late_but_count_as_often() -> None:
    history = commits(*[("new",)] * 300, ("old",))
    assert "old" not in files_lately(history)
    assert files_often(history)["new"] > files_often(history)["old"] > 0


def test_what_changed_together_with_a_seed_is_near_it() -> None:
    history = commits(*[("seed", "near")] * 8, ("seed", "far"), ("other", "near"))
    scores = files_together({"seed": 1.0}, history)
    assert scores["near"] > 5 * scores["far"]
    assert "other" not in scores


def test_a_commit_that_changed_everything_ties_nothing_together() -> None:
    wide = ("seed", *(f"f{n}" for n in range(20)))
    assert files_together({"seed": 1.0}, commits(wide)) == {}


def test_definitions_are_known_by_the_names_in_hunk_headers() -> None:
    code = b"def total():\n    pass\n\n\ndef other():\n    pass\n"
    (commit,) = commits(("cart.py",))
    diff = (
        b"--- a/cart.py\n+++ b/cart.py\n@@ -2,1 +2,1 @@ def total():\n-x\n+y\n"
        b"--- a/gone.py\n+++ b/gone.py\n@@ -1 +1 @@ def gone():\n"
    )
    scores = definitions_alike(
        [Alike(commit, 1.0)], {"0": diff}, {"cart.py": parse(code, "cart.py")[0]}
    )
    assert scores.keys() == {("cart.py", 0)}
