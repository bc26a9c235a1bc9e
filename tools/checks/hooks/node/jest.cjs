'use strict'

// A reporter for Jest: https://jestjs.io/docs/configuration#custom-reporters
// Cases are told as they end, and again when their file has ended, as one may be tried again.

const { write, relative, nameOf, textOf } = require('./report.cjs')

const OUTCOMES = { passed: 'passed', failed: 'failed' }

class JestReporter {
  onTestFileStart(test) {
    write('start', relative(test.path))
  }

  onTestStart(test) {
    this.onTestFileStart(test)
  }

  onTestCaseResult(test, result) {
    this.tell('soon', test.path, result)
  }

  onTestResult(test, results) {
    for (const result of results.testResults) this.tell('case', test.path, result)
    const failed = results.testExecError || (results.failureMessage && !results.testResults.length)
    if (failed) {
      const message = results.failureMessage || results.testExecError
      write('case', relative(test.path), 'error', 0, textOf(message))
    } else {
      write('leave', relative(test.path))
    }
  }

  tell(event, file, result) {
    const outcome = OUTCOMES[result.status] || 'skipped'
    const titles = [...result.ancestorTitles, result.title]
    const message = outcome === 'failed' ? textOf(result.failureMessages.join('\n')) : ''
    write(event, nameOf(file, titles), outcome, (result.duration || 0) / 1000, message)
  }
}

module.exports = JestReporter
