// A reporter for node's own runner: https://nodejs.org/api/test.html#custom-reporters

import path from 'node:path'

import report from './report.cjs'

const { settings, write, relative, nameOf, textOf } = report

export default async function * reporter(events) {
  const titles = new Map()
  const complaints = new Map()
  for await (const { type, data } of events) {
    if (type === 'test:stderr') {
      const source = path.resolve(data.file || '')
      complaints.set(source, (complaints.get(source) || '') + data.message)
    }
    if (!['test:start', 'test:pass', 'test:fail'].includes(type)) continue
    const file = data.file || ''
    const outer = (titles.get(file) || []).slice(0, data.nesting)
    const whole = isFile(data)
    const name = whole ? relative(file) : nameOf(file, [...outer, data.name])
    if (type === 'test:start') {
      titles.set(file, [...outer, data.name])
      write('start', name)
      continue
    }
    const complaint = whole ? complaints.get(file) : undefined
    if (tell(name, type === 'test:pass', data, whole, complaint) && settings.stop_early) {
      process.exit(1)
    }
  }
}

// A file that holds no tests, or ends before it has told of any, is told of as a test.
function isFile(data) {
  return data.nesting === 0 && Boolean(data.file) && path.resolve(data.name) === data.file
}

// Writes down how a test has ended; true where it is broken.
function tell(name, passed, data, whole, complaint) {
  const error = data.details && data.details.error
  const failure = error ? error.failureType : ''
  const seconds = ((data.details && data.details.duration_ms) || 0) / 1000
  if ((whole && passed) || (isSuite(data) && (passed || failure === 'subtestsFailed'))) {
    write('leave', name)
    return false
  }
  if (data.skip !== undefined || data.todo !== undefined) {
    write('case', name, 'skipped', seconds, String(data.skip || data.todo || ''))
    return false
  }
  const bad = whole || failure === 'hookFailed' || failure === 'cancelledByParent'
  const outcome = passed ? 'passed' : bad ? 'error' : 'failed'
  write('case', name, outcome, seconds, passed ? '' : textOf(complaint || (error && error.cause) || error))
  return !passed
}

function isSuite(data) {
  return Boolean(data.details) && data.details.type === 'suite'
}
