'use strict'

// Loaded by every node that starts: where it starts a test runner, adds our reporter to the
// runner's arguments, before the runner reads them.

const fs = require('fs')
const path = require('path')

const { OWNER, TRIAL, WARM, settings, root, real, asked, titlePattern } = require('./report.cjs')

const RUNNERS = [
  [/\/(jest|jest-cli)\/bin\/jest(\.js)?$|\/react-scripts\/scripts\/test\.js$/, jestArguments],
  [/\/vitest\/(vitest\.mjs|dist\/cli\.js)$/, vitestArguments],
  [/\/mocha\/bin\/_?mocha(\.js|\.mjs|\.cjs)?$/, mochaArguments],
  [/\/tsx\/dist\/cli\.(mjs|cjs|js)$/, tsxArguments]
]

const MOCHA = /\/mocha\/(bin|lib\/cli)\//

function mainFile() {
  return real(process.argv[1] || '').split(path.sep).join('/')
}

function steer() {
  if (process.env[OWNER] || !process.argv[1] || !require('worker_threads').isMainThread) return
  const main = mainFile()
  const runner = RUNNERS.find(([pattern]) => pattern.test(main))
  if (runner === undefined || process.argv.includes('--version')) return
  if (!process.env[TRIAL] && fs.existsSync(path.join(__dirname, '..', 'trials.json'))) {
    require('./trials.cjs').serve([...process.execArgv, ...process.argv.slice(1)], process.env)
  }
  // What its workers and its tests start is no part of the run.
  process.env[OWNER] = String(process.pid)
  runner[1](process.argv, main)
}

// Where Mocha's program starts another node for options of node's, that one loads the files, too.
function choose() {
  if (!MOCHA.test(mainFile())) return
  require('./mocha-files.cjs').watch()
  if (process.env[WARM]) require('./mocha-warm.cjs').watch()
}

// Where tests are run by this process itself, tells which lines each of them runs.
function count() {
  if (!settings.coverage || !require('worker_threads').isMainThread) return
  if (MOCHA.test(mainFile())) require('./coverage.cjs').start()
  else if (process.env.NODE_TEST_CONTEXT) require('./coverage.cjs').followNodeTest()
}

// At the end, as an option that takes a list swallows what follows it.
function add(argv, ...options) {
  const end = argv.indexOf('--', 2)
  argv.splice(end < 0 ? argv.length : end, 0, ...options)
}

function jestArguments(argv) {
  const pattern = titlePattern()
  if (pattern !== null) add(argv, '--testNamePattern=' + pattern)
  if (settings.tests.length) add(argv, '--passWithNoTests', '--filter=' + path.join(__dirname, 'jest-files.cjs'))
  if (settings.stop_early) add(argv, '--bail=1')
  add(argv, '--reporters=default', '--reporters=' + path.join(__dirname, 'jest.cjs'))
}

function vitestArguments(argv) {
  const pattern = titlePattern()
  if (pattern !== null) add(argv, '--testNamePattern=' + pattern)
  if (settings.tests.length) add(argv, '--passWithNoTests', ...askedFiles())
  if (settings.stop_early) add(argv, '--bail=1')
  add(argv, '--reporter=default', '--reporter=' + path.join(__dirname, 'vitest.mjs'))
}

// The files that were asked for, from where the runner starts.
function askedFiles() {
  const files = asked().map(one => path.relative(process.cwd(), path.join(root, one.file)))
  return [...new Set(files)].filter(file => file !== '' && !file.startsWith('..'))
}

function mochaArguments(argv) {
  if (settings.stop_early) add(argv, '--bail')
  add(argv, '--reporter', path.join(__dirname, 'mocha.cjs'))
}

// tsx hands node's own options on to the node that it starts, and starts it by its full path.
function tsxArguments(argv) {
  if (!argv.includes('--test')) return
  const reporter = path.join(__dirname, 'node-test.mjs')
  argv.splice(
    2, 0,
    '--test-reporter=spec', '--test-reporter-destination=stdout',
    '--test-reporter=' + reporter, '--test-reporter-destination=' + path.join(__dirname, 'unused')
  )
}

steer()
choose()
count()
