"""Cyclic garbage is not looked for while much is built, and is again afterwards."""

import gc

import pytest

from tools.code import collection


@pytest.fixture(autouse=True)
def was_on():
    gc.enable()
    yield
    gc.enable()


def test_it_is_off_within_and_on_again_after() -> None:
    with collection.put_off():
        assert not gc.isenabled()
        with collection.put_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    @collection.put_off()
    def fails() -> None:
        assert not gc.isenabled()
        raise ValueError("no list")

    for _ in range(2):
        with pytest.raises(ValueError, match="no list"):
            fails()
        assert gc.isenabled()


def test_who_has_switched_it_off_keeps_it_off() -> None:
    gc.disable()
    with collection.put_off():
        pass
    assert not gc.isenabled()
