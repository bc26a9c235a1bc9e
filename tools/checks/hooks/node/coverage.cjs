'use strict'

// Which lines of the repository's own scripts each test runs, by the counters of V8 itself, which
// tell blocks apart: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/
// What runs while files are loaded counts for every test of the process. Code that is compiled to
// other code before it runs is left out, as its places are not those of its file.

const fs = require('fs')
const path = require('path')
const { fileURLToPath } = require('url')

const { write, relative } = require('./report.cjs')

const PLAIN = process.features.typescript ? /\.([cm]?js|[cm]?ts)$/ : /\.[cm]?js$/
const OUTSIDE = /(^|\/)node_modules\/|(^|\/)(tests?|__tests__|specs?)\/|[.-](test|spec)\.[cm]?[jt]s$/
const LONGEST = 1000000
// Reading the counters takes time, too; what is known by then is told.
const MOST_MILLISECONDS = 10000

let session = null
let spent = 0
let begun = false
const files = new Map()
const counts = new Map()
const tests = [0, 0]
let loaded = []

function start() {
  const { Session } = require('inspector')
  session = new Session()
  session.connect()
  post('Profiler.enable')
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  process.once('exit', tell)
}

// Calls of the inspector from its own thread are answered before they return.
function post(method, parameters) {
  let answer
  session.post(method, parameters, (error, result) => { answer = error ? undefined : result })
  return answer
}

// The first test begins: what has run until now is nobody's own.
function begin() {
  if (!begun) loaded = take()
  begun = true
}

// A test has ended.
function end(failed) {
  tests[failed ? 0 : 1] += 1
  for (const place of take()) add(place, failed ? 0 : 1, 1)
}

function add([file, line], outcome, times) {
  if (!counts.has(file)) counts.set(file, new Map())
  const lines = counts.get(file)
  if (!lines.has(line)) lines.set(line, [0, 0])
  lines.get(line)[outcome] += times
}

// The lines that have run since the last call, as pairs of path and line.
function take() {
  if (session === null) return []
  const started = Date.now()
  const answer = post('Profiler.takePreciseCoverage') || { result: [] }
  const found = []
  for (const script of answer.result) {
    const file = known(script.url)
    if (file !== null) found.push(...linesOf(file, script.functions))
  }
  spent += Date.now() - started
  if (spent > MOST_MILLISECONDS) {
    session.disconnect()
    session = null
  }
  return found
}

// A file that counts: its path from the root, and where its lines begin.
function known(url) {
  if (!files.has(url)) files.set(url, read(url))
  return files.get(url)
}

function read(url) {
  try {
    const whole = url.startsWith('file:') ? fileURLToPath(url) : url
    const name = relative(whole)
    const foreign = path.isAbsolute(name) || OUTSIDE.test(name) || whole === process.argv[1]
    if (foreign || !PLAIN.test(name)) return null
    const text = fs.readFileSync(whole, 'utf8')
    const starts = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    return text.length > LONGEST ? null : { name, text, starts }
  } catch (error) {
    return null
  }
}

// Functions come outer ones first, with their own blocks in them; the innermost range decides.
function linesOf(file, functions) {
  const ranges = functions.flatMap(one => one.ranges)
  if (ranges.some(range => range.endOffset > file.text.length)) return []
  ranges.sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset)
  const ran = new Set()
  for (const { startOffset, endOffset, count } of ranges) {
    const first = lineAt(file.starts, startOffset)
    const last = lineAt(file.starts, Math.max(startOffset, endOffset - 1))
    for (let line = first; line <= last; line++) {
      if (count > 0) ran.add(line)
      else if (begins(file, line, startOffset, endOffset)) ran.delete(line)
    }
  }
  return [...ran].map(line => [file.name, line])
}

function lineAt(starts, place) {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle] <= place) low = middle
    else high = middle
  }
  return low + 1
}

// Whether what is written on a line begins within a range.
function begins(file, line, start, end) {
  const text = file.text.slice(file.starts[line - 1], file.starts[line])
  const at = file.starts[line - 1] + (text.length - text.trimStart().length)
  return start <= at && at < end
}

function tell() {
  for (const place of loaded) {
    add(place, 0, tests[0])
    add(place, 1, tests[1])
  }
  const told = {}
  for (const [file, lines] of counts) told[file] = runs([...lines].sort((a, b) => a[0] - b[0]))
  write('lines', told)
}

// Neighbouring lines with the same counts, as [first, last, failing, passing].
function runs(lines) {
  const found = []
  for (const [line, [failing, passing]] of lines) {
    const last = found[found.length - 1]
    if (last && last[1] === line - 1 && last[2] === failing && last[3] === passing) last[1] = line
    else found.push([line, line, failing, passing])
  }
  return found
}

// For node's own runner, in the process of a file: hooks of the root are run around every test.
function followNodeTest() {
  const { beforeEach, afterEach } = require('node:test')
  start()
  beforeEach(begin)
  afterEach(context => {
    if (context && typeof context.passed === 'boolean') end(!context.passed)
  })
}

module.exports = { start, begin, end, followNodeTest }
