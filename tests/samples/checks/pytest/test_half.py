import pytest
from half import half


def test_even():
    assert half(4) == 2


def test_odd():
    assert half(3) == 1.5, "half of three"


@pytest.fixture
def device():
    raise OSError("no such device")


def test_never(device):
    pass


@pytest.mark.skip(reason="not yet")
def test_huge():
    pass


@pytest.mark.parametrize("number", [2, 5], ids=['it\'s "odd" [x] / é $HOME (1+1)', "five"])
def test_parts(number):
    assert half(number) * 2 == number
