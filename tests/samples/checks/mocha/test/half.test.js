const assert = require('node:assert')

const { half } = require('../half.js')

it('even', () => assert.strictEqual(half(4), 2))
it('odd', () => assert.strictEqual(half(3), 1.5, 'half of three'))
it('text', () => half('three'))
it.skip('huge', () => {})
it('known')

describe('half', () => {
  it('even', () => assert.strictEqual(half(0), 0))
  describe('deep', () => {
    it('it\'s "odd" [x] / é $HOME (1+1) > 2', () => assert.strictEqual(half(6), 3))
    for (const number of [2, 5]) {
      it(`of ${number}`, () => assert.strictEqual(half(number) * 2, number))
    }
  })
})

describe('broken', () => {
  before(() => { throw new Error('no such device') })
  it('never', () => {})
})

describe('broken each', () => {
  beforeEach(() => { throw new Error('no such device') })
  it('never', () => {})
})
