'use strict'

// What the reporters for JavaScript's test runners have in common: the request, names, the record.
// It must run wherever a repository's own tests run: Node 12 or later.

const fs = require('fs')
const path = require('path')

const OWNER = 'PATCHWRIGHT_OWNER'
const TRIAL = 'PATCHWRIGHT_TRIAL'
const WARM = 'PATCHWRIGHT_WARM'
const MOST_BYTES = 48 * 1024 * 1024
const LONGEST = 2000

const settings = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'settings.json'), 'utf8'))
// One of several runs of one command reports for itself.
if (process.env[TRIAL]) settings.report = reportOf(process.env[TRIAL])
const root = process.env.PATCHWRIGHT_WORKSPACE || process.cwd()
const roots = [root, real(root)]
let written = 0

function real(file) {
  try {
    return fs.realpathSync(file)
  } catch (error) {
    return file
  }
}

// Where one of several runs of one command reports.
function reportOf(trial) {
  return path.join(path.dirname(settings.report), `trial-${trial}.jsonl`)
}

// Appends one event, at once: a killed run keeps what it has told.
function write(...event) {
  const line = JSON.stringify(event) + '\n'
  written += line.length
  if (written > MOST_BYTES) return
  try {
    fs.appendFileSync(settings.report, line)
  } catch (error) {
    // A report that cannot be written must not fail anybody's test.
  }
}

// The path of a file from the repository's root.
function relative(file) {
  const plain = String(file || '').replace(/^file:\/\//, '')
  for (const folder of roots) {
    if (plain.startsWith(folder + path.sep)) return plain.slice(folder.length + 1)
  }
  return plain
}

// The name of a test: its file, and the titles that lead to it.
function nameOf(file, titles) {
  const titled = titles.filter(title => title !== '').join(' > ')
  return titled === '' ? relative(file) : relative(file) + '::' + titled
}

// What was asked for, as files and the titles within them; no titles stand for the whole file.
function asked() {
  return settings.tests.map(name => {
    const [file, ...rest] = name.split('::')
    const titles = rest.join('::')
    return { file: file.replace(/\/+$/, ''), titles }
  })
}

// Whether a file, or something in it, was asked for.
function asksForFile(file) {
  const name = relative(file)
  return settings.tests.length === 0 || asked().some(
    wanted => wanted.file === name || name.startsWith(wanted.file + '/')
  )
}

// Whether this test, or something that it lies in, was asked for.
function asksFor(name) {
  return settings.tests.length === 0 || settings.tests.some(wanted => {
    const whole = wanted.replace(/\/+$/, '')
    return name === whole || [' > ', '::', '/'].some(mark => name.startsWith(whole + mark))
  })
}

// A pattern for the titles of what was asked for, joined by spaces; none where whole files are.
// A title that lies within those that were asked for matches too, and some runners put the name of
// the file before it all.
function titlePattern() {
  const wanted = asked()
  if (wanted.length === 0 || wanted.some(one => one.titles === '')) return null
  const escaped = wanted.map(one => one.titles.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  // A title may hold the mark that stands between titles in a name.
  const each = escaped.map(titles => titles.split(' > ').join('(?: | > )'))
  return '(?:^| )(?:' + each.join('|') + ')(?: |$)'
}

// The text of an error, without colours, with paths from the repository's root, and not too long:
// its beginning and its end.
function textOf(error) {
  const told = error && (error.stack || error.message)
  // eslint-disable-next-line no-control-regex
  let text = String(told || error || '').replace(/\u001b\[[0-9;]*m/g, '')
  if (error && error.message && !text.includes(error.message)) text = error.message + '\n' + text
  for (const folder of roots) text = text.split('file://' + folder + path.sep).join('').split(folder + path.sep).join('')
  if (text.length <= LONGEST) return text
  return text.slice(0, LONGEST / 2) + '\n...\n' + text.slice(-LONGEST / 2)
}

module.exports = {
  OWNER, TRIAL, WARM, settings, root, reportOf, real, write, relative, nameOf, asked, asksForFile, asksFor, titlePattern, textOf
}
