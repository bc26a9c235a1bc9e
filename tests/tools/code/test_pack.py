from hypothesis import given
from hypothesis import strategies as st

from tools.code.pack import pack
from tools.code.rank import rank_texts
from tools.code.words import words

texts = st.dictionaries(st.text(min_size=1, max_size=30), st.text(max_size=200), max_size=12)


def count(text: str) -> int:
    return len(text.encode(errors="replace")) // 3 + 1


def test_words_splits_identifiers_and_keeps_them_whole() -> None:
    assert words("parseHTTPHeader(max_size)") == [
        "parsehttpheader", "parse", "http", "header", "max", "size"
    ]  # fmt: skip


def test_the_file_that_speaks_of_the_issue_comes_first() -> None:
    files = {
        "shop/cart.py": "def total(items): return sum(item.price for item in items)",
        "shop/discount.py": "def apply_discount(total, rate): return total * rate",
        "README.md": "A shop.",
    }
    ranked = rank_texts("applyDiscount gives the wrong rate", files)
    assert [path for path, _ in ranked] == ["shop/discount.py"]
    assert rank_texts("unrelated", files) == []
    assert rank_texts("anything", {}) == []


@given(texts, st.integers(0, 400))
def test_a_pack_never_exceeds_its_budget(files: dict[str, str], budget: int) -> None:
    packed = pack(sorted(files), files, files, budget=budget, count_tokens=count)
    spent = sum(count(f"{path}\n") for path in packed.paths)
    spent += sum(count(f"{path}\n{text}") for path, text in packed.files)
    assert spent <= budget
    assert packed.paths_omitted + len(packed.paths) == len(files)


@given(texts)
def test_with_room_enough_everything_is_there_in_order(files: dict[str, str]) -> None:
    order = sorted(files, reverse=True)
    packed = pack(sorted(files), order, files, budget=1_000_000, count_tokens=count)
    assert packed.paths == sorted(files)
    assert [path for path, _ in packed.files] == order


def test_a_file_that_does_not_fit_is_passed_over_for_one_that_does() -> None:
    files = {"big": "x" * 3000, "small": "y"}
    packed = pack(["big", "small"], ["big", "small"], files, budget=200, count_tokens=count)
    assert [path for path, _ in packed.files] == ["small"]
