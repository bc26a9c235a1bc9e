// A reporter for Vitest: https://vitest.dev/advanced/reporters
// Version 3 tells of each test as it ends; older ones are asked when all have.

import report from './report.cjs'

const { write, relative, nameOf, textOf } = report

const OUTCOMES = { passed: 'passed', pass: 'passed', failed: 'failed', fail: 'failed' }

export default class VitestReporter {
  told = new Set()

  onTestModuleStart(module) {
    write('start', relative(module.moduleId))
  }

  onTestCaseReady(test) {
    write('start', nameOf(test.module.moduleId, titlesOf(test)))
  }

  onTestCaseResult(test) {
    const result = test.result()
    const { duration = 0 } = test.diagnostic() || {}
    // It never ran, as what it needs is broken, or as the run was to stop.
    if (result.state === 'pending') {
      write('leave', nameOf(test.module.moduleId, titlesOf(test)))
      return
    }
    this.tell(nameOf(test.module.moduleId, titlesOf(test)), result.state, duration, result.errors)
  }

  onTestSuiteResult(suite) {
    this.tellBroken(nameOf(suite.module.moduleId, titlesOf(suite)), suite.errors())
  }

  onTestModuleEnd(module) {
    this.told.add(module.moduleId)
    if (!this.tellBroken(relative(module.moduleId), module.errors())) {
      write('leave', relative(module.moduleId))
    }
  }

  // A file that could not be loaded never begins, so it does not end.
  onTestRunEnd(modules) {
    modules.filter(module => !this.told.has(module.moduleId)).forEach(module => this.onTestModuleEnd(module))
  }

  onFinished(files) {
    for (const file of files || []) {
      if (this.told.has(file.filepath)) continue
      this.tellBroken(relative(file.filepath), file.result && file.result.errors)
      this.tellTasks(file.filepath, file.tasks, [])
    }
  }

  tellTasks(file, tasks, outer) {
    for (const task of tasks) {
      const titles = [...outer, task.name]
      const { state = task.mode, duration = 0, errors = [] } = task.result || {}
      if (task.type === 'suite') {
        this.tellBroken(nameOf(file, titles), errors)
        this.tellTasks(file, task.tasks, titles)
      } else if (task.result || task.mode !== 'run') {
        this.tell(nameOf(file, titles), state, duration, errors)
      }
    }
  }

  tell(name, state, duration, errors) {
    const outcome = OUTCOMES[state] || 'skipped'
    const message = outcome === 'failed' ? textsOf(errors) : ''
    write('case', name, outcome, duration / 1000, message)
  }

  tellBroken(name, errors) {
    if (!errors || errors.length === 0) return false
    write('case', name, 'error', 0, textsOf(errors))
    return true
  }
}

function titlesOf(task) {
  const titles = []
  for (let one = task; one && one.type !== 'module'; one = one.parent) titles.unshift(one.name)
  return titles
}

function textsOf(errors) {
  return textOf((errors || []).map(error => textOf(error)).join('\n'))
}
