/**
 * Runs every example against the built package, each in a fresh working directory, as a user would. TypeScript ones are
 * stripped of their types first, because Node 20 cannot do that. Names given as arguments run only those.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, execPath, hrtime } from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { build } from './build.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const LIMIT_MS = 120_000

const { errors } = await build()
if (errors !== '') throw new Error(`The package does not build:\n${errors}`)

const names = readdirSync(join(root, 'examples'))
  .filter((name) => /\.(ts|mjs)$/.test(name) && !name.endsWith('.d.ts'))
  .filter((name) => argv.length === 2 || argv.includes(name))
if (names.length === 0) throw new Error('There is no example to run in examples/.')

// A copy inside the package, so that the name `replivec` resolves to the package itself, from its built files.
mkdirSync(join(root, '.tmp'), { recursive: true })
const copy = mkdtempSync(join(root, '.tmp', 'examples-'))
let failed = 0
try {
  prepare(copy)
  for (const name of names) if (!runs(name)) failed++
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`${names.length} examples, ${failed} failed`)
if (failed > 0) process.exitCode = 1

/** Copies what the examples need: the code without types, the data by reference. */
function prepare(directory) {
  for (const entry of readdirSync(join(root, 'examples'), { withFileTypes: true })) {
    const from = join(root, 'examples', entry.name)
    if (entry.name.endsWith('.ts')) {
      const options = {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      }
      const { outputText } = ts.transpileModule(readFileSync(from, 'utf8'), { compilerOptions: options })
      writeFileSync(join(directory, entry.name.replace(/\.ts$/, '.js')), outputText)
    } else if (entry.isDirectory()) {
      symlinkSync(from, join(directory, entry.name), 'junction')
    } else {
      cpSync(from, join(directory, entry.name))
    }
  }
}

function runs(name) {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'replivec-example-'))
  const started = hrtime.bigint()
  try {
    const script = join(copy, name.replace(/\.ts$/, '.js'))
    const result = spawnSync(execPath, [script], {
      cwd: workingDirectory,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    })
    const seconds = (Number(hrtime.bigint() - started) / 1e9).toFixed(1)
    const ok = result.status === 0
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
    if (!ok) {
      const end =
        result.status === null ? (result.error?.message ?? result.signal) : `exit code ${result.status}`
      console.error(`${result.stdout}${result.stderr}${end}`)
    }
    return ok
  } finally {
    if (existsSync(workingDirectory)) rmSync(workingDirectory, { recursive: true, force: true })
  }
}
