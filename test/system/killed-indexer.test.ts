import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { distance } from '../../lib/index/distance.js'
import type { Collection, Metric } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { callOf, DIMENSIONS, type PointCall, vectorOf } from './killed-points.mjs'
import { indexDirectories, openObserved } from './modelled-points.js'

const KILLS = Number(process.env.REPLIVEC_INDEXER_KILLS ?? 9)
const SEED = Number(process.env.REPLIVEC_KILL_SEED ?? 1)
const INDEXER = fileURLToPath(new URL('killed-indexer.mjs', import.meta.url))
const TOP_K = 10
const RECALL_MIN = 0.97
/** So many in two segments: one of them is asked by either backend. */
const ASKED_MIN = 2_100

/** Where components begin: euclidean vectors lie far from the origin, and those for cosine around it. */
const FROM = { euclidean: 3, cosine: -1.2 } as const

type Points = ReadonlyMap<string, Float32Array>

/** What a graph is built for. */
const BUILDS = ['build', 'merge', 'change'] as const
type Build = (typeof BUILDS)[number]

/** From when on a kill may come: the start, the first answer, the first segment, or a graph that is being built. */
type From = 'start' | 'answer' | 'segment' | Build
const OTHERS = ['start', 'answer', 'segment'] as const

interface Killed {
  /** The counts of the calls that were answered. */
  readonly counts: readonly number[]
  readonly segments: number
  /** What the graph was for that was being built. */
  readonly inside: Build | undefined
  /** The backend that was answered last, and the one that was asked for after that. */
  readonly backends: readonly string[]
}

/** What the checks between the kills found. */
interface Seen {
  /** Opens after which graphs answered that had been built before. */
  graphsFound: number
  /** Of all searches that might have missed some. */
  found: number
  wanted: number
}

test.each([
  ['euclidean', SEED],
  ['cosine', SEED + 1],
] as const)(
  `segments outlive ${KILLS} kills of the process that builds them (%s, seed %d)`,
  async (metric, seed) => {
    await withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'store')
      const random = new SeededRandom(seed)
      let candidates: Points[] = [new Map()]
      let backends = ['cpu']
      let segments = 0
      const inside = { build: 0, merge: 0, change: 0 }
      const seen: Seen = { graphsFound: 0, found: 0, wanted: 0 }
      for (let run = 1; run <= KILLS; run++) {
        const durability = run % 2 === 0 ? 'sync' : 'buffered'
        // Two of three inside a graph, each kind in its turn.
        const aim = run % 3 === 0 ? undefined : BUILDS[(run - Math.floor(run / 3)) % 3]
        const from: From = aim ?? random.pick(OTHERS)
        // At once when a segment is done its sources are replaced and removed; otherwise at any moment.
        const delayMs = random.int(aim ? 15 : from === 'segment' ? 40 : 900)
        const settings = { path, seed, run, durability, metric, from: FROM[metric], aim }
        const killed = await runUntilKilled(settings, from, delayMs)
        segments += killed.segments
        if (killed.inside) inside[killed.inside] += 1
        if (killed.backends.length > 0)
          backends = [...(killed.backends.length > 1 ? [] : backends), ...killed.backends]
        for (const [index, count] of killed.counts.entries()) {
          const call = callOf(seed, run, index, FROM[metric])
          const after = candidates
            .map((points) => applied(points, call))
            .filter((next) => next.count === count)
          expect(after.length, `call ${index} of run ${run} changed ${count}`).toBeGreaterThan(0)
          candidates = after.map(({ points }) => points)
        }
        const next = callOf(seed, run, killed.counts.length, FROM[metric])
        candidates = [...candidates, ...candidates.map((points) => applied(points, next).points)]
        // Kills in a row are survived too: what they left is looked at after the last of them.
        if (run % 3 !== 1 || run === KILLS) {
          const flushes = run % 3 === 0 || run === KILLS
          candidates = [await check({ path, metric, backends, flushes, seen }, candidates, random)]
        }
      }
      // How many are built before a kill depends on the machine; without any the kills would prove nothing.
      expect(segments).toBeGreaterThan(0)
      expect(Object.entries(inside).filter(([, kills]) => kills === 0)).toEqual([])
      expect(seen.graphsFound).toBeGreaterThan(0)
      expect(seen.found / seen.wanted).toBeGreaterThanOrEqual(RECALL_MIN)
    })
  },
  600_000,
)

interface Checked {
  readonly path: string
  readonly metric: Metric
  /** What the collection's backend may be. */
  readonly backends: readonly string[]
  readonly flushes: boolean
  readonly seen: Seen
}

/** Opens a store and checks what it holds and finds; returns that. */
async function check(
  { path, metric, backends, flushes, seen }: Checked,
  candidates: readonly Points[],
  random: SeededRandom,
): Promise<Points> {
  const { store, warnings } = await openObserved(path)
  // The first process may have been killed before it created the collection.
  const points = await store.getOrCreateCollection('points', { dimensions: DIMENSIONS, metric })
  expect(backends).toContain(points.backend)
  const found = await contentsOf(points)
  const held = candidates.find((candidate) => isSame(candidate, found))
  const sizes = candidates.map(({ size }) => size)
  expect({ isHeld: held !== undefined, size: found.size, sizes }).toMatchObject({ isHeld: true })
  await checkSearches(points, found, random, seen)
  if (found.size >= ASKED_MIN && (await isIndexAsked(points))) seen.graphsFound += 1
  if (flushes) {
    await points.flush()
    await checkSearches(points, found, random, seen)
    const { index } = points.getStats()
    const kind = points.backend === 'cpu' ? 'hnsw' : 'hnsw-quantized'
    expect(index).toMatchObject({ kind, indexed: found.size, pending: 0 })
    if (found.size >= ASKED_MIN)
      expect([await isIndexAsked(points), index.segments > 0]).toEqual([true, true])
    await store.close()
    const [names = []] = Object.values(await indexDirectories(path))
    expect(names).toHaveLength(index.segments)
  }
  await store.close()
  expect(warnings).toEqual([])
  return found
}

async function isIndexAsked(points: Collection): Promise<boolean> {
  const { vectors } = await points.explain({
    vector: new Float32Array(DIMENSIONS).fill(FROM[points.metric as keyof typeof FROM] + 1),
    topK: TOP_K,
  })
  return vectors === 'index'
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
async function checkSearches(
  points: Collection,
  records: Points,
  random: SeededRandom,
  seen: Seen,
): Promise<void> {
  const queries = 12
  let found = 0
  let wanted = 0
  for (let query = 0; query < queries; query++) {
    const vector = Float32Array.from(vectorOf(random, FROM[points.metric as keyof typeof FROM]))
    const far = (other: Float32Array): number => distance(points.metric, vector, 0, other, 0, DIMENSIONS)
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
  // Few queries are unlucky now and then; a segment that is not asked costs more.
  expect(found).toBeGreaterThanOrEqual(0.9 * wanted)
  seen.found += found
  seen.wanted += wanted
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

/** Starts the indexer and kills it a while after what it is to be killed after. */
async function runUntilKilled(settings: object, from: From, delayMs: number): Promise<Killed> {
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
  const sign = from === 'segment' ? 'segment ' : from === 'answer' ? '' : `begin ${from}`
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (chunk.includes(sign)) killLater()
  })
  if (from === 'start') killLater()
  const signal = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_, by) => resolve(by))
  })
  clearTimeout(timer)
  expect(`${signal} ${complaint}`).toBe('SIGKILL ')
  // The last line may be cut off.
  return killedAfter(Buffer.concat(chunks).toString().split('\n').slice(0, -1))
}

/** What a process did that said these lines. */
function killedAfter(lines: readonly string[]): Killed {
  const said = lines.map((line) => line.split(' ') as [string, string])
  const answers = said.filter(([word]) => /^[0-9]+$/.test(word))
  expect(answers.map(([index]) => Number(index))).toEqual([...answers.keys()])
  const [last, build] = said.findLast(([word]) => word === 'begin' || word === 'end') ?? []
  const has = said.findLastIndex(([word]) => word === 'has')
  const backends = said.slice(Math.max(0, has)).filter(([word]) => word === 'has' || word === 'asked')
  return {
    counts: answers.map(([, count]) => Number(count)),
    segments: said.filter(([word]) => word === 'segment').length,
    inside: last === 'begin' ? (build as Build) : undefined,
    backends: backends.map(([, backend]) => backend),
  }
}
