'use strict'

// Runs Mocha's tests once for each of several changes in one process: node, Mocha and the packages
// that the tests need are loaded once, the repository's own files anew for each change.
//
// What one change leaves behind can reach the next one: so the unchanged files are run again at the
// end, and where that differs from the first time nothing is told to have been tried. A verdict that
// counts is reached by a run of its own all the same. A change that does not come to an end is ended
// with this process; trials.cjs starts another behind it.

const fs = require('fs')
const Module = require('module')
const path = require('path')
const { Worker } = require('worker_threads')

const { WARM, settings, root, real, reportOf } = require('./report.cjs')
const { asked, exchange, note } = require('./trials.cjs')

const QUERY = 'patchwright-trial'
const COLD = 3 // as trials.cjs knows it: nothing was tried, each change needs a run of its own
const SPARE = 500

const MOST = 4 // so many times its limit, however long the process waits for a processor

// The milliseconds that this process's main thread has waited for a processor: that time does not
// count, as patchwright_report/waiting.py has it.
function waited() {
  try {
    return Number(require('fs').readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6 || 0
  } catch (error) {
    return 0
  }
}

// Ends this process when the limit that stands in the shared memory is over: when it began, how long
// the process had waited by then, how many milliseconds it has.
const WATCH = `
  const { workerData } = require('worker_threads')
  const shared = new Float64Array(workerData)
  const waited = ${waited}
  setInterval(() => {
    const [began, before, limit] = shared
    const passed = Date.now() - began
    if (passed <= limit) return
    if (passed > ${MOST} * limit || passed - (waited() - before) > limit) process.kill(process.pid, 'SIGKILL')
  }, 20)
`

// Loads what is imported by a file of a trial as a module of that trial, too.
const RESOLVE = `
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context)
    const trial = /[?&]${QUERY}=(\\d+)/.exec(context.parentURL || '')
    const own = found.url.startsWith('file:') && !found.url.includes('/node_modules/')
    if (!trial || !own || found.url.includes('${QUERY}=')) return found
    return { ...found, url: found.url + (found.url.includes('?') ? '&' : '?') + trial[0].slice(1) }
  }
`

class Warm {
  constructor(mocha) {
    const { changes, each } = asked()
    const [next, limit] = process.env[WARM].split(' ').map(Number)
    Object.assign(this, { changes, each, next, limit })
    this.mocha = mocha
    this.files = [...new Set(this.changes.map(change => real(path.join(root, change[0]))))]
    this.shared = new Float64Array(new SharedArrayBuffer(24))
    this.allow(this.each * 1000)
  }

  // Tries the changes from a number on, and ends this process.
  async serve() {
    if (this.mocha.options.parallel || this.files.some(file => file in require.cache)) process.exit(COLD)
    new Worker(WATCH, { eval: true, workerData: this.shared.buffer }).unref()
    if (Module.register) Module.register('data:text/javascript,' + encodeURIComponent(RESOLVE))
    const first = await this.run(this.next === 0 ? 0 : 'again')
    if (!Module.register && !this.files.every(file => file in require.cache)) process.exit(COLD)
    for (let number = Math.max(1, this.next); number <= this.changes.length; number++) {
      if (Date.now() >= this.limit) break
      await this.attempt(number)
    }
    if (await this.run('again') !== first) {
      note('refused', 'a change leaves traces in the process')
      fs.rmSync(reportOf(0), { force: true })
    }
    note('done')
    process.exit(0)
  }

  async attempt(number) {
    const restore = exchange(number, this.changes[number - 1])
    if (!restore) return
    try {
      await this.run(number)
    } finally {
      restore()
    }
  }

  // What was reported, but for the time that it took.
  async run(trial) {
    const started = Date.now()
    const counted = typeof trial === 'number'
    settings.report = reportOf(trial)
    fs.rmSync(settings.report, { force: true })
    if (counted) note('begin', trial)
    this.allow(this.each * 1000)
    forget()
    const failures = await this.tests(counted ? trial : this.changes.length + Date.now())
    if (counted) note('trial', trial, failures ? 1 : 0, (Date.now() - started) / 1000, false)
    const told = fs.existsSync(settings.report) ? fs.readFileSync(settings.report, 'utf8') : ''
    return told.split('\n').filter(line => line.startsWith('["case"')).map(line => JSON.parse(line))
      .map(([, name, outcome]) => name + '\n' + outcome).join('\n')
  }

  async tests(version) {
    const Mocha = this.mocha.constructor
    const mocha = new Mocha(this.mocha.options)
    mocha.files = this.mocha.files.slice()
    const esmDecorator = file => `${file}?${QUERY}=${version}`
    try {
      await Mocha.prototype.loadFilesAsync.call(mocha, { esmDecorator, warm: true })
    } catch (error) {
      return 1
    }
    return new Promise(resolve => {
      const runner = mocha.run(resolve)
      const milliseconds = settings.seconds ? settings.seconds * 1000 + SPARE : this.each * 1000
      for (const event of ['test', 'hook']) runner.on(event, () => this.allow(milliseconds))
    })
  }

  allow(milliseconds) {
    this.shared.set([Date.now(), waited(), milliseconds])
  }
}

// The repository's own modules are loaded anew.
function forget() {
  for (const file of Object.keys(require.cache)) {
    const own = file.startsWith(real(root) + path.sep) && !file.includes(path.sep + 'node_modules' + path.sep)
    if (own) delete require.cache[file]
  }
}

// Waits until Mocha is about to load its files.
function watch() {
  const load = Module._load
  Module._load = function (...given) {
    const found = load.apply(this, given)
    const prototype = typeof found === 'function' && found.prototype
    if (prototype && prototype.loadFilesAsync && prototype.unloadFiles && !prototype.patchwright) {
      const original = prototype.loadFilesAsync
      prototype.patchwright = true
      prototype.loadFilesAsync = function (options) {
        return options && options.warm ? original.call(this, options) : new Warm(this).serve()
      }
    }
    return found
  }
}

module.exports = { watch }
