from sympy.halves.tests.test_halves import half


def test_even():
    assert half(0) == 0
