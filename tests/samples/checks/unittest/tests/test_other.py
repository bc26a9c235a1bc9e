import unittest

from half import half


class HalfTest(unittest.TestCase):
    def test_even(self):
        self.assertEqual(half(0), 0)
