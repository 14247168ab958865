import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import type { Collection } from '../../lib/collection/collection.js'
import type { ReplivecError } from '../../lib/errors.js'
import { VectorStore } from '../../lib/store/vector-store.js'
import { SimulatedMachine } from '../../lib/testing/simulated-machine.js'
import { expectRefusal } from './refusal.js'

const CHILD = fileURLToPath(new URL('full-disk-child.mjs', import.meta.url))
const VECTOR = new Float32Array(256).fill(0.5)

async function idsOf(notes: Collection): Promise<string[]> {
  const ids = []
  for await (const { id } of notes.scan()) ids.push(id)
  return ids
}

describe('a real disk that takes no more', () => {
  let directory: string | undefined
  afterEach(() => rmSync(directory as string, { recursive: true, force: true }))

  test('refuses the write, leaves the store readable, and loses nothing that was acknowledged', async () => {
    directory = mkdtempSync(join(tmpdir(), 'replivec-full-'))
    const path = join(directory, 'store')
    // The shell's limit on the size of a file, in blocks of 512 or 1024 bytes, stands in for a full disk.
    const command = ['-c', 'ulimit -f 2000; exec "$0" "$@"', process.execPath, CHILD, path]
    const child = spawnSync('sh', command, { encoding: 'utf8' })
    expect({ stderr: child.stderr, status: child.status, signal: child.signal }).toEqual({
      stderr: '',
      status: 0,
      signal: null,
    })
    const facts = JSON.parse(child.stdout)
    const acknowledged: string[] = facts.acknowledged.sort()
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(facts).toMatchObject({
      refused: { name: 'ReplivecError', code: 'STORAGE_FAILED', hasCause: true },
      later: new Array(8).fill('STORAGE_FAILED'),
      warnings: 1,
      changes: acknowledged.length,
      read: acknowledged,
      count: acknowledged.filter((id) => id.endsWith('-0')).length,
      hits: acknowledged.slice(0, 3),
      first: { id: 'id-0-0', metadata: { part: 0, round: 0 } },
      readOnly: 'STORAGE_FAILED',
      closed: true,
    })
    expect(facts.refused.message).toMatch(/write was refused and the store is read-only now\. Free space/)
    const store = await VectorStore.open({ path })
    const notes = await store.openCollection('notes')
    expect(await idsOf(notes)).toEqual(acknowledged)
    await notes.upsert({ id: 'space-again', vector: VECTOR })
    expect(await idsOf(notes)).toEqual([...acknowledged, 'space-again'])
    expect(await store.verify()).toMatchObject({ ok: true, damage: [] })
    expect(store.getStats().readOnly).toBeNull()
    await store.close()
    expect(readdirSync(path).sort()).toEqual(['log', 'records'])
  })
})

/** A store on a simulated machine, with everything it said. */
class Patient {
  readonly machine: SimulatedMachine
  readonly warnings: string[] = []
  readonly changed: string[] = []
  readonly acknowledged: string[] = []
  store: VectorStore | undefined
  notes: Collection | undefined

  constructor(seed: string) {
    this.machine = new SimulatedMachine({ seed, segmentBytes: 64 * 1024 })
  }

  async open(): Promise<void> {
    this.store = await VectorStore.openIn(this.machine.environment, { path: '/store' })
    this.store.on('warning', ({ code }) => this.warnings.push(code))
    this.store.on('change', ({ ids }) => this.changed.push(...ids))
    this.notes = await this.store.getOrCreateCollection('notes', { dimensions: 256, metric: 'dot' })
  }

  /** Writes in groups of concurrent calls until one is refused; returns that refusal. */
  async writeUntilRefused(roundsMax: number): Promise<ReplivecError> {
    for (let round = 0; round < roundsMax; round++) {
      const ids = Array.from({ length: 5 }, (_, at) => `id-${String(round).padStart(4, '0')}-${at}`)
      const records = (id: string) => ({ id, vector: VECTOR, metadata: { round } })
      const writes = await Promise.allSettled(ids.map((id) => (this.notes as Collection).upsert(records(id))))
      const refusals: ReplivecError[] = []
      for (const [at, write] of writes.entries()) {
        if (write.status === 'rejected') refusals.push(write.reason)
        else this.acknowledged.push(ids[at] as string)
      }
      if (refusals[0]) return refusals[0]
      // The record store is written in the background, when writers pause.
      await this.machine.clock.advance(50)
    }
    throw new Error(`the disk was never full in ${roundsMax} rounds`)
  }

  async expectReadOnly(): Promise<void> {
    const notes = this.notes as Collection
    const store = this.store as VectorStore
    for (const write of [
      () => notes.upsert({ id: 'late', vector: VECTOR }),
      () => notes.delete('id-0000-0'),
      () => notes.update({ filter: {} }, { metadata: { late: true } }),
      () => store.createCollection('late', { dimensions: 1, metric: 'dot' }),
    ]) {
      await expectRefusal(write, 'STORAGE_FAILED', /[Ff]ree .*space/)
    }
    expect(store.getStats().readOnly).toBe('STORAGE_FAILED')
    expect(this.warnings).toEqual(['STORAGE_FAILED'])
    expect(await idsOf(notes)).toEqual(this.acknowledged)
    expect(this.changed).toEqual(this.acknowledged)
    expect((await notes.search({ vector: VECTOR, topK: 2 })).map(({ id }) => id)).toEqual(
      this.acknowledged.slice(0, 2),
    )
  }

  async expectAllAfterReopening(): Promise<void> {
    this.warnings.length = 0
    await this.open()
    const { store, notes, acknowledged } = this as {
      store: VectorStore
      notes: Collection
      acknowledged: string[]
    }
    expect(await idsOf(notes)).toEqual(acknowledged)
    await notes.upsert({ id: 'space-again', vector: VECTOR })
    expect(await idsOf(notes)).toEqual([...acknowledged, 'space-again'])
    expect(await store.verify()).toMatchObject({ ok: true, damage: [] })
    expect(this.warnings).toEqual([])
    await store.close()
  }
}

describe.each(['full-1', 'full-2', 'full-3'])('a simulated disk without space (seed %s)', (seed) => {
  test('makes the store read-only; closed and opened with space, all is there', async () => {
    const patient = new Patient(seed)
    await patient.open()
    patient.machine.disk.capacityBytes = 700_000
    const refusal = await patient.writeUntilRefused(1_000)
    expect(refusal).toMatchObject({ code: 'STORAGE_FAILED', cause: { code: 'ENOSPC' } })
    expect(refusal.message).toMatch(/this write was refused and the store is read-only now/)
    expect(patient.acknowledged.length).toBeGreaterThan(20)
    await patient.expectReadOnly()
    await patient.store?.close()
    patient.machine.disk.capacityBytes = Number.POSITIVE_INFINITY
    await patient.expectAllAfterReopening()
  })

  test.each(['crash', 'powerCut'] as const)(
    'and then a %s loses nothing that was acknowledged',
    async (end) => {
      const patient = new Patient(`${seed}/${end}`)
      await patient.open()
      patient.machine.disk.capacityBytes = 700_000
      await patient.writeUntilRefused(1_000)
      patient.machine[end]()
      patient.machine.disk.capacityBytes = Number.POSITIVE_INFINITY
      await patient.expectAllAfterReopening()
    },
  )

  test('in the record store alone does the same', async () => {
    const patient = new Patient(`${seed}/records`)
    await patient.open()
    patient.machine.keyValues.failNextCommits(1)
    const refusal = await patient.writeUntilRefused(1_000)
    expect(refusal.code).toBe('STORAGE_FAILED')
    await patient.expectReadOnly()
    await patient.store?.close()
    await patient.expectAllAfterReopening()
  })

  test('refuses a backup, leaves nothing of it, and writes go on', async () => {
    const patient = new Patient(`${seed}/backup`)
    await patient.open()
    const { machine, notes, store } = patient as Patient & { notes: Collection; store: VectorStore }
    await notes.upsert(Array.from({ length: 100 }, (_, at) => ({ id: `id-${at}`, vector: VECTOR })))
    await notes.upsert({ id: 'last', vector: VECTOR })
    machine.disk.capacityBytes = machine.disk.usedBytes + 50_000
    await expectRefusal(() => store.backup('/backup'), 'STORAGE_FAILED', /ENOSPC.*Free space on the disk/)
    machine.disk.capacityBytes = Number.POSITIVE_INFINITY
    expect(await machine.environment.files.list('/')).toEqual(['store'])
    await notes.upsert({ id: 'more', vector: VECTOR })
    expect(store.getStats().readOnly).toBeNull()
    expect(await notes.count()).toBe(102)
    await store.backup('/backup')
    expect(await machine.environment.files.list('/')).toEqual(['backup', 'store'])
    await store.close()
  })
})
