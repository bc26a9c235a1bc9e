"""Events come out the same whatever pieces their bytes come in."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.sse import EventParser


def parse(*pieces: bytes) -> list[str]:
    parser = EventParser()
    found = [data for piece in pieces for data in parser.feed(piece)]
    return [*found, *parser.close()]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b": keep-alive\n\ndata: a\n\n", ["a"]),
        (b"event: x\nid: 1\nretry: 3\ndata: a\n\n", ["a"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a", ["a"]),
        (b"data: a\n", ["a"]),
        (b'error: {"code": 500}\n\n', ['{"code": 500}']),
        (b"data\n\n", [""]),
        (b"", []),
        (b"\n\n\n", []),
        (b"data: \xff\n\n", ["\ufffd"]),
        ("data: é\n\n".encode(), ["é"]),
    ],
)
def test_events(stream: bytes, data: list[str]) -> None:
    assert parse(stream) == data


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_character_may_be_split_between_pieces(end: str) -> None:
    stream = f"data: é😀{end}{end}".encode()
    assert parse(*(bytes([byte]) for byte in stream)) == ["é😀"]


line_ends = st.sampled_from(["\n", "\r\n", "\r"])
fields = st.sampled_from(["data: ", "data:", "event: ", ": ", "id: ", "", "error: "])
texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=200)
@given(
    lines=st.lists(st.tuples(fields, texts, line_ends, st.booleans()), max_size=8),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_any_chunking_gives_the_same_events(
    lines: list[tuple[str, str, str, bool]], cuts: list[int]
) -> None:
    stream = "".join(f + text + end + end * blank for f, text, end, blank in lines).encode()
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert parse(*pieces) == parse(stream)
    assert parse(*(bytes([byte]) for byte in stream)) == parse(stream)


@given(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=3), max_size=5))
def test_what_a_server_writes_is_what_is_read(values: list[dict[str, Any]]) -> None:
    stream = b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)
    assert [json.loads(data) for data in parse(stream)] == values


def test_a_long_line_in_small_pieces_is_not_gone_through_again_and_again() -> None:
    parser = EventParser()
    piece = b"x" * 64
    found = [*parser.feed(b"data: ")]
    for _ in range(50_000):
        found += parser.feed(piece)
    found += parser.feed(b"\n\n")
    assert [len(data) for data in found] == [50_000 * 64]
