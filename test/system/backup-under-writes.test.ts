/** Calls that read everything must come to an end while writers never pause. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'replivec-backup-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Writes without a pause until `stop`; which operation wrote which id. */
class SteadyWriter {
  readonly idBySeq = new Map<number, string>()
  readonly #collection: Collection
  readonly #done: Promise<void>
  #isStopped = false

  constructor(collection: Collection) {
    this.#collection = collection
    this.#done = this.#write()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
  }

  async #write(): Promise<void> {
    for (let i = 0; !this.#isStopped; i++) {
      const id = `record-${i}`
      const { position } = await this.#collection.upsert({ id, vector: [i, 1] })
      this.idBySeq.set(position.seq, id)
      // A buffered write completes without leaving the microtask queue; the rest of the process wants its turn too.
      if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

describe('while writers never pause', () => {
  test('a backup ends and holds exactly what was written up to its position', async () => {
    const store = await VectorStore.open({ path: join(directory, 'store'), durability: 'buffered' })
    const collection = await store.createCollection('points', { dimensions: 2, metric: 'euclidean' })
    const writer = new SteadyWriter(collection)
    await collection.count({}, { after: { epoch: 1, seq: 2_000 } })
    const { position } = await store.backup(join(directory, 'backup'))
    await writer.stop()
    await store.close()

    await VectorStore.restore(join(directory, 'backup'), join(directory, 'restored'))
    const restored = await VectorStore.open({ path: join(directory, 'restored') })
    const points = await restored.openCollection('points')
    const ids: string[] = []
    for await (const { id } of points.scan()) ids.push(id)
    const written = [...writer.idBySeq].filter(([seq]) => seq <= position.seq).map(([, id]) => id)
    expect(ids).toEqual(written.sort())
    await restored.close()
  })

  test('a verification ends and finds no damage', async () => {
    const store = await VectorStore.open({ path: join(directory, 'store'), durability: 'buffered' })
    const collection = await store.createCollection('points', { dimensions: 2, metric: 'euclidean' })
    const writer = new SteadyWriter(collection)
    await collection.count({}, { after: { epoch: 1, seq: 2_000 } })
    const { damage } = await store.verify()
    expect(damage).toEqual([])
    await writer.stop()
    await store.close()
  })
})

test('a store in memory can be backed up to disk', async () => {
  const store = await VectorStore.open()
  const collection = await store.createCollection('points', { dimensions: 2, metric: 'dot' })
  await collection.upsert({ id: 'a', vector: [1, 2], metadata: { kept: true } })
  await store.backup(join(directory, 'backup'))
  await store.close()

  await VectorStore.restore(join(directory, 'backup'), join(directory, 'restored'))
  const restored = await VectorStore.open({ path: join(directory, 'restored') })
  const points = await restored.openCollection('points')
  expect(await points.get('a', { includeVector: true })).toEqual({
    id: 'a',
    vector: Float32Array.of(1, 2),
    metadata: { kept: true },
  })
  await restored.close()
})
