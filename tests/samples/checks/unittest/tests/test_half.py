import unittest

from half import half


class HalfTest(unittest.TestCase):
    def test_even(self):
        self.assertEqual(half(4), 2)

    def test_odd(self):
        self.assertEqual(half(3), 1.5, "half of three")

    def test_text(self):
        half("three")

    @unittest.skip("not yet")
    def test_huge(self):
        half(10**400)

    @unittest.expectedFailure
    def test_known(self):
        self.assertEqual(half(1), 0.5)

    @unittest.expectedFailure
    def test_mended(self):
        self.assertEqual(half(2), 1)

    def test_parts(self):
        for number in (2, 5):
            with self.subTest(number=number):
                self.assertEqual(half(number) * 2, number)


class BrokenClassTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no such device")

    def test_never(self):
        pass


@unittest.skipIf(True, "not on this machine")
class SkippedClassTest(unittest.TestCase):
    def test_never(self):
        pass
