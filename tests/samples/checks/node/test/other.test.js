require('node:test')('even', () => {})
