# frozen_string_literal: true

require 'minitest/autorun'
require 'half'

class OtherTest < Minitest::Test
  def test_even
    assert_equal 0, half(0)
  end
end
