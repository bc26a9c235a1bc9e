test('even', () => {})
