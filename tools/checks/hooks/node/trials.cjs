'use strict'

// Runs a test runner once for each of several changes of files, one after the other, and once with
// no change. With Mocha one process does all of them where it can, as mocha-warm.cjs tells; else each
// run is a whole one, and what is saved is all that stands before the runner: the box, npm, the
// script. It is told to the same files, and read by the same rules, as what
// patchwright_report/trial_server.py writes.

const fs = require('fs')
const path = require('path')
const { spawnSync } = require('child_process')
const { randomBytes } = require('crypto')

const { TRIAL, WARM, OWNER, settings, root, real, reportOf } = require('./report.cjs')

const LOG = path.join(path.dirname(settings.report), 'trials.jsonl')
const COLD = 3
const WAITING = 5 // times what one change has, until a process that tries many is ended
const MOCHA = /\/mocha\/(bin|lib\/cli)\//
const UNSEEN = 'the runner does not run the changed files as they are written'

function asked() {
  return JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'trials.json'), 'utf8'))
}

function note(...event) {
  fs.appendFileSync(LOG, JSON.stringify(event) + '\n')
}

// Tries all changes with a runner, by its arguments to node, and ends this process.
function serve(argv, environment) {
  const { changes, seconds, each } = asked()
  const limit = Date.now() + seconds * 1000
  const names = [...new Set(changes.map(change => change[0]))]
  if (!runsAnyOf(names, argv, environment, each)) {
    note('refused', UNSEEN)
    process.exit(0)
  }
  const warm = argv.some(one => MOCHA.test(real(one)))
  if (!warm || !runWarm({ changes, each, limit }, argv, environment)) {
    run(0, argv, environment, each)
    changes.forEach((change, index) => {
      if (Date.now() < limit) attempt(index + 1, change, argv, environment, each)
    })
  }
  note('served')
  process.exit(0)
}

// Whether all could be tried in few processes, each begun behind the change that ended the last.
function runWarm(job, argv, environment) {
  const texts = new Map(job.changes.map(([name]) => [name, fs.readFileSync(path.join(root, name), 'utf8')]))
  let next = 0
  while (next <= job.changes.length && Date.now() < job.limit) {
    const given = { ...environment, [WARM]: `${next} ${job.limit}` }
    const ended = start(`warm-${next}`, argv, given, (job.limit - Date.now()) / 1000 + WAITING * job.each, 'ignore')
    for (const [name, text] of texts) fs.writeFileSync(path.join(root, name), text)
    const events = read(LOG).split('\n').filter(Boolean).map(line => JSON.parse(line))
    const begun = events.filter(event => event[0] === 'begin').map(event => event[1])
    if (events.some(event => event[0] === 'done')) return true
    if (ended.status === COLD) return false
    if (begun.length === 0 || Math.max(...begun) < next) return next > 0
    next = Math.max(...begun)
    const told = events.some(event => event[0] === 'trial' && event[1] === next)
    if (!told) note('trial', next, ended.status === null ? 124 : ended.status, job.each, ended.status === null)
    if (next === 0 && !told) return false
    next += 1
  }
  return true
}

function attempt(number, change, argv, environment, each) {
  const restore = exchange(number, change)
  if (!restore) return
  try {
    run(number, argv, environment, each)
  } finally {
    restore()
  }
}

// Writes a change, and says how to undo it; one whose passage is not there just once is noted as
// begun, and nothing is written.
function exchange(number, [name, before, after]) {
  const file = path.join(root, name)
  const text = fs.readFileSync(file, 'utf8')
  const at = text.indexOf(before)
  if (at < 0 || text.indexOf(before, at + 1) >= 0) {
    note('begin', number)
    return null
  }
  fs.writeFileSync(file, text.slice(0, at) + after + text.slice(at + before.length))
  return () => fs.writeFileSync(file, text)
}

function run(number, argv, environment, each) {
  note('begin', number)
  const started = Date.now()
  const ended = start(number, argv, environment, each, 'ignore')
  const cut = Boolean(ended.error && ended.error.code === 'ETIMEDOUT')
  const code = ended.status === null ? 137 : ended.status
  note('trial', number, code, (Date.now() - started) / 1000, cut)
}

function start(trial, argv, environment, each, stdio) {
  const ended = spawnSync(process.execPath, argv, {
    env: { ...environment, [TRIAL]: String(trial) },
    stdio: ['ignore', stdio, stdio],
    timeout: Math.ceil(each * 1000),
    killSignal: 'SIGKILL',
    detached: true
  })
  endGroup(ended.pid)
  return ended
}

// What the runner has started and left, such as the process of a test without end.
function endGroup(leader) {
  if (!leader) return // it could not be started
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    // It has ended by itself.
  }
}

// Whether the runner runs one of the files as it is written, and not what a step before it has made
// of it: then it fails in our words where they are put in front. What was seen is kept for the next
// call in this box.
function runsAnyOf(names, argv, environment, each) {
  const known = path.join(path.dirname(path.dirname(path.dirname(LOG))), 'node-files-seen')
  const seen = fs.existsSync(known) ? fs.readFileSync(known, 'utf8').split('\n') : []
  if (names.some(name => seen.includes(name))) return true
  const found = names.find(name => failsInOurWords(path.join(root, name), argv, environment, each))
  if (found !== undefined) fs.appendFileSync(known, found + '\n')
  return found !== undefined
}

function failsInOurWords(file, argv, environment, each) {
  const words = 'patchwright-' + randomBytes(8).toString('hex')
  const text = fs.readFileSync(file, 'utf8')
  const at = text.startsWith('#!') ? text.indexOf('\n') + 1 : 0
  try {
    fs.writeFileSync(file, `${text.slice(0, at)}throw new Error('${words}');\n${text.slice(at)}`)
    const ended = start('seen', argv, environment, each, 'pipe')
    return [ended.stdout, ended.stderr, read(reportOf('seen'))].some(one => String(one).includes(words))
  } finally {
    fs.writeFileSync(file, text)
  }
}

function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
}

module.exports = { serve, asked, exchange, note }

if (require.main === module) {
  serve(process.argv.slice(2), { ...process.env, [OWNER]: String(process.pid) })
}
