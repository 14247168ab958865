import { describe, expect, test } from 'vitest'
import type { Collection, Position, ReadOptions } from '../../lib/index.js'
import { ReplivecError } from '../../lib/errors.js'
import { PositionWaiters } from '../../lib/store/position-waiters.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { collected } from '../collection/contents.js'
import { describeStores } from './store-kinds.js'

/** Every read that understands `after`, answering the ids it found. */
const READS: [name: string, read: (things: Collection, options: ReadOptions) => Promise<unknown>][] = [
  ['get', async (things, options) => [(await things.get('new', options))?.id]],
  ['getMany', async (things, options) => (await things.getMany(['new'], options)).map((found) => found?.id)],
  [
    'search',
    async (things, options) =>
      (await things.search({ vector: [9, 9], topK: 1, ...options })).map(({ id }) => id),
  ],
  [
    'searchBatch',
    async (things, options) =>
      (await things.searchBatch([{ vector: [9, 9], topK: 1, ...options }])).flat().map(({ id }) => id),
  ],
  [
    'scan',
    async (things, options) =>
      (await collected(things.scan({ filter: { is: 'new' }, ...options }))).map(({ id }) => id),
  ],
  ['count', async (things, options) => Array(await things.count({ is: 'new' }, options)).fill('new')],
]

describe('PositionWaiters', () => {
  const row = (epoch: number, firstSeq: number) => ({ epoch, nodeId: `node-${epoch}`, firstSeq })

  /** Waits of a store at operation 20, in epoch 5 since operation 11; the rows can be changed. */
  function setup() {
    let epochs = [row(3, 1), row(5, 11)]
    const waiters = new PositionWaiters(new SimulatedClock(), () => epochs)
    const wait = (epoch: number, seq: number) => {
      return waiters.wait({ epoch, seq }, 20, {}).then(
        () => 'there',
        (error) => error.code,
      )
    }
    return { waiters, wait, change: (rows: typeof epochs) => (epochs = rows) }
  }

  test('know what lies in a row, and what was written elsewhere in its place', async () => {
    const { wait } = setup()
    expect(await Promise.all([wait(3, 10), wait(5, 11), wait(5, 20)])).toEqual(['there', 'there', 'there'])
    const lost = [wait(3, 11), wait(4, 10), wait(4, 15), wait(5, 9), wait(2, 1), wait(3, 2 ** 53 - 1)]
    expect(await Promise.all(lost)).toEqual(lost.map(() => 'POSITION_LOST'))
  })

  test('believe what is older than the oldest row: it cannot be proven lost', async () => {
    const { wait, change } = setup()
    change([row(5, 11), row(6, 20)])
    expect(await Promise.all([wait(1, 3), wait(4, 10), wait(5, 1)])).toEqual(['there', 'there', 'there'])
    expect(await Promise.all([wait(1, 11), wait(4, 12), wait(6, 5)])).toEqual(
      new Array(3).fill('POSITION_LOST'),
    )
  })

  test('say of an epoch that nobody told of that it is one', async () => {
    const clock = new SimulatedClock()
    const waiters = new PositionWaiters(clock, () => [row(3, 1), row(5, 11)])
    const messages = [5, 7].map((epoch) =>
      waiters.wait({ epoch, seq: 25 }, 20, { timeoutMs: 100 }).catch((error) => error.message),
    )
    await clock.advance(100)
    expect(await Promise.all(messages)).toEqual([
      'Operation 25 was not visible within 100 ms; this store is at 20.',
      expect.stringMatching(
        /^Operation 25 of epoch 7 was .* at 20 and has heard of no epoch after 5\. Look /,
      ),
    ])
  })

  test('end a wait with POSITION_LOST when another epoch takes its place', async () => {
    const { waiters, wait, change } = setup()
    const answers = [wait(5, 25), wait(5, 30), wait(6, 25), wait(7, 30), wait(8, 25)]
    waiters.reached(25)
    change([row(3, 1), row(5, 11), row(7, 26)])
    waiters.reached(25)
    expect(await Promise.all(answers.slice(0, 3))).toEqual(['there', 'POSITION_LOST', 'POSITION_LOST'])
    waiters.reached(30)
    expect(await answers[3]).toBe('there')
    waiters.fail(new ReplivecError('CLOSED', 'closed'))
    expect(await answers[4]).toBe('CLOSED')
  })
})

describeStores((subject) => {
  async function seeded(): Promise<{ things: Collection; position: Position }> {
    const things = await subject.create()
    await things.upsert({ id: 'old', vector: [0, 0] })
    return { things: await subject.later(), position: subject.store.getStats().position }
  }

  const write = (things: Collection) => things.upsert({ id: 'new', vector: [9, 9], metadata: { is: 'new' } })

  describe.each(READS)('after, in %s', (_name, read) => {
    test('a position that is there answers at once', async () => {
      const { things } = await seeded()
      const { position } = await write(things)
      expect(await read(things, { after: position })).toEqual(['new'])
      expect(await read(things, { after: position, timeoutMs: 0 })).toEqual(['new'])
      expect(await read(things, { after: { epoch: 1, seq: 0 } })).toEqual(['new'])
    })

    test('a position ahead of the head waits for it', async () => {
      const { things, position } = await seeded()
      const reading = read(things, { after: { epoch: position.epoch, seq: position.seq + 1 } })
      await write(things)
      expect(await reading).toEqual(['new'])
    })

    test('a position that does not come is TIMEOUT, after 5 000 ms unless given', async () => {
      const clock = new SimulatedClock()
      await subject.start({ clock })
      const { things, position } = await seeded()
      const after = { epoch: position.epoch, seq: position.seq + 1 }
      const outcomes: string[] = []
      const told = (name: string, options: ReadOptions) =>
        read(things, { after, ...options }).then(
          () => outcomes.push(`${name} answered`),
          (error: { code: string }) => outcomes.push(`${name} ${error.code}`),
        )
      const reading = [
        told('short', { timeoutMs: 200 }),
        told('usual', {}),
        told('long', { timeoutMs: 9_000 }),
      ]
      await clock.advance(199)
      expect(outcomes).toEqual([])
      await clock.advance(1)
      await reading[0]
      await clock.advance(4_799)
      expect(outcomes).toEqual(['short TIMEOUT'])
      await clock.advance(1)
      await reading[1]
      expect(outcomes).toEqual(['short TIMEOUT', 'usual TIMEOUT'])
      await write(things)
      await reading[2]
      expect(outcomes).toEqual(['short TIMEOUT', 'usual TIMEOUT', 'long answered'])
      expect(await read(things, { after })).toEqual(['new'])
    })

    test('a position of another history is POSITION_LOST at once', async () => {
      const { things, position } = await seeded()
      const after = { epoch: 0, seq: position.seq }
      await expect(read(things, { after })).rejects.toMatchObject({ code: 'POSITION_LOST' })
    })

    test('a position of an epoch to come waits, whatever its number', async () => {
      const { things, position } = await seeded()
      const reading = read(things, { after: { epoch: position.epoch + 1, seq: position.seq }, timeoutMs: 1 })
      const outcome = expect(reading).rejects.toMatchObject({ code: 'TIMEOUT' })
      await write(things)
      await outcome
    })

    test('an aborted wait rejects with the reason of the signal', async () => {
      const { things, position } = await seeded()
      const controller = new AbortController()
      const after = { epoch: position.epoch, seq: position.seq + 1 }
      const reading = read(things, { after, signal: controller.signal })
      const reason = new Error('changed my mind')
      controller.abort(reason)
      await expect(reading).rejects.toBe(reason)
    })

    test('a wait ends with CLOSED when the store closes', async () => {
      const { things, position } = await seeded()
      const reading = read(things, { after: { epoch: position.epoch, seq: position.seq + 1 } })
      const outcome = expect(reading).rejects.toMatchObject({ code: 'CLOSED' })
      await subject.store.close()
      await outcome
    })

    test.each([
      {},
      7,
      null,
      { epoch: 1 },
      { epoch: 1, seq: -1 },
      { epoch: 1, seq: 1.5 },
      { epoch: '1', seq: 1 },
    ])('no position at all is OPTIONS_INVALID: %j', async (after) => {
      const { things } = await seeded()
      await expect(read(things, { after: after as Position })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      })
    })

    test.each([-1, Number.NaN, '5'])('no wait at all is OPTIONS_INVALID: %s', async (timeoutMs) => {
      const { things, position } = await seeded()
      const options = { after: position, timeoutMs: timeoutMs as number }
      await expect(read(things, options)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    })
  })

  test('a dropped collection ends a wait with COLLECTION_NOT_FOUND', async () => {
    const { things, position } = await seeded()
    const reading = things.get('new', { after: { epoch: 1, seq: position.seq + 1 } })
    const outcome = expect(reading).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    await subject.store.dropCollection('things')
    await outcome
  })
})
