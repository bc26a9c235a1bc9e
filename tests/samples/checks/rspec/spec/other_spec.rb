# frozen_string_literal: true

RSpec.describe '#half' do
  it('is right for even') { expect(half(0)).to eq 0 }
end
