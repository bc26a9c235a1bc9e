from hypothesis import given
from hypothesis import strategies as st

from sandbox.streams import CHUNK, Capture, Feed


@given(chunks=st.lists(st.binary(max_size=20)), limit=st.integers(0, 40))
def test_a_capture_keeps_both_ends_however_the_stream_is_cut(chunks, limit):
    whole = b"".join(chunks)
    capture = Capture(limit)
    for chunk in chunks:
        capture.add(chunk)
    output = capture.output()
    assert len(output.data) == min(limit, len(whole))
    assert whole.startswith(output.head)
    assert whole.endswith(output.tail)
    assert len(output.data) + output.omitted == len(whole)


def test_a_capture_of_much_holds_little():
    capture = Capture(1000)
    for _ in range(10_000):
        capture.add(b"x" * 999)
    assert capture.output().omitted == 9_989_000
    assert len(capture._tail) <= 1000


@given(chunks=st.lists(st.binary(max_size=20)), steps=st.lists(st.integers(1, 7), min_size=1))
def test_a_feed_gives_everything_however_it_is_taken(chunks, steps):
    feed, taken = Feed(chunks), b""
    for turn in range(1000):
        part = feed.next()[: steps[turn % len(steps)]]
        if not part:
            break
        taken += part
        feed.written(len(part))
    assert taken == b"".join(chunks)


def test_a_feed_of_bytes_comes_in_chunks():
    assert len(Feed(b"x" * (3 * CHUNK)).next()) == CHUNK


def test_closing_a_feed_closes_its_source():
    closed = []

    def source():
        try:
            yield b"one"
            yield b"two"
        finally:
            closed.append(True)

    feed = Feed(source())
    feed.next()
    feed.close()
    assert closed == [True]
    assert not feed.next()
