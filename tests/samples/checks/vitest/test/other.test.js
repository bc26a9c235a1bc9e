import { test } from 'vitest'

test('even', () => {})
