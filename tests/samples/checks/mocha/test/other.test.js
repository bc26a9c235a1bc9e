it('even', () => {})
