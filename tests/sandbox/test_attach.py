import socket
import threading
import time
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.attach import Attachment, Frames
from sandbox.base import SandboxLost
from sandbox.streams import Capture, Feed


def frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@given(
    parts=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=30))),
    size=st.integers(1, 50),
)
def test_frames_come_apart_however_they_are_cut(parts, size):
    stdout, stderr = Capture(10_000), Capture(10_000)
    frames = Frames(stdout, stderr)
    whole = b"".join(frame(stream, data) for stream, data in parts)
    for start in range(0, len(whole), size):
        frames.add(whole[start : start + size])
    assert stdout.output().data == b"".join(data for stream, data in parts if stream == 1)
    assert stderr.output().data == b"".join(data for stream, data in parts if stream == 2)


def test_what_is_no_frame_is_no_output():
    with pytest.raises(SandboxLost):
        Frames(Capture(9), Capture(9)).add(b"HTTP/1.1 500 Internal")


@contextmanager
def engine(path, answer: bytes):
    """An engine that gives one answer, echoes what it is sent then, and tells what it was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            asked.append(connection.recv(4096))
            connection.sendall(answer)
            while answer and (data := connection.recv(4096)):
                connection.sendall(frame(1, data))

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join()


def attach(path) -> Attachment:
    return Attachment(str(path), "/v1.41/exec/abc/start", deadline=time.monotonic() + 5)


def test_output_that_comes_with_the_answer_is_not_lost(tmp_path):
    path, stdout = tmp_path / "engine", Capture(1000)
    answer = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n" + frame(1, b"early ")
    with engine(path, answer) as asked, attach(path) as attachment:
        feed, frames = Feed([b"fed"]), Frames(stdout, Capture(0))
        while attachment.is_open:
            attachment.move(feed, frames, until=time.monotonic() + 5)
    assert stdout.output().data == b"early fed"
    assert asked[0].startswith(b"POST /v1.41/exec/abc/start HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(b"HTTP/1.1 409 Conflict\r\n\r\npaused", "409 Conflict: paused"), (b"", "closed")],
)
def test_an_engine_that_refuses_is_lost(tmp_path, answer, words):
    path = tmp_path / "engine"
    with engine(path, answer), pytest.raises(SandboxLost, match=words):
        attach(path)


def test_an_engine_that_is_gone_is_lost(tmp_path):
    with pytest.raises(SandboxLost, match="did not start"):
        attach(tmp_path / "engine")
