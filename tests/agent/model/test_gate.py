"""Conversations that share a server wait for each other where its cache cannot hold them all."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.model.base import UserMessage
from agent.model.gate import Gate
from agent.model.openai import OpenAIModel
from doubles.scripted_server import Answer, ScriptedServer, completion, served

ROOT = Path(__file__).parents[3]
MakeGate = Callable[..., Gate]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[MakeGate]:
    with ExitStack() as stack:

        def make(
            capacity: int = 100, warm_seconds: float = 60.0, longest_wait: float = 60.0
        ) -> Gate:
            made = Gate(
                tmp_path, "http://server", capacity, warm_seconds=warm_seconds,
                longest_wait=longest_wait, pause=lambda seconds: time.sleep(seconds / 20),
            )  # fmt: skip
            stack.callback(made.close)
            return made

        yield make


class Request:
    """A request in a thread, which is answered when the test says so."""

    def __init__(self, gate: Gate, conversation: str, tokens: int) -> None:
        self.entered = threading.Event()
        self.answered = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(gate, conversation, tokens))
        self._thread.start()

    def _run(self, gate: Gate, conversation: str, tokens: int) -> None:
        with gate.admitted(conversation, tokens):
            self.entered.set()
            assert self.answered.wait(20)

    def end(self) -> None:
        assert self.entered.wait(20)
        self.answered.set()
        self._thread.join(20)


def waits(request: Request) -> bool:
    return not request.entered.wait(0.1)


def test_what_fits_goes_at_once_and_what_does_not_waits(gate: MakeGate) -> None:
    shared = gate(warm_seconds=0.0)
    first, second = Request(shared, "a", 60), Request(shared, "b", 40)
    assert not waits(first)
    assert not waits(second)
    third = Request(shared, "c", 10)
    assert waits(third)
    first.end()
    assert not waits(third)
    second.end()
    third.end()


def test_processes_see_each_other(gate: MakeGate) -> None:
    one, other = gate(warm_seconds=0.0), gate(warm_seconds=0.0)
    first = Request(one, "a", 60)
    assert not waits(first)
    second = Request(other, "b", 60)
    assert waits(second)
    first.end()
    second.end()


def test_a_conversation_keeps_its_room_between_turns(gate: MakeGate) -> None:
    one, other = gate(), gate()
    Request(one, "a", 60).end()
    newcomer = Request(other, "b", 60)
    assert waits(newcomer)
    one.close()
    newcomer.end()


def test_who_has_room_goes_on_before_who_waits_for_some(gate: MakeGate) -> None:
    one, other = gate(), gate()
    Request(one, "a", 60).end()
    newcomer = Request(other, "b", 60)
    assert waits(newcomer)
    for tokens in (70, 80):
        Request(one, "a", tokens).end()
    assert waits(newcomer)
    one.close()
    newcomer.end()


def test_nobody_waits_for_ever(gate: MakeGate) -> None:
    Request(gate(), "a", 60).end()
    Request(gate(longest_wait=0.3), "b", 60).end()


def test_the_next_turn_takes_the_place_of_the_last(gate: MakeGate) -> None:
    one = gate()
    for tokens in (60, 80, 100):
        Request(one, "a", tokens).end()


def test_who_has_been_away_too_long_loses_its_room(gate: MakeGate) -> None:
    one, other = gate(warm_seconds=0.2), gate(warm_seconds=0.2)
    Request(one, "a", 60).end()
    newcomer = Request(other, "b", 60)
    newcomer.end()


def test_who_came_first_goes_first(gate: MakeGate) -> None:
    shared = gate(warm_seconds=0.0)
    first = Request(shared, "a", 60)
    assert not waits(first)
    large = Request(shared, "b", 90)
    assert waits(large)
    small = Request(shared, "c", 10)
    assert waits(small)
    first.end()
    large.end()
    small.end()


def test_one_that_is_larger_than_all_goes_alone(gate: MakeGate) -> None:
    shared = gate(warm_seconds=0.0)
    huge = Request(shared, "a", 1000)
    assert not waits(huge)
    huge.end()


def test_room_of_a_request_that_failed_is_free(gate: MakeGate) -> None:
    shared = gate()
    with pytest.raises(ValueError, match="failed"), shared.admitted("a", 100):
        raise ValueError("failed")
    Request(shared, "b", 100).end()


def test_nobody_waits_after_the_closing(gate: MakeGate) -> None:
    shared, other = gate(), gate()
    Request(other, "a", 100).end()
    waiting = Request(shared, "b", 100)
    assert waits(waiting)
    shared.close()
    waiting.end()


def test_room_of_a_process_that_was_killed_is_free(gate: MakeGate, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from agent.model.gate import Gate\n"
        "with Gate(Path(sys.argv[1]), 'http://server', 100).admitted('a', 100):\n"
        "    print('in', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        request = Request(gate(), "b", 100)
        assert waits(request)
        process.kill()
        process.wait()
        request.end()


METRICS = """\
# TYPE vllm:cache_config_info gauge
vllm:cache_config_info{block_size="16",cache_dtype="auto",num_gpu_blocks="100"} 1.0
"""


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (METRICS, 1600),
        (METRICS.replace("cache_dtype", 'kv_cache_size_tokens="900",cache_dtype'), 900),
        (METRICS + METRICS, 3200),
        (METRICS.replace("100", "None"), None),
        ("nothing", None),
        ("", None),
    ],
)
def test_the_server_says_how_much_it_holds(tmp_path: Path, page: str, told: int | None) -> None:
    asked: list[tuple[str, int | None]] = []

    def make(url: str, tokens: int | None, pause: Callable[[float], None]) -> Gate | None:
        asked.append((url, tokens))
        return Gate(tmp_path, url, tokens or 50, pause=pause)

    pages = {"/metrics": Answer(page)} if page else {}
    with (
        ScriptedServer([completion("a"), completion("b")], pages=pages) as server,
        OpenAIModel(server.url, calls="native", gate=make) as model,
    ):
        for _ in range(2):
            assert model.reply([UserMessage(content="hm")], []).notices == []
        assert asked == [(server.url, told)]


def test_vllm_is_told_which_conversation_is_the_longest() -> None:
    listed = served("scripted")
    listed["data"][0]["owned_by"] = "vllm"
    said = completion("a")
    with (
        ScriptedServer([said, Answer({"error": {"message": "Got priority -1 but priority"
                                                " scheduling is not enabled."}}, 400), said],
                       models=listed) as server,
        OpenAIModel(server.url, calls="native") as model,
    ):  # fmt: skip
        first = [UserMessage(content="hm")]
        reply = model.reply(first, [])
        again = model.reply([*first, reply.message, *first], [])
        assert [post.get("priority") for post in server.posts] == [None, -1, None]
        assert "does without a priority" in again.notices[0]
