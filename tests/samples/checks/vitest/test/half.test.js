import { beforeAll, describe, expect, it, test } from 'vitest'

import { half } from '../half.js'

test('even', () => expect(half(4)).toBe(2))
test('odd', () => expect(half(3)).toBe(1.5))
test('text', () => half('three'))
test.skip('huge', () => {})
test.todo('known')

describe('half', () => {
  it('even', () => expect(half(0)).toBe(0))
  describe('deep', () => {
    it('it\'s "odd" [x] / é $HOME (1+1) > 2', () => expect(half(6)).toBe(3))
    it.each([2, 5])('of %d', number => expect(half(number) * 2).toBe(number))
  })
})

describe('broken', () => {
  beforeAll(() => { throw new Error('no such device') })
  it('never', () => {})
})
