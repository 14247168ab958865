import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Collection } from '../../lib/index.js'
import { collected } from '../collection/contents.js'
import { describeStores } from '../store/store-kinds.js'

/** Two records that one commit always changes together: no read may see one without the other. */
interface Half {
  version: number
  pair?: 'yes'
}

const ROUNDS = 60

/** Writes versions 1 to `ROUNDS`, and reads before, beside and after each write without waiting for it. */
async function readBeside<T>(
  write: (version: number) => Promise<unknown>,
  read: (version: number) => Promise<T>,
) {
  const seen: T[] = []
  for (let version = 1; version <= ROUNDS; version++) {
    const reads = [read(version - 1)]
    const writing = write(version)
    reads.push(read(version - 1))
    await setImmediate()
    reads.push(read(version - 1))
    await writing
    reads.push(read(version))
    seen.push(...(await Promise.all(reads)))
  }
  expect(seen).toHaveLength(4 * ROUNDS)
  return seen
}

/** Of the records that are never read. */
const OTHER: Half = { version: -1 }

describeStores((subject) => {
  const metadata = (version: number): Half => ({ version, pair: 'yes' })

  async function seeded(): Promise<Collection<Half>> {
    const made = await subject.create<Half>({ indexed: ['version'] })
    await made.upsert(
      Array.from({ length: 300 }, (_, i) => ({ id: `other ${i}`, vector: [1_000 + i, 0], metadata: OTHER })),
    )
    await writeBoth(made, 0)
    return subject.later<Half>()
  }

  /** The two swap places and change version, in one commit. */
  const writeBoth = (halves: Collection<Half>, version: number) =>
    halves.upsert([
      { id: 'left', vector: [version % 2, version], metadata: metadata(version) },
      { id: 'right', vector: [(version + 1) % 2, version], metadata: metadata(version) },
    ])

  /** Every kind of read, answering the versions it saw. */
  const reads: [name: string, read: (halves: Collection<Half>, version: number) => Promise<unknown[]>][] = [
    [
      'getMany',
      async (halves) => (await halves.getMany(['left', 'right'])).map((half) => half?.metadata.version),
    ],
    [
      'search',
      async (halves) => (await halves.search({ vector: [0, 0], topK: 2 })).map((hit) => hit.metadata.version),
    ],
    [
      'filtered search with vectors',
      async (halves) =>
        (await halves.search({ vector: [0, 0], topK: 5, filter: { pair: 'yes' }, includeVector: true })).map(
          (hit) => [hit.vector[1], hit.metadata.version],
        ),
    ],
    [
      'search by the changing field',
      async (halves, version) =>
        (await halves.search({ vector: [0, 0], filter: { version: { $gte: version } } })).map(
          (hit) => hit.metadata.version,
        ),
    ],
    [
      'scan',
      async (halves) =>
        (await collected(halves.scan({ filter: { pair: 'yes' }, includeVector: true, pageSize: 1 }))).map(
          (half) => [half.vector[1], half.metadata.version],
        ),
    ],
    [
      'scan by the changing field',
      async (halves, version) =>
        (await collected(halves.scan({ filter: { version: { $gte: version } }, pageSize: 1 }))).map(
          (half) => half.metadata.version,
        ),
    ],
  ]

  test.each(reads)('%s sees both records of one commit, or neither', async (_name, read) => {
    const halves = await seeded()
    const seen = await readBeside(
      (version) => writeBoth(halves, version),
      (version) => read(halves, version),
    )
    for (const pair of seen) {
      expect(pair).toHaveLength(2)
      expect(pair[0]).toEqual(pair[1])
    }
    const versions = seen.map(([first]) => (Array.isArray(first) ? first[1] : first) as number)
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
    expect(await halves.count({ version: ROUNDS })).toBe(2)
  })

  test.each([['indexed', 'version'] as const, ['not indexed', 'unindexed'] as const])(
    'count by a field that is %s sees both or neither',
    async (_kind, field) => {
      const things = await subject.create({ indexed: ['version'] })
      const write = (version: number) =>
        things.upsert(['a', 'b'].map((id) => ({ id, vector: [version, 0], metadata: { [field]: version } })))
      await write(0)
      const read = () =>
        Promise.all([
          things.count({ [field]: { $gte: 0 } }),
          things.count({ [field]: { $lt: ROUNDS / 2 } }),
          things.count({ [field]: { $gte: ROUNDS / 2 } }),
        ])
      const seen = await readBeside(write, read)
      // Three calls may be of three instants, but each is of one.
      expect(new Set(seen.map(([all]) => all))).toEqual(new Set([2]))
      expect(new Set(seen.flat())).toEqual(new Set([0, 2]))
    },
  )

  test('a record that is deleted and written again in turns is never there twice and never half', async () => {
    const things = await subject.create<{ version: number }>()
    await things.upsert({ id: 'still', vector: [5, 5], metadata: { version: -1 } })
    const write = async (version: number) => {
      await things.upsert({ id: 'now and then', vector: [version, version], metadata: { version } })
      await things.updateVector('now and then', [version + 0.5, version])
      await things.delete('now and then')
    }
    const seen = await readBeside(write, () => things.search({ vector: [0, 0], includeVector: true }))
    for (const hits of seen) {
      const ids = hits.map(({ id }) => id)
      expect([['still'], ['now and then', 'still'], ['still', 'now and then']]).toContainEqual(ids)
      const moving = hits.filter(({ id }) => id === 'now and then')
      expect(moving.map(({ vector }) => vector[1])).toEqual(
        moving.map(({ metadata: { version } }) => version),
      )
    }
    const later = await subject.later()
    expect((await later.search({ vector: [0, 0] })).map(({ id }) => id)).toEqual(['still'])
  })

  test('a write that has resolved is seen by every read that starts after it', async () => {
    const things = await subject.create<{ n: number }>({ indexed: ['n'] })
    for (let n = 1; n <= 40; n++) {
      await things.upsert({ id: 'x', vector: [n, 0], metadata: { n } })
      const expected = { id: 'x', metadata: { n } }
      const [got, hits, scanned, counted, stale] = await Promise.all([
        things.get('x'),
        things.search({ vector: [n, 0], topK: 1 }),
        collected(things.scan()),
        things.count({ n }),
        things.count({ n: n - 1 }),
      ])
      expect([got, hits, scanned, counted, stale]).toEqual([
        expected,
        [{ ...expected, score: 1, distance: 0 }],
        [expected],
        1,
        0,
      ])
    }
  })
})
