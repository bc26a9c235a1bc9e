"""Samples in Ruby, PHP and Perl."""

from samples.checks.shape import ODD, PASSED, SKIPPED, Hang, Sample, program_missing

_SPEC = "spec/half_spec.rb::#half"
_SPEC_HANG = """
RSpec.describe 'hang' do
  it('ends') {}
  it 'hangs' do
    File.write('hanging', '')
    sleep
  end
end
"""

RSPEC = Sample(
    framework="RSpec",
    folder="rspec",
    command="rspec",
    expected={
        f"{_SPEC} is right for even": PASSED,
        f"{_SPEC} is right for odd": ("failed", "half of three"),
        f"{_SPEC} refuses text": ("error", "no half of three"),
        f"{_SPEC} is right for huge": SKIPPED,
        f"{_SPEC} is known": ("skipped", "some day"),
        f"{_SPEC} is mended": ("failed", "Expected example to fail"),
        f"{_SPEC} when deep {ODD}": PASSED,
        f"{_SPEC} when deep of 2": PASSED,
        f"{_SPEC} when deep of 5": ("failed", "expected: 5"),
        f"{_SPEC} when broken never runs": ("error", "no such device"),
        f"{_SPEC} when broken as a whole never runs": ("error", "no such device"),
        "spec/other_spec.rb::#half is right for even": PASSED,
    },
    chosen=[f"{_SPEC} when deep {ODD}", f"{_SPEC} is right for odd"],
    whole=(f"{_SPEC} when deep", 3),
    gone=f"{_SPEC} is gone",
    missing=program_missing("rspec"),
    hang=Hang(
        {"spec/hang_spec.rb": _SPEC_HANG},
        "spec/hang_spec.rb::hang ends",
        "spec/hang_spec.rb::hang hangs",
    ),
    broken={"spec/unloadable_spec.rb": "require 'nothing_of_this_name'\n"},
)

_MINITEST_HANG = """
require 'minitest/autorun'

class HangTest < Minitest::Test
  i_suck_and_my_tests_are_order_dependent!

  def test_1_ends; end

  def test_2_hangs
    File.write('hanging', '')
    sleep
  end
end
"""

MINITEST = Sample(
    framework="Minitest",
    folder="minitest",
    command="rake test",
    expected={
        "test/half_test.rb::HalfTest#test_even": PASSED,
        "test/half_test.rb::HalfTest#test_odd": ("failed", "half of three"),
        "test/half_test.rb::HalfTest#test_text": ("error", "no half of three"),
        "test/half_test.rb::HalfTest#test_huge": SKIPPED,
        "test/half_test.rb::HalfTest#test_of 2": PASSED,
        "test/half_test.rb::HalfTest#test_of 5": ("failed", "Expected: 5"),
        "test/half_test.rb::BrokenTest#test_never": ("error", "no such device"),
        f"test/half_test.rb::half::deep#test_0001_{ODD}": PASSED,
        "test/other_test.rb::OtherTest#test_even": PASSED,
    },
    chosen=[
        f"test/half_test.rb::half::deep#test_0001_{ODD}",
        "test/half_test.rb::HalfTest#test_of 5",
    ],
    whole=("test/half_test.rb::HalfTest", 6),
    gone="test/half_test.rb::HalfTest#test_gone",
    missing=program_missing("rake", "ruby"),
    hang=Hang(
        {"test/hang_test.rb": _MINITEST_HANG},
        "test/hang_test.rb::HangTest#test_1_ends",
        "test/hang_test.rb::HangTest#test_2_hangs",
    ),
    broken={"test/unloadable_test.rb": "require 'nothing_of_this_name'\n"},
)

_PHP_HANG = """<?php

final class HangTest extends PHPUnit\\Framework\\TestCase
{
    public function test1Ends(): void
    {
        $this->assertTrue(true);
    }

    public function test2Hangs(): void
    {
        file_put_contents('hanging', '');
        sleep(3600);
    }
}
"""

PHPUNIT = Sample(
    framework="PHPUnit",
    folder="phpunit",
    command="phpunit",
    expected={
        "tests/HalfTest.php::testEven": PASSED,
        "tests/HalfTest.php::testOdd": ("failed", "half of three"),
        "tests/HalfTest.php::testText": ("error", "no half of -1"),
        "tests/HalfTest.php::testHuge": SKIPPED,
        "tests/HalfTest.php::testKnown": ("skipped", "some day"),
        f'tests/HalfTest.php::testParts with data set "{ODD}"': PASSED,
        "tests/HalfTest.php::testParts with data set #0": ("failed", "4 is identical to 5"),
        "tests/BrokenTest.php::testNever": ("error", "no such device"),
        "tests/OtherTest.php::testEven": PASSED,
    },
    chosen=[
        f'tests/HalfTest.php::testParts with data set "{ODD}"',
        "tests/HalfTest.php::testOdd",
    ],
    whole=("tests/HalfTest.php::testParts", 2),
    gone="tests/HalfTest.php::testGone",
    missing=program_missing("phpunit", "php"),
    hang=Hang(
        {"tests/HangTest.php": _PHP_HANG},
        "tests/HangTest.php::test1Ends",
        "tests/HangTest.php::test2Hangs",
    ),
    broken={"tests/UnloadableTest.php": "<?php\n\nnothing_of_this_name();\n"},
)

PROVE = Sample(
    framework="prove",
    folder="prove",
    command="prove --merge --lib --recurse t",
    expected={
        "t/half.t::even": PASSED,
        "t/half.t::odd": ("failed", "expected: '1.5'"),
        "t/half.t::test 3": SKIPPED,
        "t/half.t::known": ("skipped", "some day"),
        "t/half.t::parts > of 2": PASSED,
        "t/half.t::parts > of 5": ("failed", "expected: '5'"),
        "t/half.t::parts": ("failed", ""),
        f"t/half.t::{ODD.replace('é', 'e')}": PASSED,
        "t/other.t::even": PASSED,
        "t/other.t": ("failed", "2 tests were planned"),
    },
    chosen=[f"t/half.t::{ODD.replace('é', 'e')}", "t/half.t::odd"],
    whole=("t/half.t::parts", 3),
    gone="t/half.t::gone",
    missing=program_missing("prove", "perl"),
    broken={"t/unloadable.t": "use NothingOfThisName;\n"},
)
