import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Collection, VectorStore } from '../../lib/index.js'
import { filter, metadata, paths } from '../filter/filter-arbitrary.js'
import { byCodeUnit, collected } from './contents.js'
import { type Metadata, ModelCollection } from './model-collection.js'

const IDS = ['a', 'b', 'B', 'aa', 'é', '😀', '\uffff', '\u0000', '10', '9', 'x'.repeat(512), ' ']
const SHAPE = { dimensions: 2, metric: 'euclidean' } as const

const id = fc.constantFrom(...IDS)
const vector = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
const record = fc.record({ id, vector, metadata })
const indexed = fc.subarray([...paths])
const unset = fc.subarray(['a', 'b', 'c', '0'])

/** What one run of the test works on. */
interface Run {
  store: VectorStore
  collection: Collection
  model: ModelCollection
  reopen(): Promise<void>
}

type Step = (run: Run) => Promise<void>

/** `refused` says whether the model expects the call to be refused. */
async function outcome(call: Promise<{ count: number }>, refused: boolean, count: number): Promise<void> {
  const answer = await call.then(
    (result) => result.count,
    (error: { code: string }) => error.code,
  )
  expect([refused, typeof answer]).toEqual([refused, refused ? 'string' : 'number'])
  expect(refused || answer === count).toBe(true)
}

function named(name: string, input: unknown, step: Step): Step & { toString(): string } {
  return Object.assign(step, { toString: () => `${name} ${JSON.stringify(input)}` })
}

const writes: fc.Arbitrary<Step>[] = [
  fc.array(record, { maxLength: 8 }).map((records) =>
    named('upsert', records, async ({ collection, model }) => {
      const { count } = await collection.upsert(records)
      expect(count).toBe(new Set(records.map((one) => one.id)).size)
      for (const one of records) model.put(one.id, one.vector, one.metadata)
    }),
  ),
  fc.array(record, { minLength: 1, maxLength: 3 }).map((records) =>
    named('insert', records, async ({ collection, model }) => {
      const ids = records.map((one) => one.id)
      const refused = new Set(ids).size < ids.length || ids.some((one) => model.records.has(one))
      await outcome(collection.insert(records), refused, records.length)
      for (const one of refused ? [] : records) model.put(one.id, one.vector, one.metadata)
    }),
  ),
  fc.tuple(id, metadata, unset, fc.option(vector, { nil: undefined })).map(([one, set, gone, to]) =>
    named('update', [one, set, gone, to], async ({ collection, model }) => {
      const fields = gone.filter((field) => !Object.hasOwn(set, field))
      const refused = !model.records.has(one)
      const isEmpty = Object.keys(set).length === 0 && fields.length === 0 && to === undefined
      const patch = { metadata: set, unset: fields, ...(to && { vector: to }) }
      const updating = collection.update(one, patch)
      // An empty patch may be answered without looking for the record.
      await (isEmpty ? updating.catch(() => undefined) : outcome(updating, refused, 1))
      for (const target of refused ? [] : [one]) model.patch(target, set, fields, to)
    }),
  ),
  fc.tuple(filter, metadata, unset).map(([matching, set, gone]) =>
    named('update by filter', [matching, set, gone], async ({ collection, model }) => {
      const fields = gone.filter((field) => !Object.hasOwn(set, field))
      const isEmpty = Object.keys(set).length === 0 && fields.length === 0
      const targets = isEmpty ? [] : model.matching(matching)
      await outcome(
        collection.update({ filter: matching }, { metadata: set, unset: fields }),
        false,
        targets.length,
      )
      for (const target of targets) model.patch(target, set, fields)
    }),
  ),
  fc.tuple(id, vector).map(([one, to]) =>
    named('updateVector', [one, to], async ({ collection, model }) => {
      const refused = !model.records.has(one)
      await outcome(collection.updateVector(one, to), refused, 1)
      for (const target of refused ? [] : [one]) model.patch(target, {}, [], to)
    }),
  ),
  fc.array(id, { maxLength: 4 }).map((ids) =>
    named('delete', ids, async ({ collection, model }) => {
      const present = new Set(ids.filter((one) => model.records.has(one)))
      expect((await collection.delete(ids)).deleted).toBe(present.size)
      for (const one of present) model.records.delete(one)
    }),
  ),
  filter.map((matching) =>
    named('delete by filter', matching, async ({ collection, model }) => {
      const targets = model.matching(matching)
      expect((await collection.delete({ filter: matching })).deleted).toBe(targets.length)
      for (const one of targets) model.records.delete(one)
    }),
  ),
]

const settings: fc.Arbitrary<Step>[] = [
  indexed.map((fields) =>
    named('configure', fields, async ({ collection }) => {
      await collection.configure({ indexed: fields })
    }),
  ),
  fc.constant(named('flush', '', ({ collection }) => collection.flush())),
  fc.constant(named('compact', '', ({ collection }) => collection.compact())),
  fc.constant(named('reopen', '', (run) => run.reopen())),
  indexed.map((fields) =>
    named('drop and create', fields, async (run) => {
      const [, , created] = await Promise.all([
        run.collection.upsert({ id: 'lost', vector: [0, 0] }),
        run.store.dropCollection('things'),
        run.store.createCollection('things', { ...SHAPE, indexed: fields }),
      ])
      run.collection = created
      run.model = new ModelCollection()
    }),
  ),
]

/** JSON has no negative zero, so metadata does not either. */
const plain = (fields: Metadata): unknown =>
  JSON.parse(JSON.stringify(fields), (_, value) => (Object.is(value, -0) ? 0 : value))

const checks: fc.Arbitrary<Step> = fc
  .tuple(filter, vector, fc.integer({ min: 1, max: 14 }))
  .map(([matching, query, topK]) =>
    named('check', [matching, query, topK], async ({ collection, model }) => {
      const all = await collected(collection.scan({ includeVector: true, pageSize: 5 }))
      const expected = [...model.records].sort(([a], [b]) => byCodeUnit(a, b))
      expect(all.map((found) => [found.id, [...found.vector], plain(found.metadata)])).toEqual(
        expected.map(([one, found]) => [one, found.vector, plain(found.metadata)]),
      )
      const many = await collection.getMany(IDS)
      expect(many.map((found) => found && plain(found.metadata))).toEqual(
        IDS.map((one) => model.records.get(one)?.metadata).map((found) => found && plain(found)),
      )
      const ids = model.matching(matching)
      expect((await collected(collection.scan({ filter: matching }))).map((found) => found.id)).toEqual(ids)
      expect(await collection.count(matching)).toBe(ids.length)
      expect(await collection.count()).toBe(model.records.size)
      const hits = await collection.search({ vector: query, topK, filter: matching })
      expect(hits.map((hit) => [hit.id, hit.distance])).toEqual(model.nearest(query, matching).slice(0, topK))
      expect((await collection.explain({ vector: query, filter: matching })).matching).toBe(ids.length)
    }),
  )

const step = fc.oneof(
  ...writes.map((arbitrary) => ({ weight: 4, arbitrary })),
  ...settings.map((arbitrary) => ({ weight: 1, arbitrary })),
  { weight: 10, arbitrary: checks },
)

async function runSteps(steps: readonly Step[], fields: readonly string[], path?: string): Promise<void> {
  const open = () => VectorStore.open(path === undefined ? {} : { path })
  const store = await open()
  const run: Run = {
    store,
    collection: await store.createCollection('things', { ...SHAPE, indexed: fields }),
    model: new ModelCollection(),
    async reopen() {
      if (path === undefined) return
      await run.store.close()
      run.store = await open()
      run.collection = await run.store.openCollection('things')
    },
  }
  try {
    for (const next of steps) await next(run)
  } finally {
    await run.store.close()
  }
}

// fast-check prints the seed and the shrunk steps of a failure.
describe('any sequence of calls answers as a plain Map does', () => {
  const sequence = fc.array(step, { minLength: 5, maxLength: 50, size: 'max' })

  test('in memory', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, indexed, (steps, fields) => runSteps(steps, fields)),
      {
        numRuns: 120,
      },
    )
  })

  test('on disk', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'replivec-test-'))
    let runs = 0
    const property = fc.asyncProperty(sequence, indexed, (steps, fields) =>
      runSteps(steps, fields, join(directory, String(runs++))),
    )
    try {
      await fc.assert(property, { numRuns: 40 })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
