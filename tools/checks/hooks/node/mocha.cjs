'use strict'

// A reporter for Mocha: https://mochajs.org/api/tutorial-custom-reporter.html
// It leaves the tests that were asked for before the runner runs them.

const { settings, write, nameOf, asksFor, textOf } = require('./report.cjs')

// A test of a worker of `--parallel` has come as a copy, with its titles and no suites.
function nameOfTest(test) {
  return nameOf(test.file, typeof test.titlePath === 'function' ? test.titlePath() : [test.title])
}

class MochaReporter {
  constructor(runner) {
    this.coverage = settings.coverage ? require('./coverage.cjs') : null
    this.passed = this.failed = this.skipped = 0
    if (settings.tests.length) this.leaveAskedFor(runner)
    runner.on('test', test => this.begin(test))
    runner.on('pass', test => this.end(test, 'passed'))
    runner.on('pending', test => this.end(test, 'skipped'))
    runner.on('fail', (test, error) => this.fail(test, error))
    runner.on('end', () => this.summarise())
  }

  leaveAskedFor(runner) {
    const prune = suite => {
      suite.tests = suite.tests.filter(test => asksFor(nameOfTest(test)))
      suite.suites.forEach(prune)
      suite.suites = suite.suites.filter(inner => inner.total() > 0)
    }
    prune(runner.suite)
    runner.total = runner.suite.total()
  }

  begin(test) {
    this.last = nameOfTest(test)
    if (this.coverage) this.coverage.begin()
    write('start', this.last)
  }

  fail(test, error) {
    if (test.type !== 'hook') {
      this.end(test, 'failed', textOf(error))
      return
    }
    // `"before each" hook for "even"` broke that test, `"before all" hook` the whole suite.
    const file = test.file || (test.parent && test.parent.file)
    const each = / each" hook/.test(test.title)
    const name = each ? this.last : nameOf(file, test.titlePath().slice(0, -1))
    this.failed += 1
    write('case', name, 'error', 0, textOf(test.title + '\n' + textOf(error)))
    console.log('not ok - ' + name)
  }

  end(test, outcome, message) {
    this[outcome] += 1
    if (this.coverage && outcome !== 'skipped') this.coverage.end(outcome === 'failed')
    write('case', nameOfTest(test), outcome, (test.duration || 0) / 1000, message || '')
    console.log((outcome === 'failed' ? 'not ok - ' : 'ok - ') + nameOfTest(test))
    if (message) console.log(message)
  }

  summarise() {
    console.log(`${this.passed} passing, ${this.failed} failing, ${this.skipped} pending`)
  }
}

module.exports = MochaReporter
