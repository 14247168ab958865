/** The repository reads itself: the rules of the house that a compiler or a linter does not know. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { ambientMachine, consoleUse, errorClasses } from './tidy/ambient.js'
import {
  errorCodes,
  errorCodesDocumented,
  fileLength,
  fileNames,
  fileStart,
  literalsBegun,
  openEnds,
  placesOutside,
  testsMirrorTheTree,
} from './tidy/form.js'
import { importCycles, importDirection, packagesBehindOneFile } from './tidy/imports.js'
import { lockfileComplete } from './tidy/lockfile.js'
import { Repository } from './tidy/repository.js'

const repository = new Repository(fileURLToPath(new URL('../', import.meta.url)))

describe('this repository', () => {
  test('rooms import downwards only', () => expect(importDirection(repository)).toEqual([]))
  test('no file imports itself in a circle', () => expect(importCycles(repository)).toEqual([]))
  test('each third-party package is behind one file', () =>
    expect(packagesBehindOneFile(repository)).toEqual([]))
  test('nothing outside lib/runtime touches the machine', () =>
    expect(ambientMachine(repository)).toEqual([]))
  test('lib writes nothing to the console', () => expect(consoleUse(repository)).toEqual([]))
  test('there is one error class', () => expect(errorClasses(repository)).toEqual([]))
  test('every test mirrors the file it tests', () => expect(testsMirrorTheTree(repository)).toEqual([]))
  test('no file is too long', () => expect(fileLength(repository)).toEqual([]))
  test('every file says what it is', () => expect(fileStart(repository)).toEqual([]))
  test('no file has a name that fits any file', () => expect(fileNames(repository)).toEqual([]))
  test('no object begins with the copy of a literal', () => expect(literalsBegun(repository)).toEqual([]))
  test('nothing is left open and every test runs', () => expect(openEnds(repository)).toEqual([]))
  test('no registry and no path of one machine is named', () => expect(placesOutside(repository)).toEqual([]))
  test('the lockfile is complete', () => expect(lockfileComplete(repository)).toEqual([]))
  test('every error code is documented', () => {
    expect(errorCodes(repository)).toContain('CLOSED')
    expect(errorCodesDocumented(repository)).toEqual([])
  })
  test('there is a changelog with an entry', () => {
    expect(repository.paths).toContain('CHANGELOG.md')
    expect(repository.text('CHANGELOG.md')).toMatch(/^## /m)
  })
  test('the reader of the repository sees it all', () => {
    expect(repository.paths).toEqual(
      expect.arrayContaining(['package.json', 'lib/errors.ts', 'test/tidy.test.ts']),
    )
    expect(repository.paths.filter((path) => path.includes('node_modules/'))).toEqual([])
  })
})

describe('a rule notices', () => {
  let planted: string | undefined
  afterEach(() => {
    if (planted !== undefined) rmSync(planted, { recursive: true, force: true })
    planted = undefined
  })

  /** A small repository that keeps every rule, except for the given files. */
  function plant(files: Record<string, string>): Repository {
    planted = mkdtempSync(join(tmpdir(), 'replivec-tidy-'))
    const sound = {
      'package.json':
        '{ "dependencies": { "usearch": "1", "lmdb": "1", "lru-cache": "1", "protobufjs": "1" } }',
      'lib/errors.ts':
        "/** Errors. */\nexport type ReplivecErrorCode = 'CLOSED' | 'TIMEOUT'\nexport class ReplivecError extends Error {}\n",
      'lib/runtime/clock.ts': '/** Time. */\nexport const now = () => Date.now()\n',
      'lib/log/segment.ts': "import { now } from '../runtime/clock.js'\nexport const opened = now\n",
      'lib/store/store.ts': "/** A store. */\nexport { opened } from '../log/segment.js'\n",
      'lib/index.ts':
        "/** Public. */\nexport { opened } from './store/store.js'\nexport type { Cache } from './log/cache.js'\n",
      'lib/log/cache.ts':
        "/** A cache. */\nimport { LRUCache } from 'lru-cache'\nexport type Cache = LRUCache<string, string>\n",
      'test/log/segment.test.ts': '',
      'docs/errors.md': '## `CLOSED`\n\n## TIMEOUT\n',
    }
    for (const [path, text] of Object.entries({ ...sound, ...files })) {
      mkdirSync(dirname(join(planted, path)), { recursive: true })
      writeFileSync(join(planted, path), text)
    }
    return new Repository(planted)
  }

  test('nothing in a sound tree', () => {
    const sound = plant({})
    const rules = [
      importDirection,
      importCycles,
      packagesBehindOneFile,
      ambientMachine,
      consoleUse,
      errorClasses,
      testsMirrorTheTree,
      fileLength,
      fileStart,
      fileNames,
      literalsBegun,
      openEnds,
      placesOutside,
      errorCodesDocumented,
    ]
    expect(rules.flatMap((rule) => rule(sound))).toEqual([])
  })

  test('an import that points upwards, also as a type, and an unknown room', () => {
    const tree = plant({
      'lib/log/up.ts': "import type { opened } from '../store/store.js'\nexport type Up = typeof opened\n",
      'lib/cellar/wine.ts': "import { now } from '../runtime/clock.js'\nexport const wine = now\n",
      'lib/filter/lost.ts': "import { gone } from './gone.js'\nexport const lost = gone\n",
    })
    expect(importDirection(tree)).toEqual([
      'lib/cellar/wine.ts:1: imports lib/runtime/clock.ts: the room lib/cellar is new: say in test/tidy/imports.ts what it may import',
      'lib/filter/lost.ts:1: ./gone.js is not a file of the repository',
      'lib/log/up.ts:1: imports lib/store/store.ts: log may import runtime; declare a small interface on its side instead',
    ])
  })

  test('a value that the public entry takes from a lower room', () => {
    const tree = plant({ 'lib/index.ts': "/** Public. */\nexport { opened } from './log/segment.js'\n" })
    expect(importDirection(tree)).toEqual([
      'lib/index.ts:2: imports lib/log/segment.ts: the public entry takes values from store and errors.ts only; use `export type`',
    ])
  })

  test('an object that begins with the copy of a literal', () => {
    const tree = plant({
      'lib/log/slow.ts':
        '/** Slow. */\nexport const slow = (a: number) => ({ ...{ a }, b: 1 })\nexport const fast = { a: 1, ...{ b: 2 } }\n',
    })
    expect(literalsBegun(tree)).toEqual([
      'lib/log/slow.ts:2: an object begins with a spread literal: put it last, or write it out',
    ])
  })

  test('a circle of imports', () => {
    const tree = plant({
      'lib/log/a.ts': "import { b } from './b.js'\nexport const a = b\n",
      'lib/log/b.ts': "import { c } from './c.js'\nexport const b = c\n",
      'lib/log/c.ts': "import type { a } from './a.js'\nexport declare const c: typeof a\n",
    })
    expect(importCycles(tree)).toEqual([
      'lib/log/a.ts -> lib/log/b.ts -> lib/log/c.ts -> lib/log/a.ts: move what both need into a third file',
    ])
  })

  test('a package imported from two files, one that is not declared', () => {
    const tree = plant({
      'lib/index/one.ts': "import { Index } from 'usearch'\nexport const one = Index\n",
      'lib/index/two.ts': "/** Two. */\nexport const two = () => import('usearch')\n",
      'lib/log/codec.ts': "import path from 'path'\nexport { path }\n",
    })
    expect(packagesBehindOneFile(tree)).toEqual([
      'usearch is imported by lib/index/one.ts, lib/index/two.ts: keep it behind one of them',
      "path (lib/log/codec.ts) is not a dependency in package.json; Node's own modules start with node:",
    ])
  })

  test('every way to the clock, random numbers, timers, the process and files', () => {
    const uses = [
      'Date.now()',
      'new Date()',
      'Date()',
      'performance.now()',
      'Math.random()',
      'setTimeout(run, 1)',
      'globalThis.setImmediate(run)',
      'schedule(setInterval)',
      'process.pid',
      'crypto.randomUUID()',
      "import('node:fs')",
    ]
    const imports = [
      "import { readFileSync } from 'node:fs'",
      "import { setTimeout as delay } from 'node:timers/promises'",
      "import { createHash, randomBytes } from 'node:crypto'",
      "import * as everything from 'node:crypto'",
    ]
    const tree = plant({ 'lib/log/bad.ts': [...imports, ...uses.map((use) => `void ${use}`)].join('\n') })
    const lines = ambientMachine(tree).map((violation) => Number(violation.split(':')[1]))
    expect(lines).toEqual([...imports, ...uses].map((_, index) => index + 1))
  })

  test('no ambient use in names, members, types and pure functions', () => {
    const tree = plant({
      'lib/log/good.ts': [
        "import { createHash } from 'node:crypto'",
        "import type { Stats } from 'node:fs'",
        'export interface Timers { setTimeout(run: () => void): void; readonly process: string }',
        'export const at = (clock: { now(): number; performance: number }, t: number) => [new Date(t), clock.performance]',
        'export const run = (timers: Timers) => timers.setTimeout(() => queueMicrotask(() => {}))',
        'export const parsed = Date.parse("2020-01-01") + Math.floor(1.5)',
        'export { createHash, type Stats }',
      ].join('\n'),
    })
    expect(ambientMachine(tree)).toEqual([])
  })

  test('a second error class and a word on the console, not in a doc comment', () => {
    const tree = plant({
      'lib/log/loud.ts':
        "/** Says `console.log(1)`. */\nexport class Loud extends TypeError {}\nconsole.warn('!')\n",
    })
    expect(errorClasses(tree).map((line) => line.split(': ')[0])).toEqual(['lib/log/loud.ts:2'])
    expect(consoleUse(tree).map((line) => line.split(': ')[0])).toEqual(['lib/log/loud.ts:3'])
  })

  test('a test without a subject', () => {
    const tree = plant({
      'test/log/nothing.test.ts': '',
      'test/log/segment.property.test.ts': '',
      'test/system/crash.test.ts': '',
      'test/system/deep/crash.test.ts': '',
    })
    expect(testsMirrorTheTree(tree).map((line) => line.split(':')[0])).toEqual([
      'test/log/nothing.test.ts',
      'test/system/deep/crash.test.ts',
    ])
  })

  test('a long file, a file without a first sentence, a name that fits any file', () => {
    const tree = plant({
      'lib/log/long.ts': `/** Long. */\n${'// a line\n'.repeat(400)}`,
      'lib/log/mute.ts': 'export const mute = 1\n',
      'lib/log/segment-utils.ts': '/** What? */\n',
      'test/common/log.ts': '',
    })
    expect(fileLength(tree)).toEqual([
      'lib/log/long.ts: 401 lines, at most 400: find the second noun and give it a file',
    ])
    expect(fileStart(tree).map((line) => line.split(':')[0])).toEqual(['lib/log/mute.ts'])
    expect(fileNames(tree).map((line) => line.split(':')[0])).toEqual([
      'lib/log/segment-utils.ts',
      'test/common/log.ts',
    ])
  })

  test('open ends and tests that do not run', () => {
    const tree = plant({
      'lib/log/open.ts': `/** Open. */\n// ${'TO'}DO: later\nreader${'.skip'}(3)\n`,
      'test/log/segment.test.ts': `test${'.only'}('x')\ntest('y', (context) => context${'.skip'}())\n`,
    })
    expect(openEnds(tree).map((line) => line.split(': ')[0])).toEqual([
      'lib/log/open.ts:2',
      'test/log/segment.test.ts:1',
      'test/log/segment.test.ts:2',
    ])
  })

  test('a registry and a path of one machine', () => {
    const tree = plant({
      'README.md': `see https://host.example/${'wo'}rk/page\nin ${'/ho'}me/me/data\n`,
      'package-lock.json': `{ "${'resol'}ved": "https://mirror/x.tgz" }\n`,
      'scripts/fetch.mjs': `fetch('https://${'regis'}try.example.org/x')\n`,
    })
    expect(placesOutside(tree).map((line) => line.split(': ')[0])).toEqual([
      'README.md:2',
      'package-lock.json:1',
      'scripts/fetch.mjs:1',
    ])
  })

  test('a platform package that is missing from the lockfile', () => {
    const packages = {
      'node_modules/tool': {
        optionalDependencies: { 'tool-linux-x64': '1.0.0', 'tool-darwin-x64': '1.0.0' },
      },
      'node_modules/tool-linux-x64': {},
    }
    const tree = plant({ 'package-lock.json': JSON.stringify({ packages }) })
    expect(lockfileComplete(tree)).toEqual([
      'package-lock.json: tool-darwin-x64 of node_modules/tool is missing: run node scripts/complete-lockfile.mjs',
    ])
  })

  test('an error code without a heading and a heading without a code', () => {
    const tree = plant({ 'docs/errors.md': '# Errors\n\n## CLOSED\n\n## GONE\n' })
    expect(errorCodesDocumented(tree)).toEqual([
      'TIMEOUT has no heading in docs/errors.md: say there when it comes and what to do',
      'docs/errors.md explains GONE, which is not a code in lib/errors.ts: remove it',
    ])
  })
})
