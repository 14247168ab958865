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

test('rows about an index run on few records, whatever the version answers with', () => {
  const { status, stdout, stderr } = bench('ingest', 'event-loop-index', 'reopen-search', 'cache')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/1000 durable upserts, no field index +[\d.]+ s +usearch f32/)
  expect(stdout).toMatch(/p99\.9 of monitorEventLoopDelay/)
  expect(stdout).toMatch(/1000 records +[\d.]+ ms +at 200: /)
  expect(stdout).toMatch(/100 queries over and over, cached /)
  expect(stdout).not.toMatch(/NaN|undefined/)
}, 120_000)

test('a speed at a recall lies between the settings around it, and a peer that never gets there says so', async () => {
  const { ratesAtRecall } = await import(new URL('../../bench/recall-curve.mjs', import.meta.url).href)
  const point = (recall: number, rate: number) => ({ effort: recall, recall, rates: [rate, 2 * rate] })
  const curve = { points: [point(0.99, 100), point(0.9, 10_000)] }
  // Less by a thousandth is as good.
  const between = ratesAtRecall(curve, 0.945 + 0.001)
  expect(between.reached).toBe(true)
  expect(between.rates[0]).toBeCloseTo(1_000, 6)
  expect(between.rates[1]).toBeCloseTo(2_000, 6)
  expect(ratesAtRecall(curve, 0.5)).toEqual({ rates: [10_000, 20_000], reached: true })
  expect(ratesAtRecall(curve, 0.9909).reached).toBe(true)
  expect(ratesAtRecall(curve, 1)).toEqual({ rates: [100, 200], reached: false })
})

test('a plot names every contender, and there is none without numbers', async () => {
  const { plots } = await import(new URL('../../bench/plot.mjs', import.meta.url).href)
  const points = [
    { effort: null, recall: 1, rates: [500] },
    { effort: 16, recall: 0.93, rates: [700] },
  ]
  const settings = [{ name: 'one & only', effort: null, recall: 0.5, rates: [42] }]
  const condition = { field: 'bucket', operator: '$lt', value: 10 }
  const rows = [
    { lines: [] },
    { curves: [{ name: "ours, 'cpu'", effortName: 'ef', points }] },
    { filters: [{ percent: 1, condition, matching: 10, settings }] },
  ]
  const drawn: { name: string; svg: string }[] = plots({ rows })
  expect(drawn.map(({ name }) => name)).toEqual(['recall-speed.svg', 'filters.svg'])
  expect(drawn[0]?.svg).toContain(">ours, 'cpu'</text>")
  expect(drawn[1]?.svg).toContain('>one &amp; only</text>')
  for (const { svg } of drawn) expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  expect(plots({ rows: [{ lines: [] }] })).toEqual([])
})

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
