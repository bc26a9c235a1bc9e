"""Ruby's test-unit, which the same tasks run as Minitest, and what its tests start themselves."""

import shutil
import subprocess

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Report, Request
from tools.checks.run import run_checks

TESTS = """
    require 'test/unit'

    class HalfTest < Test::Unit::TestCase
      def test_1_even
        assert_equal(2, 4 / 2)
      end

      def test_2_odd
        assert_equal(1.5, 3 / 2, 'half of three')
      end

      def test_3_text
        Integer('three')
      end

      def test_4_huge
        omit('not yet')
      end

      def test_5_known
        pend('some day')
      end

      data('two' => 2, 'five' => 5)
      def test_6_parts(number)
        assert_equal(number, number / 2 * 2)
      end
    end
"""

NESTING = """
    require 'test/unit'

    class NestingTest < Test::Unit::TestCase
      def test_starts
        assert(system('ruby test/half_test.rb > /dev/null') == false)
      end
    end
"""

ALL = [
    ("test_1_even", "passed"),
    ("test_2_odd", "failed"),
    ("test_3_text", "error"),
    ("test_4_huge", "skipped"),
    ("test_5_known", "skipped"),
    ("test_6_parts[five]", "failed"),
    ("test_6_parts[two]", "passed"),
]


def told(report: Report) -> list[tuple[str, str]]:
    prefix = "test/half_test.rb::HalfTest#"
    return [(case.name.removeprefix(prefix), case.outcome.value) for case in report.cases]


@pytest.fixture(scope="module")
def box(make_box: MakeBox) -> LocalBox:
    ruby = shutil.which("ruby", path="/usr/bin:/bin")
    if ruby is None or subprocess.run([ruby, "-e", "require 'test/unit'; exit!(true)"]).returncode:
        pytest.skip("test-unit: ruby-test-unit not installed")
    rakefile = "require 'rake/testtask'\nRake::TestTask.new(:test) { |t| t.pattern = 'test/h*' }\n"
    files = {"test/half_test.rb": TESTS, "test/nesting_test.rb": NESTING, "Rakefile": rakefile}
    return make_box(files)


def test_every_way_a_test_can_end(box: LocalBox) -> None:
    report = run_checks(box, Request("ruby test/half_test.rb"))
    assert sorted(told(report)) == ALL
    messages = {case.name: case.message for case in report.broken}
    assert "half of three" in messages["test/half_test.rb::HalfTest#test_2_odd"]


def test_it_is_seen_through_rake_and_through_a_script(box: LocalBox) -> None:
    assert sorted(told(run_checks(box, Request("rake test")))) == ALL
    assert sorted(told(run_checks(box, Request("sh -c 'rake test'")))) == ALL


def test_tests_are_chosen(box: LocalBox) -> None:
    names = [f"test/half_test.rb::HalfTest#{name}" for name in ("test_1_even", "test_6_parts[two]")]
    report = run_checks(box, Request("rake test", tests=names))
    assert sorted(told(report)) == [("test_1_even", "passed"), ("test_6_parts[two]", "passed")]


def test_the_first_failure_is_the_last_test(box: LocalBox) -> None:
    report = run_checks(box, Request("rake test", stop_early=True))
    assert len(report.broken) == 1


def test_what_a_test_starts_is_not_reported(box: LocalBox) -> None:
    report = run_checks(box, Request("ruby test/nesting_test.rb"))
    assert told(report) == [("test/nesting_test.rb::NestingTest#test_starts", "passed")]
