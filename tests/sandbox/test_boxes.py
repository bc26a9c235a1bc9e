"""Boxes one after another: each fresh, each closed, none left, whatever fails between."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from sandbox.base import Limits, Sandbox, SandboxLost
from sandbox.boxes import Boxes
from sandbox.host import HostProvider


class Watched:
    """The host's own boxes, counted as they start and end."""

    name = "watched"
    bounds = "none"

    def __init__(self) -> None:
        self.started: list[Sandbox] = []
        self.closed: list[Sandbox] = []
        self.second = threading.Event()
        self.fails = False
        self.cannot_close = False
        self._real = HostProvider()

    def check(self) -> None:
        self._real.check()

    def remove_leftovers(self) -> int:
        return 0

    def start(self, limits: Limits, *, run: str) -> Sandbox:
        if self.fails:
            raise SandboxLost("no box today")
        box = self._real.start(limits, run=run)
        close = box.close

        def closing() -> None:
            close()
            self.closed.append(box)
            if self.cannot_close:
                raise SandboxLost("something is left")

        box.close = closing  # type: ignore[method-assign]
        self.started.append(box)
        if len(self.started) == 2:
            self.second.set()
        return box


@pytest.fixture
def provider() -> Watched:
    return Watched()


@pytest.fixture
def boxes(provider: Watched) -> Iterator[Boxes]:
    with Boxes(partial(provider.start, Limits(), run="test")) as boxes:
        yield boxes


def written(boxes: Boxes) -> str:
    """What a box holds that others have written to."""
    with boxes.fresh() as box:
        box.run(["sh", "-c", "echo x >> file"], timeout=10)
        return box.run(["cat", "file"], timeout=10).stdout.data.decode()


@pytest.mark.parametrize("hurry", [True, False])
def test_each_box_is_used_once_and_closed(boxes: Boxes, provider: Watched, hurry: bool) -> None:
    if hurry:
        with boxes.hurrying():
            seen = [written(boxes) for _ in range(4)]
    else:
        seen = [written(boxes) for _ in range(4)]
    assert seen == ["x\n"] * 4
    boxes.close()
    assert len(provider.started) == (5 if hurry else 4)
    assert {id(box) for box in provider.started} == {id(box) for box in provider.closed}


def test_the_next_box_is_started_while_one_is_used(boxes: Boxes, provider: Watched) -> None:
    with boxes.hurrying(), boxes.fresh():
        assert provider.second.wait(timeout=20)


def test_what_one_did_not_need_another_takes(boxes: Boxes, provider: Watched) -> None:
    with boxes.hurrying():
        with boxes.hurrying(), boxes.fresh():
            assert provider.second.wait(timeout=20)
        box = boxes.take()
        assert box is provider.started[1]
        boxes.end(box)
    boxes.close()
    assert {id(box) for box in provider.started} == {id(box) for box in provider.closed}


def test_several_threads_never_get_the_same_box(boxes: Boxes, provider: Watched) -> None:
    with ThreadPoolExecutor(4) as pool, boxes.hurrying():
        seen = list(pool.map(lambda _: written(boxes), range(12)))
    assert seen == ["x\n"] * 12
    boxes.close()
    assert len(provider.started) == len(provider.closed) >= 12


def test_a_box_that_did_not_start_beside_is_an_error_of_the_one_who_wants_it(
    boxes: Boxes, provider: Watched
) -> None:
    with boxes.hurrying():
        with boxes.fresh():
            assert provider.second.wait(timeout=20)
            provider.fails = True
        written(boxes)
        with pytest.raises(SandboxLost, match="no box today"):
            written(boxes)


def test_a_spare_that_nobody_came_to_want_and_did_not_start_is_no_error(provider: Watched) -> None:
    with (
        Boxes(partial(provider.start, Limits(), run="test")) as boxes,
        boxes.hurrying(),
        boxes.fresh(),
    ):
        provider.fails = True
    assert len(provider.closed) == len(provider.started)


def test_what_could_not_be_closed_is_told_at_the_end(provider: Watched) -> None:
    boxes = Boxes(partial(provider.start, Limits(), run="test"))
    provider.cannot_close = True
    with boxes.fresh():
        pass
    with pytest.raises(SandboxLost, match="something is left"):
        boxes.close()
    boxes.close()


def test_an_error_in_the_block_closes_the_box_too(boxes: Boxes, provider: Watched) -> None:
    with pytest.raises(ZeroDivisionError), boxes.fresh():
        raise ZeroDivisionError
    boxes.close()
    assert len(provider.closed) == 1
