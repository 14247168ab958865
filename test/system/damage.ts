/** Stores to damage, the damage, and what came of it: `damage-child.mjs` builds and opens them. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { SeededRandom } from '../../lib/testing/seeded-random.js'

const CHILD = fileURLToPath(new URL('damage-child.mjs', import.meta.url))

/** One change of one file. */
export type Edit =
  | { readonly kind: 'flip'; readonly file: string; readonly position: number; readonly byte: number }
  | { readonly kind: 'zero'; readonly file: string; readonly position: number; readonly length: number }
  | { readonly kind: 'cut'; readonly file: string; readonly size: number }
  | { readonly kind: 'delete' | 'directory'; readonly file: string }
  | { readonly kind: 'foreign'; readonly file: string; readonly from?: string }
  | { readonly kind: 'write'; readonly file: string; readonly bytes: string }

export interface DamageCase {
  readonly name: string
  readonly edits: readonly Edit[]
}

/** What the child saw of a case. */
export interface Outcome {
  readonly name: string
  /** `'opened'`, or the code of the error. */
  readonly open: string
  readonly message: string
  /** The last operation that the store shows; everything read was compared with what it held then. */
  readonly seq: number | null
  readonly warnings: readonly string[]
  /** How often reads were `'right'`, or failed with a code. */
  readonly reads: Readonly<Record<string, number>>
  /** `'ok'`, or the files with damage. */
  readonly verify: string
  /** All that scans said at the next open, or the code of its error; after a refusal, what the next open said. */
  readonly again: string
}

/** Runs the child in one of its modes, and returns what it printed. */
export function runChild(mode: string, target: string, seed: string, signal: string | null = null): string {
  const child = spawnSync(process.execPath, [CHILD, mode, target, seed], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  const last = child.stdout.trimEnd().split('\n').at(-1)?.slice(0, 200)
  expect({ signal: child.signal, stderr: child.stderr }, `seed ${seed}, after ${last}`).toEqual({
    signal,
    stderr: '',
  })
  return child.stdout
}

/** Opens a damaged copy per case in one child process, which must survive them all. */
export function checkCases(
  directory: string,
  seed: string,
  stores: { base: string; other: string },
  cases: readonly DamageCase[],
): Outcome[] {
  const list = join(directory, 'cases.json')
  writeFileSync(list, JSON.stringify({ ...stores, cases }))
  const lines = runChild('check', list, seed).trimEnd().split('\n')
  const outcomes = lines.map((line) => JSON.parse(line) as Outcome)
  expect(outcomes.map(({ name }) => name)).toEqual(cases.map(({ name }) => name))
  return outcomes
}

/** All files of a store, by path within it. */
export function filesOf(store: string): string[] {
  return readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(store, join(entry.parentPath, entry.name)))
    .sort()
}

/** Seeded flips of one bit, or of a whole byte. */
export function flips(random: SeededRandom, store: string, file: string, count: number): DamageCase[] {
  const content = readFileSync(join(store, file))
  return Array.from({ length: count }, () => {
    const position = random.int(content.length)
    const mask = random.chance(0.7) ? 1 << random.int(8) : 0xff
    const byte = (content[position] as number) ^ mask
    return { name: `flip ${file} at ${position} by ${mask}`, edits: [{ kind: 'flip', file, position, byte }] }
  })
}

/** Everything else that can happen to one file. */
export function damagesOf(random: SeededRandom, store: string, file: string): DamageCase[] {
  const { size } = statSync(join(store, file))
  const sizes = [0, size - 1, ...Array.from({ length: 3 }, () => random.int(size))]
  const pages = Array.from({ length: 4 }, () => random.int(Math.ceil(size / 4_096)) * 4_096)
  const noise = Buffer.from(random.bytes(size)).toString('base64')
  return [
    ...[...new Set(sizes)].map(
      (cut): DamageCase => ({
        name: `cut ${file} to ${cut}`,
        edits: [{ kind: 'cut', file, size: cut }],
      }),
    ),
    ...[...new Set(pages)].map(
      (position): DamageCase => ({
        name: `zero ${file} at ${position}`,
        edits: [{ kind: 'zero', file, position, length: Math.min(4_096, size - position) }],
      }),
    ),
    { name: `noise for ${file}`, edits: [{ kind: 'write', file, bytes: noise }] },
    { name: `another store's ${file}`, edits: [{ kind: 'foreign', file }] },
    { name: `directory for ${file}`, edits: [{ kind: 'directory', file }] },
    { name: `delete ${file}`, edits: [{ kind: 'delete', file }] },
  ]
}

/** Asserts what holds for every damage: what is read is right or a typed error, now and at the next open. */
export function expectNothingWrong(outcomes: readonly Outcome[]): void {
  const bad = outcomes.filter(({ open, reads, verify, again }) =>
    /WRONG|UNTYPED/.test(`${open} ${Object.keys(reads).join(' ')} ${verify} ${again}`),
  )
  expect(bad).toEqual([])
  expect(outcomes.filter(({ open, again }) => open !== 'opened' && again !== open)).toEqual([])
}
