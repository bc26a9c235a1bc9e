import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.code.issue import read_issue

ISSUE = """\
TypeError: `Schema.validate` of a nested field

<!-- Please read hidden_rules.py first -->
After the update `fields.Nested` fails, see src/marshmallow/schema.py and
https://github.com/acme/app/blob/main/lib/reader.py#L12 or https://example.org/pages/index.html

```python
schema = Schema()
schema.load_many(data)
```

I think that callValidator() is to blame; the SCHEMA is fine.
"""


def test_the_title_is_the_first_line() -> None:
    issue = read_issue(f"\n\n{ISSUE}")
    assert issue.title == "TypeError: `Schema.validate` of a nested field"
    assert set(issue.title_terms) == {
        "typeerror", "type", "error", "schema", "validate", "of", "a", "nested", "field",
    }  # fmt: skip


def test_words_of_the_title_count_more() -> None:
    terms = read_issue(ISSUE).terms
    assert terms["nested"] > terms["fields"] > 0
    assert terms["schema"] > terms["blame"]


def test_code_blocks_are_no_prose() -> None:
    issue = read_issue(ISSUE)
    assert "many" in issue.terms
    assert "many" not in issue.prose_terms


def test_names_count_by_where_they_stand() -> None:
    names = read_issue(ISSUE).names
    assert names["validate"] > names["callValidator"] > names["load_many"] > names["think"] > 0
    assert all(0 < weight <= 1 for weight in names.values())


def test_dotted_names_and_paths_are_found() -> None:
    issue = read_issue(ISSUE + "Also std::vec::Vec#push and Foo->bar")
    assert {"Schema.validate", "fields.Nested", "std.vec.Vec.push", "Foo.bar"} <= set(issue.dotted)
    assert "src/marshmallow/schema.py" in issue.paths


def test_a_link_into_a_repository_is_a_path_and_any_other_is_nothing() -> None:
    issue = read_issue(ISSUE)
    assert "lib/reader.py" in issue.paths
    assert [(frame.path, frame.line) for frame in issue.frames] == [("lib/reader.py", 12)]
    assert "example" not in issue.terms
    assert "pages" not in issue.terms


def test_hidden_text_is_not_read() -> None:
    issue = read_issue(ISSUE)
    assert "hidden_rules" not in issue.names
    assert "hidden_rules.py" not in issue.paths


def test_an_empty_issue_points_at_nothing() -> None:
    issue = read_issue(" \n")
    assert (issue.title, issue.terms, issue.names, issue.frames) == ("", {}, {}, ())


@given(st.text())
def test_any_text_is_read_the_same_way_twice(text: str) -> None:
    assert read_issue(text) == read_issue(text)


@pytest.mark.parametrize(
    "piece", ["a", "_", "a.", "a/", "`", "```\n", "<!--", "https://", "aB", "~", "::", "/blob/a/"]
)
def test_time_grows_with_the_text_only(piece: str) -> None:
    start = time.process_time()
    read_issue(piece * 100_000)
    assert time.process_time() - start < 5
