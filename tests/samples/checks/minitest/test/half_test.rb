# frozen_string_literal: true

require 'minitest/autorun'
require 'half'

class HalfTest < Minitest::Test
  def test_even
    assert_equal 2, half(4)
  end

  def test_odd
    assert_equal 1.5, half(3), 'half of three'
  end

  def test_text
    half('three')
  end

  def test_huge
    skip 'not yet'
  end

  [2, 5].each do |number|
    define_method("test_of #{number}") { assert_equal number, half(number) * 2 }
  end
end

class BrokenTest < Minitest::Test
  def setup
    raise IOError, 'no such device'
  end

  def test_never; end
end

describe 'half' do
  describe 'deep' do
    it(%q(it's "odd" [x] / é $HOME (1+1))) { _(half(6)).must_equal 3 }
  end
end
