import { spawn } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'
import { CALLERS, callOf, DIMENSIONS, type KilledCall, type KilledRecord } from './killed-calls.mjs'

/** Fewer than about 50 do not write enough to fill a segment of the log. */
const KILLS = Number(process.env.REPLIVEC_KILLS ?? 100)
const SEED = Number(process.env.REPLIVEC_KILL_SEED ?? 1)
const WRITER = fileURLToPath(new URL('killed-writer.mjs', import.meta.url))

type Records = ReadonlyMap<string, KilledRecord>

/** What one caller's records may be: more than one state when a call was not answered. */
type Candidates = readonly Records[]

interface Answer {
  readonly index: number
  readonly seq: number
  readonly count: number
}

interface Output {
  /** By caller, in the order of the calls. */
  readonly answers: readonly (readonly Answer[])[]
  readonly backups: readonly { readonly path: string; readonly seq: number }[]
}

/** A state as the model has it at one position of the log. */
interface Moment {
  readonly seq: number
  readonly candidates: Candidates
}

test(`a store outlives ${KILLS} kills of its process (seed ${SEED})`, async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, 'store')
    const random = new SeededRandom(SEED)
    let expected: Candidates[] = Array.from({ length: CALLERS }, () => [new Map()])
    let seq = 0
    let answered = 0
    let backups = 0
    await mkdir(join(directory, 'backups'))
    for (let run = 1; run <= KILLS; run++) {
      const durability = run % 2 === 0 ? 'sync' : 'buffered'
      const backup = run % 5 === 0 ? join(directory, 'backups', String(run)) : undefined
      const settings = { path, seed: SEED, run, durability, retentionBytes: run % 3 === 0 ? 1e9 : 0, backup }
      // Now and then it is killed while it opens the store, before or amid recovery, or amid a second backup.
      const from = backup ? 'backup' : random.chance(0.2) ? 'start' : 'answer'
      const killed = await runUntilKilled(settings, from, 20 + random.int(281))
      const moments = killed.answers.map((answers, caller) =>
        momentsOf(run, caller, expected[caller] as Candidates, answers),
      )
      expected = moments.map((of, caller) => {
        const { candidates } = of.at(-1) as Moment
        const next = callOf(SEED, run, caller, (killed.answers[caller] as readonly Answer[]).length)
        return [...candidates, ...candidates.map((records) => applied(records, next, caller).records)]
      })
      for (const answers of killed.answers) {
        answered += answers.length
        for (const answer of answers) seq = Math.max(seq, answer.seq)
      }
      for (const { path: from, seq: at } of killed.backups) {
        const target = join(directory, 'restored')
        await VectorStore.restore(from, target)
        await checkContents(target, momentAt(moments, expected, at), at)
        await rm(target, { recursive: true })
        backups += 1
      }
      // Kills in a row are survived too: what they left is looked at after the last of them.
      if (run % 3 !== 1 || run === KILLS) expected = await checkContents(path, expected, seq)
    }
    const [oldest] = await readdir(join(path, 'log')).then((names) =>
      names.filter((name) => name.endsWith('.log')),
    )
    expect(answered).toBeGreaterThan(KILLS * CALLERS)
    expect(backups).toBeGreaterThan(0)
    // Segments of the log were filled and trimmed on the way.
    expect(oldest).not.toBe('0000000000000001.log')
  })
}, 600_000)

/** Opens a store and checks that it holds one of the candidates of each caller; returns those. */
async function checkContents(
  path: string,
  expected: readonly Candidates[],
  seq: number,
): Promise<Candidates[]> {
  const store = await VectorStore.open({ path })
  try {
    expect(store.getStats().position.seq).toBeGreaterThanOrEqual(seq)
    expect(await store.verify()).toMatchObject({ ok: true, damage: [] })
    // The first process may have been killed before it created the collection.
    const collection = await store.getOrCreateCollection('records', {
      dimensions: DIMENSIONS,
      metric: 'euclidean',
    })
    const found = await contentsOf(collection)
    const held = expected.map((candidates, caller) => {
      const own = describe(new Map([...found].filter(([id]) => id.startsWith(`${caller}-`))))
      expect(candidates.map(describe)).toContain(own)
      return candidates.filter((records) => describe(records) === own).slice(0, 1)
    })
    await checkReads(collection, found)
    return held
  } finally {
    await store.close()
  }
}

async function contentsOf(collection: Collection): Promise<Records> {
  const records = new Map<string, KilledRecord>()
  for await (const { id, vector, metadata } of collection.scan({ includeVector: true })) {
    records.set(id, { id, vector: [...vector], metadata })
  }
  return records
}

/** All ways to read find the same. */
async function checkReads(collection: Collection, records: Records): Promise<void> {
  const ids = [...records.keys()]
  const got = await collection.getMany(ids, { includeVector: true })
  expect(got.map((record) => record && { ...record, vector: [...record.vector] })).toEqual([
    ...records.values(),
  ])
  for (const filter of [{}, { group: 1 }, { owner: 3, group: { $ne: 0 } }] as {
    group?: unknown
    owner?: number
  }[]) {
    const matching = [...records.values()].filter(
      ({ metadata }) =>
        (filter.owner === undefined || metadata.owner === filter.owner) &&
        (filter.group === undefined || (filter.group === 1 ? metadata.group === 1 : metadata.group !== 0)),
    )
    expect(await collection.count(filter)).toBe(matching.length)
    const hits = await collection.search({
      vector: new Float32Array(DIMENSIONS),
      topK: 20,
      filter,
      exact: true,
    })
    const far = ({ vector }: KilledRecord) => vector.reduce((sum, value) => sum + value * value, 0)
    const nearest = matching.sort((a, b) => far(a) - far(b) || (a.id < b.id ? -1 : 1)).slice(0, 20)
    expect(hits.map(({ id }) => id)).toEqual(nearest.map(({ id }) => id))
  }
}

/** The states of a caller's records after each call that was answered. */
function momentsOf(run: number, caller: number, before: Candidates, answers: readonly Answer[]): Moment[] {
  const moments: Moment[] = [{ seq: 0, candidates: before }]
  for (const [place, { index, seq, count }] of answers.entries()) {
    expect(index).toBe(place)
    const call = callOf(SEED, run, caller, index)
    const { seq: lastSeq, candidates } = moments.at(-1) as Moment
    const after = candidates
      .map((records) => applied(records, call, caller))
      .filter((next) => next.count === count)
    expect(after.length, `call ${index} of ${caller} in run ${run} changed ${count}`).toBeGreaterThan(0)
    moments.push({ seq: Math.max(lastSeq, seq), candidates: after.map(({ records }) => records) })
  }
  return moments
}

/** What a backup of operation `seq` holds: of each caller the calls up to there, answered or not. */
function momentAt(moments: readonly Moment[][], last: readonly Candidates[], seq: number): Candidates[] {
  return moments.map((of, caller) => {
    const moment = of.findLast((each) => each.seq <= seq) as Moment
    return moment === of.at(-1) ? (last[caller] as Candidates) : moment.candidates
  })
}

function applied(before: Records, call: KilledCall, caller: number): { records: Records; count: number } {
  const records = new Map(before)
  if (call.kind === 'upsert') {
    for (const record of call.records) records.set(record.id, record)
    return { records, count: call.records.length }
  }
  if (call.kind === 'update') {
    const record = records.get(call.id)
    if (!record) return { records, count: 0 }
    const { vector = record.vector, metadata = {} } = call.patch
    records.set(call.id, { id: call.id, vector, metadata: { ...record.metadata, ...metadata } })
    return { records, count: 1 }
  }
  const ids =
    call.kind === 'delete'
      ? call.ids
      : [...records.values()]
          .filter(({ metadata }) => metadata.owner === caller && metadata.group === call.group)
          .map(({ id }) => id)
  return { records, count: ids.filter((id) => records.delete(id)).length }
}

function describe(records: Records): string {
  const lines = [...records.values()].map(({ id, vector, metadata }) => {
    const { owner, group, tag, padding } = metadata
    return `${id} (${vector}) ${owner} ${group} ${tag} ${String(padding).length} ${String(padding).slice(0, 12)}`
  })
  return lines.sort().join('\n')
}

/** Starts the writer and kills it a while after it started, or after its first answer or backup. */
async function runUntilKilled(
  settings: object,
  from: 'start' | 'answer' | 'backup',
  delayMs: number,
): Promise<Output> {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(settings)], {
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
    if (from === 'answer' || chunk.includes('backup ')) killLater()
  })
  if (from === 'start') killLater()
  const signal = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_, by) => resolve(by))
  })
  clearTimeout(timer)
  expect(`${signal} ${complaint}`).toBe('SIGKILL ')
  return outputOf(Buffer.concat(chunks).toString())
}

function outputOf(text: string): Output {
  const answers: Answer[][] = Array.from({ length: CALLERS }, () => [])
  const backups: { path: string; seq: number }[] = []
  // The last line may be cut off.
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('backup ')) {
      const end = line.lastIndexOf(' ')
      backups.push({ path: line.slice('backup '.length, end), seq: Number(line.slice(end + 1)) })
      continue
    }
    const [caller, index, seq, count] = line.split(' ').map(Number) as [number, number, number, number]
    answers[caller]?.push({ index, seq, count })
  }
  return { answers, backups }
}
