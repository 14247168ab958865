import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { distance } from '../../lib/index/distance.js'
import type { Collection } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { callOf, DIMENSIONS, type PointCall, vectorOf } from './killed-points.mjs'
import { indexDirectories, openObserved } from './modelled-points.js'

const KILLS = Number(process.env.REPLIVEC_INDEXER_KILLS ?? 15)
const SEED = Number(process.env.REPLIVEC_KILL_SEED ?? 1)
const INDEXER = fileURLToPath(new URL('killed-indexer.mjs', import.meta.url))
const TOP_K = 10
const RECALL_MIN = 0.97

type Points = ReadonlyMap<string, Float32Array>

interface Killed {
  /** The counts of the calls that were answered. */
  readonly counts: readonly number[]
  readonly segments: number
}

test(`segments outlive ${KILLS} kills of the process that builds them (seed ${SEED})`, async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, 'store')
    const random = new SeededRandom(SEED)
    let candidates: Points[] = [new Map()]
    let segments = 0
    for (let run = 1; run <= KILLS; run++) {
      const settings = { path, seed: SEED, run, durability: run % 2 === 0 ? 'sync' : 'buffered' }
      // At once when a segment is done its sources are replaced and removed; otherwise at any moment.
      const from = random.pick(['start', 'answer', 'answer', 'segment'] as const)
      const killed = await runUntilKilled(
        settings,
        from,
        from === 'segment' ? random.int(40) : random.int(900),
      )
      segments += killed.segments
      for (const [index, count] of killed.counts.entries()) {
        const call = callOf(SEED, run, index)
        const after = candidates.map((points) => applied(points, call)).filter((next) => next.count === count)
        expect(after.length, `call ${index} of run ${run} changed ${count}`).toBeGreaterThan(0)
        candidates = after.map(({ points }) => points)
      }
      const next = callOf(SEED, run, killed.counts.length)
      candidates = [...candidates, ...candidates.map((points) => applied(points, next).points)]
      // Kills in a row are survived too: what they left is looked at after the last of them.
      if (run % 3 !== 1 || run === KILLS) {
        candidates = [await check(path, candidates, random, run % 3 === 0 || run === KILLS)]
      }
    }
    // How many are built before a kill depends on the machine; without any the kills would prove nothing.
    expect(segments).toBeGreaterThan(0)
  })
}, 600_000)

/** Opens a store and checks what it holds and finds; returns that. */
async function check(
  path: string,
  candidates: readonly Points[],
  random: SeededRandom,
  flushes: boolean,
): Promise<Points> {
  const { store, warnings } = await openObserved(path)
  // The first process may have been killed before it created the collection.
  const points = await store.getOrCreateCollection('points', { dimensions: DIMENSIONS, metric: 'euclidean' })
  const found = await contentsOf(points)
  const held = candidates.find((candidate) => isSame(candidate, found))
  const sizes = candidates.map(({ size }) => size)
  expect({ isHeld: held !== undefined, size: found.size, sizes }).toMatchObject({ isHeld: true })
  await checkSearches(points, found, random)
  if (flushes) {
    await points.flush()
    await checkSearches(points, found, random)
    const { index } = points.getStats()
    expect(index).toMatchObject({ kind: 'hnsw', indexed: found.size, pending: 0 })
    await store.close()
    const [names = []] = Object.values(await indexDirectories(path))
    expect(names).toHaveLength(index.segments)
  }
  await store.close()
  expect(warnings).toEqual([])
  return found
}

async function contentsOf(points: Collection): Promise<Points> {
  const found = new Map<string, Float32Array>()
  for await (const { id, vector } of points.scan({ includeVector: true })) found.set(id, vector)
  return found
}

function isSame(a: Points, b: Points): boolean {
  if (a.size !== b.size) return false
  for (const [id, vector] of a) {
    const other = b.get(id)
    if (!other || !vector.every((component, i) => component === other[i])) return false
  }
  return true
}

/** Exact searches find what comparing with all finds, and the others nearly all of it, and nothing that is not there. */
async function checkSearches(points: Collection, records: Points, random: SeededRandom): Promise<void> {
  const queries = 12
  let found = 0
  let wanted = 0
  for (let query = 0; query < queries; query++) {
    const vector = Float32Array.from(vectorOf(random))
    const far = (other: Float32Array): number => distance('euclidean', vector, 0, other, 0, DIMENSIONS)
    const nearest = [...records]
      .map(([id, other]) => ({ id, distance: far(other) }))
      .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
      .slice(0, TOP_K)
    const exact = await points.search({ vector, topK: TOP_K, exact: true })
    expect(exact.map(({ id, distance }) => ({ id, distance }))).toEqual(nearest)
    const hits = await points.search({ vector, topK: TOP_K, includeVector: true })
    expect(hits.map(({ vector }) => vector)).toEqual(hits.map(({ id }) => records.get(id)))
    expect(hits).toHaveLength(nearest.length)
    const farthest = nearest.at(-1)?.distance ?? 0
    found += hits.filter(({ distance }) => distance <= farthest).length
    wanted += nearest.length
  }
  expect(found).toBeGreaterThanOrEqual(RECALL_MIN * wanted)
}

function applied(before: Points, call: PointCall): { points: Points; count: number } {
  const points = new Map(before)
  if (call.kind === 'upsert') {
    for (const { id, vector } of call.records) points.set(id, Float32Array.from(vector))
    return { points, count: call.records.length }
  }
  if (call.kind === 'move') {
    if (!points.has(call.id)) return { points, count: 0 }
    return { points: points.set(call.id, Float32Array.from(call.vector)), count: 1 }
  }
  return { points, count: call.ids.filter((id) => points.delete(id)).length }
}

/** Starts the indexer and kills it a while after it started, or after its first answer or the first segment it told of. */
async function runUntilKilled(
  settings: object,
  from: 'start' | 'answer' | 'segment',
  delayMs: number,
): Promise<Killed> {
  const child = spawn(process.execPath, [INDEXER, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  let complaint = ''
  let timer: NodeJS.Timeout | undefined
  const killLater = (): void => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs)
  }
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (from === 'answer' || chunk.includes('segment ')) killLater()
  })
  if (from === 'start') killLater()
  const signal = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_, by) => resolve(by))
  })
  clearTimeout(timer)
  expect(`${signal} ${complaint}`).toBe('SIGKILL ')
  // The last line may be cut off.
  const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1)
  const answers = lines.filter((line) => !line.startsWith('segment ')).map((line) => line.split(' '))
  expect(answers.map(([index]) => Number(index))).toEqual([...answers.keys()])
  return { counts: answers.map(([, count]) => Number(count)), segments: lines.length - answers.length }
}
