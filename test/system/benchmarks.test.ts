import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The runner over a small part of the packaged sample, with what must stay as it was compared. */
function bench(...names: string[]): { status: number | null; stdout: string; stderr: string } {
  const { REPLIVEC_BENCH_DATA: _data, ...environment } = process.env
  const env = { ...environment, REPLIVEC_BENCH_RECORDS: '1000', REPLIVEC_BENCH_REPETITIONS: '1' }
  return spawnSync(process.execPath, ['--expose-gc', 'bench/run.mjs', ...names], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
}

test('rows of searches check their answers, print, and leave the published results alone', () => {
  const page = readFileSync(join(root, 'docs/BENCHMARKS.md'), 'utf8')
  const { status, stdout, stderr } = bench('exact-search', 'filtered-search')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^data: 1000 records of the packaged sample; 1 repetitions/)
  expect(stdout).toMatch(/recall by distance +1\.00 over 200 queries +≥ 1\.00 met/)
  expect(stdout).toMatch(/1 % {"bucket":{"\$lt":10}} .*usearch/)
  expect(stdout).toMatch(/\d+ of 1000 match; .* 40 queries equal a naive scan/)
  expect(stdout).toMatch(/1 % {"plain":{"\$lt":10}} /)
  expect(readFileSync(join(root, 'docs/BENCHMARKS.md'), 'utf8')).toBe(page)
  expect(stdout).not.toMatch(/NaN|undefined/)
}, 120_000)

test('an unknown row is refused with the names there are', () => {
  const { status, stdout, stderr } = bench('exact-search', 'no-such-row')
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('There is no row no-such-row; there are pieces, durable-single, ')
})

test('every row stands in the order of the runner', () => {
  const runner = readFileSync(join(root, 'bench/run.mjs'), 'utf8')
  const rows = readdirSync(join(root, 'bench/rows')).map((name) => name.replace('.mjs', ''))
  const order = [...(/const ORDER = \[([^\]]*)\]/.exec(runner)?.[1] ?? '').matchAll(/'([a-z-]+)'/g)]
  expect(order.map(([, name]) => name).sort()).toEqual(rows.sort())
})
