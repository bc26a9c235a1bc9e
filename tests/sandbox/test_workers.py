"""The pool: what a hostile item does to it, and what it does not."""

import os
from pathlib import Path

import pytest

from sandbox.base import MIB
from sandbox.process import ProcessFailed
from sandbox.worker import frame, unframe
from sandbox.workers import Workers

FRAGILE = "tests.doubles.fragile:answer"


def answers(items, **options):
    options = {"count": 2, "cpu_seconds": 0.5, **options}
    with Workers(FRAGILE, **options) as workers:
        return dict(workers.map(items))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_every_item_has_its_answer():
    items = [b"x%d" % number for number in range(1_000)]
    assert answers(items) == {number: item[::-1] for number, item in enumerate(items)}


def test_nothing_to_do_starts_nothing():
    with Workers("no.such.module:name", count=2) as workers:
        assert list(workers.map([])) == []


def test_large_items_and_answers_pass_both_ways_at_once():
    items = [bytes([number]) * 3 * MIB for number in range(1, 7)]
    assert answers(items) == dict(enumerate(items))


def test_one_item_starts_one_process():
    with Workers(FRAGILE, count=8) as workers:
        pids = {body for _ in range(3) for _, body in workers.map([b"who"])}
    assert len(pids) == 1


def test_several_batches_are_shared_out():
    with Workers(FRAGILE, count=2) as workers:
        pids = {body for _, body in workers.map([b"who"] * 1_000)}
    assert len(pids) == 2


@pytest.mark.parametrize("failure", [b"crash", b"loop", b"raise"])
def test_an_item_that_ends_its_process_costs_no_other_its_answer(failure: bytes):
    items = [b"a%d" % number for number in range(200)]
    items[70] = failure
    expected = {number: item[::-1] for number, item in enumerate(items)}
    assert answers(items) == expected | {70: None}


def test_nothing_but_failures_is_survived():
    assert answers([b"crash"] * 30) == dict.fromkeys(range(30))


def test_a_process_that_died_once_is_given_the_benefit_of_the_doubt(tmp_path: Path):
    item = b"once " + os.fsencode(tmp_path / "mark")
    assert answers([item]) == {0: item[::-1]}


def test_an_item_that_waits_without_working_is_ended_by_the_clock():
    assert answers([b"sleep", b"b"], wall_seconds=0.5, count=1) == {0: None, 1: b"b"}


def test_an_item_that_asks_for_too_much_memory_is_given_up():
    items = [b"fill %d" % (4096 * MIB), b"fill 5"]
    assert answers(items, memory=1024 * MIB) == {0: None, 1: bytes(5)}


def test_what_is_printed_gets_not_between_the_answers():
    assert answers([b"print", b"c"]) == {0: b"tnirp", 1: b"c"}


def test_a_process_knows_nothing_of_where_it_was_started(monkeypatch):
    monkeypatch.setenv("PATCHWRIGHT_CANARY", "secret")
    folder, variables, descriptors = eval(answers([b"where"])[0])
    assert folder == "/"
    assert "PATCHWRIGHT_CANARY" not in variables
    assert descriptors <= 6  # three pipes, the copy of one, the listing itself


def test_a_function_that_is_not_there_is_our_bug_and_raised():
    with (
        Workers("tests.doubles.fragile:missing", count=2) as workers,
        pytest.raises(ProcessFailed, match="missing"),
    ):
        list(workers.map([b"x"]))


def test_a_map_that_is_left_early_ends_what_it_started():
    with Workers(FRAGILE, count=2) as workers:
        running = workers.map(b"who" for _ in range(100_000))
        _, body = next(running)
        running.close()
        assert not is_alive(int(body))
        assert dict(workers.map([b"again"])) == {0: b"niaga"}


def test_items_are_taken_as_processes_can_take_them():
    taken = 0

    def source():
        nonlocal taken
        for _ in range(10_000):
            taken += 1
            yield b"d"

    with Workers(FRAGILE, count=1) as workers:
        running = workers.map(source())
        next(running)
        assert taken < 500
        running.close()


def test_closing_ends_every_process():
    with Workers(FRAGILE, count=2) as workers:
        pids = {int(body) for _, body in workers.map([b"who"] * 500)}
    assert not [pid for pid in pids if is_alive(pid)]


def test_a_source_that_fails_is_seen():
    def source():
        yield b"e"
        raise LookupError("the source broke")

    with Workers(FRAGILE, count=1) as workers, pytest.raises(LookupError, match="source broke"):
        list(workers.map(source()))


def test_frames_come_out_as_they_went_in_however_they_are_cut():
    batches = [[b"", b"a" * 300, b"b"], [b"c"], [b"", b""]]
    whole = b"".join(map(frame, batches))
    for size in (1, 3, 7, len(whole)):
        buffer, found = bytearray(), []
        for start in range(0, len(whole), size):
            buffer += whole[start : start + size]
            while (batch := unframe(buffer)) is not None:
                found.append(batch)
        assert found == batches
        assert not buffer
