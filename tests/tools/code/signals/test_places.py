import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.indexes import make_index
from tools.code.issue import read_issue
from tools.code.signals.places import (
    PathEndings,
    definitions_in_frames,
    files_by_module,
    files_by_path,
    files_in_frames,
    locate_frames,
    path_words,
)

PATHS = ["shop/cart.py", "shop/__init__.py", "mail/cart.py", "mail/send.py", "web/app/index.js"]
TRACE = """It breaks

Traceback (most recent call last):
  File "/usr/lib/python3/site-packages/shop/cart.py", line 5, in total
    pass
  File "/home/me/elsewhere.py", line 9, in other
    pass
  File "/usr/lib/python3/site-packages/mail/send.py", line 2, in <module>
    pass
"""


def test_the_longest_ending_that_is_shared_decides() -> None:
    endings = PathEndings(PATHS)
    assert endings.matching("/usr/lib/shop/cart.py") == [("shop/cart.py", 2)]
    assert endings.matching("cart.py") == [("shop/cart.py", 1), ("mail/cart.py", 1)]
    assert endings.matching("other.py") == []


@given(st.lists(st.sampled_from(["a", "b", "c.py"]), min_size=1, max_size=5))
def test_a_path_of_the_tree_is_found_from_wherever_it_is_printed(parts: list[str]) -> None:
    path = "/".join(parts)
    assert PathEndings([path]).matching(f"/opt/{path}") == [(path, len(parts))]


def test_frames_of_files_that_are_not_there_are_left_aside() -> None:
    located = locate_frames(read_issue(TRACE), PathEndings(PATHS))
    assert [found.path for found in located] == ["shop/cart.py", "mail/send.py"]
    assert files_in_frames(located) == {"shop/cart.py": 1.0, "mail/send.py": 1.0}


def test_frames_in_the_middle_of_a_trace_count_least() -> None:
    frames = "".join(f'  File "/x/f{n}.py", line 1, in f\n' for n in range(5))
    issue = read_issue(f"It breaks\n\nTraceback (most recent call last):\n{frames}")
    scores = files_in_frames(locate_frames(issue, PathEndings(f"f{n}.py" for n in range(5))))
    assert scores["f0.py"] == scores["f4.py"] > scores["f1.py"] > scores["f2.py"]


def test_a_frame_means_what_it_names_though_lines_have_moved() -> None:
    index = make_index(
        {
            "shop/cart.py": "def other():\n" + "    a\n" * 6 + "\n\ndef total():\n    pass\n",
            "mail/send.py": "def send():\n    pass\n",
        }
    )
    located = locate_frames(read_issue(TRACE), PathEndings(index.outlines))
    assert definitions_in_frames(located, index) == {
        ("shop/cart.py", 1): 1.0,
        ("mail/send.py", 0): 0.5,
    }


def test_files_whose_path_is_written() -> None:
    scores = files_by_path(read_issue("See shop/cart.py, and cart.py"), PathEndings(PATHS))
    assert scores == {"shop/cart.py": 1.0, "mail/cart.py": pytest.approx(0.375)}


def test_files_whose_module_is_written() -> None:
    scores = files_by_module(read_issue("from mail.cart import Cart fails"), PATHS)
    assert scores.keys() == {"mail/cart.py"}
    assert files_by_module(read_issue("cart is wrong"), PATHS) == {}
    assert files_by_module(read_issue("web.app.start() fails"), PATHS).keys() == {
        "web/app/index.js"
    }


def test_a_word_in_a_files_own_name_counts_more_than_in_its_folders() -> None:
    paths = ["mail/a.py", "a/mail.py", "other/x.py"]
    scores = path_words(read_issue("mail is lost"), paths, {})
    assert scores["a/mail.py"] > scores["mail/a.py"] > 0
    assert "other/x.py" not in scores
