"""Deadlines and cancellation against real sockets: who is not waited for is told at once."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from agent.model.deadline import Deadlines
from agent.model.exchange import exchange
from agent.model.server import Closed, NoAnswer, Server, api_url, read_whole
from doubles.scripted_server import Answer, ScriptedServer, completion, events, streamed

BODY = {"messages": []}
STREAM = {"Content-Type": "text/event-stream"}
ENDLESS = Answer(events({"choices": []}), headers=STREAM, endless=b": on it\n\n", pause=0.02)


@contextlib.contextmanager
def client(url: str) -> Iterator[Server]:
    server = Server(url, None)
    try:
        yield server
    finally:
        server.close()


def test_a_reply_that_streams() -> None:
    with ScriptedServer([streamed(completion("hello"))]) as scripted, client(scripted.url) as ours:
        answer = exchange(ours, BODY, Deadlines())
    assert answer.body["choices"][0]["message"]["content"] == "hello"
    assert 0 < answer.first_seconds <= answer.seconds


def test_a_server_that_does_not_stream_is_understood_too() -> None:
    with ScriptedServer([completion("hello")]) as scripted, client(scripted.url) as ours:
        answer = exchange(ours, BODY | {"stream": True}, Deadlines())
    assert answer.body["choices"][0]["message"]["content"] == "hello"


def test_a_stream_may_end_without_saying_that_it_is_done() -> None:
    whole = streamed(completion("hello"), done=False)
    with ScriptedServer([whole]) as scripted, client(scripted.url) as ours:
        assert exchange(ours, BODY, Deadlines()).status == 200


@pytest.mark.parametrize("cut", [0, 30, 60, 200])
def test_a_stream_that_breaks_off_is_no_reply(cut: int) -> None:
    broken = streamed(completion("hello, this is a reply"), cut=cut)
    with (
        ScriptedServer([broken]) as scripted,
        client(scripted.url) as ours,
        pytest.raises(NoAnswer, match=r"incomplete|without sending complete"),
    ):
        exchange(ours, BODY, Deadlines())


def test_a_stream_that_ends_before_the_reply_is_no_reply() -> None:
    half = Answer(events({"choices": [{"delta": {"content": "hel"}}]}), headers=STREAM)
    with (
        ScriptedServer([half]) as scripted,
        client(scripted.url) as ours,
        pytest.raises(NoAnswer, match="the stream ended before the reply did"),
    ):
        exchange(ours, BODY, Deadlines())


def test_a_stream_of_something_else_is_no_reply() -> None:
    odd = Answer(b"data: <html>\n\n", headers=STREAM)
    with (
        ScriptedServer([odd]) as scripted,
        client(scripted.url) as ours,
        pytest.raises(NoAnswer, match="something else than JSON: '<html>'"),
    ):
        exchange(ours, BODY, Deadlines())


def test_an_error_in_the_middle_of_a_stream_is_the_answer() -> None:
    error = {"error": {"message": "EngineCore encountered an issue", "code": 500}}
    chunk = {"choices": [{"delta": {"content": "hel"}}]}
    broken = Answer(events(chunk, error), headers=STREAM)
    with ScriptedServer([broken]) as scripted, client(scripted.url) as ours:
        assert exchange(ours, BODY, Deadlines()).body == error


@pytest.mark.case("MOD-03", "first byte, silence and whole turn have their deadlines")
@pytest.mark.parametrize(
    ("answer", "deadlines", "said"),
    [
        (Answer(completion("late"), delay=20), Deadlines(0.2, 9, 9), "no answer within the time"),
        (ENDLESS, Deadlines(9, 9, 0.3), "did not end within the time limit"),
        (
            Answer(events({"choices": []}), headers=STREAM, endless=b": x\n\n", pause=20),
            Deadlines(9, 0.2, 9),
            "nothing came for 0.2 seconds",
        ),
        (Answer(completion("x"), pause=0.05), Deadlines(9, 9, 0.3), "did not end within"),
    ],
    ids=["first byte", "total", "idle", "trickle"],
)
def test_deadlines(answer: Answer, deadlines: Deadlines, said: str) -> None:
    started = time.monotonic()
    with (
        ScriptedServer([answer]) as scripted,
        client(scripted.url) as ours,
        pytest.raises(NoAnswer, match=said),
    ):
        exchange(ours, BODY, deadlines)
    assert time.monotonic() - started < 8


def test_a_deadline_makes_the_server_stop() -> None:
    with ScriptedServer([ENDLESS]) as scripted, client(scripted.url) as ours:
        with pytest.raises(NoAnswer):
            exchange(ours, BODY, Deadlines(9, 9, 0.3))
        assert scripted.left.wait(5)


def test_an_interruption_makes_the_server_stop() -> None:
    with ScriptedServer([ENDLESS]) as scripted, client(scripted.url) as ours:
        with (
            contextlib.suppress(KeyboardInterrupt),
            ours.stream("/chat/completions", BODY, Deadlines()) as response,
        ):
            next(response.pieces)
            raise KeyboardInterrupt
        assert scripted.left.wait(5)


def test_looking_at_a_part_only_makes_the_server_stop() -> None:
    with ScriptedServer([ENDLESS]) as scripted, client(scripted.url) as ours:
        with ours.stream("/chat/completions", BODY, Deadlines()) as response:
            assert list(islice(response.pieces, 1))
        assert scripted.left.wait(5)


@pytest.mark.parametrize("answer", [ENDLESS, Answer(completion("late"), delay=20)])
def test_closing_from_another_thread_gives_up_at_once(answer: Answer) -> None:
    with ScriptedServer([answer]) as scripted, client(scripted.url) as ours:
        failures: list[BaseException] = []

        def ask() -> None:
            try:
                exchange(ours, BODY, Deadlines())
            except NoAnswer as error:
                failures.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        while not scripted.posts:
            time.sleep(0.01)
        started = time.monotonic()
        ours.close()
        thread.join(10)
        assert time.monotonic() - started < 5
        assert [type(failure) for failure in failures] == [Closed]
        if answer is ENDLESS:
            assert scripted.left.wait(5)


def test_a_closed_client_asks_nothing_more() -> None:
    with ScriptedServer() as scripted, client(scripted.url) as ours:
        ours.close()
        with pytest.raises(Closed, match="the client is closed"):
            exchange(ours, BODY, Deadlines())
    assert scripted.requests == []


def test_a_body_without_a_length_that_was_cut_off_is_no_answer() -> None:
    """Where the connection's end is the body's end, only we know that it was we who cut it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held: list[socket.socket] = []

        def serve() -> None:
            connection, _ = listening.accept()
            held.append(connection)
            connection.recv(65536)
            connection.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"choices"')

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with (
            client(url) as ours,
            pytest.raises(NoAnswer, match="nothing came for"),
            ours.stream("/chat/completions", BODY, Deadlines(5, 0.2, 5)) as response,
        ):
            read_whole(response)
        thread.join()
        held[0].close()


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("http://host:8000/v1", "http://host:8000"),
        ("http://host/models/api/v1", "http://host/models/api"),
        ("https://host/v1beta/openai", "https://host"),
    ],
)
def test_the_root_is_what_is_before_the_version(given: str, root: str) -> None:
    with client(given) as ours:
        assert ours.root == root
    assert api_url(given) == given
