# frozen_string_literal: true

def half(number)
  raise ArgumentError, "no half of #{number}" unless number.is_a?(Integer)

  number / 2
end
