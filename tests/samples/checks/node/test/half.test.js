const assert = require('node:assert')
const { before, describe, it, test } = require('node:test')

const { half } = require('../half.js')

test('even', () => assert.strictEqual(half(4), 2))
test('odd', () => assert.strictEqual(half(3), 1.5, 'half of three'))
test('text', () => half('three'))
test('huge', { skip: 'not yet' }, () => {})
test('known', { todo: 'some day' }, () => assert.strictEqual(half(1), 0.5))
test('parts', async t => {
  await t.test('two', () => assert.strictEqual(half(2), 1))
  await t.test('five', () => assert.strictEqual(half(5), 2.5))
})

describe('half', () => {
  it('even', () => assert.strictEqual(half(0), 0))
  describe('deep', () => {
    it('it\'s "odd" [x] / é $HOME (1+1) > 2', () => assert.strictEqual(half(6), 3))
  })
})

describe('broken', () => {
  before(() => { throw new Error('no such device') })
  it('never', () => {})
})
