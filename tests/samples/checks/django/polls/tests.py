import unittest

from django.test import SimpleTestCase, TestCase

from polls.models import Choice


class HalfTest(TestCase):
    def test_even(self):
        choice = Choice.objects.create(text="yes", votes=4)
        self.assertEqual(Choice.objects.get().half(), choice.votes / 2)

    def test_odd(self):
        self.assertEqual(Choice.objects.create(text="no", votes=3).half(), 1.5, "half of three")

    def test_text(self):
        Choice.objects.create(text="none", votes="three")

    @unittest.skip("not yet")
    def test_huge(self):
        pass

    def test_parts(self):
        for votes in (2, 5):
            with self.subTest(votes=votes):
                self.assertEqual(Choice(votes=votes).half() * 2, votes)


class BrokenClassTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        raise OSError("no such device")

    def test_never(self):
        pass


class SimpleHalfTest(SimpleTestCase):
    def test_even(self):
        self.assertEqual(Choice(votes=0).half(), 0)
