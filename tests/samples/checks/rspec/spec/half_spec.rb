# frozen_string_literal: true

RSpec.describe '#half' do
  it('is right for even') { expect(half(4)).to eq 2 }
  it('is right for odd') { expect(half(3)).to eq(1.5), 'half of three' }
  it('refuses text') { half('three') }
  it('is right for huge', skip: 'not yet') {}

  it 'is known' do
    pending 'some day'
    expect(half(1)).to eq 0.5
  end

  it 'is mended' do
    pending 'some day'
    expect(half(2)).to eq 1
  end

  context 'when deep' do
    it(%q(it's "odd" [x] / é $HOME (1+1))) { expect(half(6)).to eq 3 }
    [2, 5].each { |number| it("of #{number}") { expect(half(number) * 2).to eq number } }
  end

  context 'when broken' do
    before { raise IOError, 'no such device' }

    it('never runs') {}
  end

  context 'when broken as a whole' do
    before(:context) { raise IOError, 'no such device' }

    it('never runs') {}
  end
end
