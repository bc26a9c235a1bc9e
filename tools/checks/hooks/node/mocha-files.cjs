'use strict'

// Has Mocha load only the files that were asked for, and those that hold no tests of their own or
// set something up for all: a suite of many files takes seconds to load.

const fs = require('fs')
const Module = require('module')
const path = require('path')

const { settings, asksForFile } = require('./report.cjs')

const TESTS = /\b(it|test|specify)(\.\w+)?\s*\(/
const FOR_ALL = /^(before|after|beforeEach|afterEach|setup|teardown)\s*\(|mochaHooks|mochaGlobal/m

function isWanted(file) {
  if (asksForFile(path.resolve(file))) return true
  const text = fs.readFileSync(file, 'utf8')
  return !TESTS.test(text) || FOR_ALL.test(text)
}

function chosen(files, kept) {
  if (!files.some(file => asksForFile(path.resolve(file)))) return files
  return files.filter(file => kept.includes(file) || isWanted(file))
}

// Mocha's own function that lists them gives a list, from version 11 on a list in an object.
function choosing(collect) {
  return (options, ...rest) => {
    const found = collect(options, ...rest)
    const kept = (options.file || []).map(file => path.resolve(file))
    return Array.isArray(found) ? chosen(found, kept) : { ...found, files: chosen(found.files, kept) }
  }
}

function watch() {
  if (settings.tests.length === 0) return
  const load = Module._load
  Module._load = function (request, parent, ...rest) {
    const found = load.call(this, request, parent, ...rest)
    const collects = /(^|\/)collect-files(\.js)?$/.test(request) && typeof found === 'function'
    return collects ? choosing(found) : found
  }
}

module.exports = { watch }
