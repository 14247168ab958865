import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Position } from '../../lib/index.js'
import type { SeededRandom } from '../../lib/testing/seeded-random.js'
import { Killed, type NodeProcess } from './node-process.js'

type Metadata = Readonly<Record<string, unknown>>

export interface StoredRecord {
  readonly id: string
  readonly vector: Float32Array
  readonly metadata: Metadata
}

type Records = ReadonlyMap<string, StoredRecord>

type Call =
  | { readonly kind: 'upsert'; readonly records: readonly StoredRecord[] }
  | {
      readonly kind: 'update'
      readonly id: string
      readonly patch: { readonly metadata: Metadata; readonly vector?: Float32Array }
    }
  | { readonly kind: 'delete'; readonly ids: readonly string[] }
  | { readonly kind: 'deleteWhere'; readonly filter: { readonly owner: number; readonly section: string } }

const IDS = 200

function rowsOf(name: string): { vector: Float32Array; metadata: Metadata }[] {
  const at = (file: string) => readFileSync(new URL(`../../examples/data/${file}`, import.meta.url))
  const vectors = new Float32Array(new Uint8Array(at(`${name}.f32`)).buffer)
  const lines = at(`${name}.jsonl`).toString().trim().split('\n')
  return lines.map((line, row) => ({
    vector: vectors.slice(row * 256, (row + 1) * 256),
    metadata: JSON.parse(line),
  }))
}

/** Packages of the sample of real text. */
export const PACKAGES = rowsOf('packages')
export const QUERIES = rowsOf('queries').map(({ vector }) => vector)

/** Callers that write to a master that is killed now and then, each one call after the other, and what the store has to hold then. */
export class AcknowledgedWrites {
  /** Calls that were answered. */
  answered = 0
  /** Calls that a kill left unanswered: found to be done, and found not to be. */
  readonly unanswered = { done: 0, undone: 0 }
  /** The newest position that two nodes have said to have on stable storage. */
  safeSeq = 0
  safe = 0
  readonly #master: NodeProcess
  readonly #callers: Caller[]
  readonly #watchers: { count: number; resolve: () => void }[] = []
  #running: Promise<unknown> = Promise.resolve()
  #failed: Promise<never> | undefined
  #isStopped = true

  constructor(master: NodeProcess, random: SeededRandom, callers: number) {
    this.#master = master
    this.#callers = Array.from({ length: callers }, (_, owner) => new Caller(owner, random.fork(`${owner}`)))
  }

  /** Every record that was written and not deleted since. */
  records(): Map<string, StoredRecord> {
    return new Map(this.#callers.flatMap(({ records }) => [...records]))
  }

  start(): void {
    this.#isStopped = false
    this.#running = Promise.all(this.#callers.map((caller) => this.#run(caller)))
    this.#failed = this.#running.then(() => new Promise<never>(() => {}))
    this.#failed.catch(() => {})
  }

  /** No call is made any more, and those that were are settled: needs a master that runs. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  /** Waits for so many more answers. */
  async answers(count: number): Promise<void> {
    const answers = new Promise<void>((resolve) =>
      this.#watchers.push({ count: this.answered + count, resolve }),
    )
    await Promise.race([answers, this.#failed])
  }

  async #run(caller: Caller): Promise<void> {
    while (!this.#isStopped) await this.#write(caller)
  }

  async #write(caller: Caller): Promise<void> {
    const { call, isSafe } = caller.next()
    const { after, count } = caller.afterwards(call)
    const writeConcern = isSafe ? { w: 2, level: 'durable', timeoutMs: 500 } : undefined
    await this.#master.started()
    try {
      const result = await this.#master.ask<{ position: Position; count: number }>('write', {
        ...{ call, writeConcern },
      })
      expect(result.count).toBe(count)
      if (isSafe) {
        this.safe += 1
        this.safeSeq = Math.max(this.safeSeq, result.position.seq)
      }
    } catch (error) {
      if (error instanceof Killed) return this.#settle(caller, after)
      // The write stays.
      if ((error as { code?: string }).code !== 'WRITE_CONCERN_TIMEOUT') throw error
    }
    caller.records = after
    this.answered += 1
    for (const watcher of this.#watchers.filter((each) => each.count <= this.answered)) {
      this.#watchers.splice(this.#watchers.indexOf(watcher), 1)
      watcher.resolve()
    }
  }

  /** What became of a call that was not answered: it was done as a whole or not at all, and all before it is there. */
  async #settle(caller: Caller, after: Records): Promise<void> {
    const ids = Array.from({ length: IDS }, (_, number) => caller.idOf(number))
    for (;;) {
      await this.#master.started()
      try {
        const found = await this.#master.ask<(StoredRecord | undefined)[]>('getMany', ids)
        const held = new Map(found.flatMap((record) => (record ? [[record.id, record] as const] : [])))
        const notDone = differences(caller.records, held)
        const done = differences(after, held)
        if (done.length > 0 && notDone.length > 0) expect(done).toEqual([])
        this.unanswered[done.length === 0 ? 'done' : 'undone'] += 1
        if (done.length === 0) caller.records = after
        return
      } catch (error) {
        if (!(error instanceof Killed)) throw error
      }
    }
  }
}

/** Who writes the records that it owns. */
class Caller {
  records: Records = new Map()
  readonly #owner: number
  readonly #random: SeededRandom
  #calls = 0

  constructor(owner: number, random: SeededRandom) {
    this.#owner = owner
    this.#random = random
  }

  idOf(number: number): string {
    return `${this.#owner}-${number}`
  }

  /** @returns what to call next, and whether two nodes must have it on stable storage before it is answered */
  next(): { call: Call; isSafe: boolean } {
    this.#calls += 1
    return { call: this.#call(), isSafe: this.#calls > 2 && this.#random.chance(0.15) }
  }

  /** What a call makes of the records. */
  afterwards(call: Call): { after: Records; count: number } {
    const after = new Map(this.records)
    if (call.kind === 'upsert') {
      for (const record of call.records) after.set(record.id, record)
      return { after, count: call.records.length }
    }
    if (call.kind === 'update') {
      const { id, vector, metadata } = after.get(call.id) as StoredRecord
      after.set(id, {
        ...{ id, vector: call.patch.vector ?? vector },
        metadata: { ...metadata, ...call.patch.metadata },
      })
      return { after, count: 1 }
    }
    const ids =
      call.kind === 'delete'
        ? call.ids
        : [...after.values()]
            .filter(({ metadata }) => metadata.section === call.filter.section)
            .map(({ id }) => id)
    return { after, count: ids.filter((id) => after.delete(id)).length }
  }

  #call(): Call {
    const random = this.#random
    if (this.#calls === 1) return { kind: 'upsert', records: this.#someRecords(IDS, IDS) }
    const held = [...this.records.values()]
    const kind = random.int(100)
    if (kind < 55 || held.length < IDS / 2) return { kind: 'upsert', records: this.#someRecords(IDS, 12) }
    const { id, metadata } = random.pick(held)
    if (kind < 80) {
      const { vector } = random.pick(PACKAGES)
      const patch = { metadata: { call: this.#calls } }
      return { kind: 'update', id, patch: random.chance(0.3) ? { ...patch, vector } : patch }
    }
    if (kind < 95) return { kind: 'delete', ids: [id, this.idOf(random.int(IDS))] }
    return { kind: 'deleteWhere', filter: { owner: this.#owner, section: metadata.section as string } }
  }

  #someRecords(ids: number, countMax: number): StoredRecord[] {
    const random = this.#random
    const chosen = new Set<number>()
    const count = countMax === ids ? ids : 1 + random.int(countMax)
    for (let at = 0; at < count; at++) chosen.add(countMax === ids ? at : random.int(ids))
    return [...chosen].map((number) => {
      const { vector, metadata } = random.pick(PACKAGES)
      return {
        ...{ id: this.idOf(number), vector },
        metadata: { ...metadata, owner: this.#owner, call: this.#calls },
      }
    })
  }
}

/** In which records two stores differ, vectors bit by bit: no lines when they hold the same. */
export function differences(
  expected: ReadonlyMap<string, StoredRecord>,
  found: ReadonlyMap<string, StoredRecord>,
): string[] {
  const ids = new Set([...expected.keys(), ...found.keys()])
  return [...ids].sort().flatMap((id) => {
    const [one, other] = [expected.get(id), found.get(id)].map(described)
    return one === other ? [] : [`${id}: ${one} is ${other}`]
  })
}

function described(record: StoredRecord | undefined): string | undefined {
  if (!record) return undefined
  const { vector, metadata } = record
  const fields = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  const bits = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
  return `${JSON.stringify(fields)} ${bits}`
}
