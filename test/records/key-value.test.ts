import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  KEY_BYTES_MAX,
  type KeyValue,
  type KeyValueFactory,
  type KeyValueReader,
  type KeyValueWrite,
  VALUE_BYTES_MAX,
} from '../../lib/records/key-value.js'
import { lmdbKeyValues } from '../../lib/records/lmdb-key-value.js'
import { memoryKeyValues } from '../../lib/records/memory-key-value.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../lib/runtime/node-files.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedKeyValues } from '../../lib/testing/simulated-key-value.js'

const simulated = () => new SimulatedKeyValues({ clock: nodeClock, random: new SeededRandom(1) }).factory
const persistent: [string, () => KeyValueFactory][] = [
  ['lmdb', () => lmdbKeyValues(nodeFiles, nodeClock)],
  ['simulated', simulated],
]
const all: [string, () => KeyValueFactory][] = [...persistent, ['memory', () => memoryKeyValues()]]

let root: string
let directoryCount = 0
const opened: KeyValue[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'replivec-key-value-'))
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})
afterAll(() => rm(root, { recursive: true, force: true }))

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const text = (view: Uint8Array) => String.fromCharCode(...view)
const put = (key: string, value: string): KeyValueWrite => ({ key: bytes(key), value: bytes(value) })
const remove = (key: string): KeyValueWrite => ({ key: bytes(key), value: undefined })
const value = (reader: KeyValueReader, key: string) => {
  const found = reader.get(bytes(key))
  return found && text(found)
}
const list = (
  reader: KeyValueReader,
  start = '',
  end = '\xff'.repeat(5),
  options: { reverse?: boolean; limit?: number } = {},
) => {
  const entries: string[] = []
  for (const entry of reader.range({ start: bytes(start), end: bytes(end), ...options })) {
    entries.push(`${text(entry.key)}=${text(entry.value)}`)
  }
  return entries
}

describe.each(all)('%s key-value store', (_name, makeFactory) => {
  const fresh = async () => {
    const store = await makeFactory().open(join(root, `store-${directoryCount++}`))
    opened.push(store)
    return store
  }

  test('reads what was committed, and nothing else', async () => {
    const store = await fresh()
    expect(value(store, 'a')).toBeUndefined()
    await store.commit([
      put('a', 'one'),
      put('b', ''),
      { key: Uint8Array.of(0, 255), value: Uint8Array.of(0) },
    ])
    expect(value(store, 'a')).toBe('one')
    expect(value(store, 'b')).toBe('')
    expect(store.get(Uint8Array.of(0, 255))?.[0]).toBe(0)
    expect(value(store, 'ab')).toBeUndefined()
    expect(value(store, '\0')).toBeUndefined()
  })

  test('a later write of one key wins, within a commit and between commits of one tick', async () => {
    const store = await fresh()
    await Promise.all([
      store.commit([put('a', '1'), put('a', '2'), put('gone', 'x')]),
      store.commit([remove('gone'), put('a', '3'), remove('never there')]),
      store.commit([put('b', '1'), remove('b'), put('b', '2')]),
    ])
    expect(list(store)).toEqual(['a=3', 'b=2'])
  })

  test('a commit is not visible inside the call, and visible once resolved', async () => {
    const store = await fresh()
    const committed = store.commit([put('a', '1')])
    expect(value(store, 'a')).toBeUndefined()
    await committed
    expect(value(store, 'a')).toBe('1')
  })

  test('what was written may be overwritten after its commit, unless the store keeps it', async () => {
    const store = await fresh()
    const writes = Array.from({ length: 500 }, (_, at) => put(`key-${at}`, `value-${at}`.repeat(50)))
    await store.commit(writes)
    const told = writes.map(({ key, value }) => [text(key), text(value as Uint8Array)])
    for (const { key, value } of writes) {
      key.fill(0xff)
      if (!store.keepsWrites) value?.fill(0xff)
    }
    await store.commit([put('other', '1')])
    for (const [key, kept] of told) expect(value(store, key as string)).toBe(kept)
  })

  test('an empty commit resolves after the ones before it', async () => {
    const store = await fresh()
    void store.commit([put('a', '1')])
    await store.commit([])
    expect(value(store, 'a')).toBe('1')
  })

  test('keys are views, and so are values: what surrounds them does not matter', async () => {
    const store = await fresh()
    const pool = bytes('..key..value..')
    await store.commit([{ key: pool.subarray(2, 5), value: pool.subarray(7, 12) }])
    await store.commit([{ key: Buffer.from('buffer'), value: Buffer.from('too') }])
    expect(list(store)).toEqual(['buffer=too', 'key=value'])
    expect(text(store.get(Buffer.from('xkeyx').subarray(1, 4)) ?? bytes('missing'))).toBe('value')
  })

  test('hands out arrays whose slice is a copy', async () => {
    const store = await fresh()
    await store.commit([{ key: Buffer.from('a'), value: Buffer.from('1') }])
    const [entry] = store.range({ start: bytes('a'), end: bytes('b') })
    for (const view of [store.get(bytes('a')), entry?.key, entry?.value]) {
      expect(Object.getPrototypeOf(view)).toBe(Uint8Array.prototype)
    }
  })

  test('ranges include the start, exclude the end, go both ways and stop at the limit', async () => {
    const store = await fresh()
    await store.commit(['a', 'b', 'b\0', 'c', 'd', '\xff', '\xff\xff'].map((key) => put(key, key)))
    const keys = (...parameters: [string, string, { reverse?: boolean; limit?: number }?]) =>
      list(store, ...parameters).map((entry) => entry.split('=')[0])
    expect(keys('b', 'd')).toEqual(['b', 'b\0', 'c'])
    expect(keys('b', 'd', { reverse: true })).toEqual(['c', 'b\0', 'b'])
    expect(keys('', '\xff')).toEqual(['a', 'b', 'b\0', 'c', 'd'])
    expect(keys('', '\xff', { reverse: true })).toEqual(['d', 'c', 'b\0', 'b', 'a'])
    expect(keys('aa', 'cc', { reverse: true, limit: 2 })).toEqual(['c', 'b\0'])
    expect(keys('aa', 'cc', { limit: 1 })).toEqual(['b'])
    expect(keys('a', 'z', { limit: 0 })).toEqual([])
    expect(keys('\xff', '\xff\xff\xff', { reverse: true })).toEqual(['\xff\xff', '\xff'])
    expect(keys('e', '\xff')).toEqual([])
    expect(keys('b', 'b')).toEqual([])
    expect(keys('c', 'b')).toEqual([])
    expect(keys('c', 'b', { reverse: true })).toEqual([])
    expect(keys('', '')).toEqual([])
    expect(keys('a', `b${'\xff'.repeat(3000)}`)).toEqual(['a', 'b', 'b\0'])
  })

  test('a range of an empty store has nothing', async () => {
    const store = await fresh()
    expect(list(store)).toEqual([])
    expect(list(store, '', '\xff', { reverse: true })).toEqual([])
  })

  test('the longest key and the largest value come back whole', async () => {
    const store = await fresh()
    const key = new Uint8Array(KEY_BYTES_MAX).fill(0xff)
    const large = new SeededRandom('large').bytes(5 * 1024 * 1024)
    await store.commit([
      { key, value: bytes('long key') },
      { key: bytes('large'), value: large },
      { key: bytes('largest'), value: new Uint8Array(VALUE_BYTES_MAX).fill(7) },
    ])
    expect(text(store.get(key) ?? bytes('missing'))).toBe('long key')
    expect(Buffer.compare(store.get(bytes('large')) ?? bytes('missing'), large)).toBe(0)
    const sizes: number[] = []
    for (const entry of store.range({ start: bytes('l'), end: bytes('m') }))
      sizes.push(entry.value.byteLength)
    expect(sizes).toEqual([large.byteLength, VALUE_BYTES_MAX])
    const largest = store.get(bytes('largest'))
    expect([largest?.byteLength, largest?.[0], largest?.at(-1)]).toEqual([VALUE_BYTES_MAX, 7, 7])
  })

  test('impossible writes are refused before any of the commit is applied', async () => {
    const store = await fresh()
    const impossible: KeyValueWrite[] = [
      { key: new Uint8Array(0), value: bytes('x') },
      { key: new Uint8Array(KEY_BYTES_MAX + 1), value: bytes('x') },
      { key: bytes('x'), value: new Uint8Array(VALUE_BYTES_MAX + 1) },
      { key: new Uint8Array(0), value: undefined },
    ]
    for (const write of impossible) {
      await expect(store.commit([put('a', '1'), write])).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
    }
    expect(() => store.get(new Uint8Array(0))).toThrow(/use 1 to 1100/)
    expect(list(store)).toEqual([])
  })

  test('a snapshot stays at its instant while writes go on', async () => {
    const store = await fresh()
    await store.commit([put('a', '1'), put('b', '1')])
    const before = store.snapshot()
    await store.commit([put('a', '2'), remove('b'), put('c', '2')])
    const after = store.snapshot()
    await store.commit([put('a', '3')])
    expect(list(before)).toEqual(['a=1', 'b=1'])
    expect(list(after)).toEqual(['a=2', 'c=2'])
    expect(list(store)).toEqual(['a=3', 'c=2'])
    expect([value(before, 'b'), value(before, 'c'), value(after, 'a')]).toEqual(['1', undefined, '2'])
    before.close()
    before.close()
    expect(() => before.get(bytes('a'))).toThrow(/snapshot is closed/)
    expect(() => list(before)).toThrow(/snapshot is closed/)
    expect(list(after, '', '\xff', { reverse: true })).toEqual(['c=2', 'a=2'])
    after.close()
  })

  test('a snapshot is read over many ticks, and an iteration ends when it is closed', async () => {
    const store = await fresh()
    const keys = Array.from({ length: 500 }, (_, index) => `key-${String(index).padStart(3, '0')}`)
    await store.commit(keys.map((key) => put(key, key)))
    const snapshot = store.snapshot()
    const seen: string[] = []
    for (const entry of snapshot.range({ start: bytes('k'), end: bytes('l') })) {
      seen.push(text(entry.key))
      if (seen.length % 50 === 0) await store.commit(keys.slice(0, seen.length).map(remove))
    }
    expect(seen).toEqual(keys)
    expect(list(store)).toEqual([])
    const started = snapshot.range({ start: bytes('k'), end: bytes('l') })[Symbol.iterator]()
    expect(text(started.next().value?.key)).toBe('key-000')
    snapshot.close()
    expect(() => started.next()).toThrow(/snapshot is closed/)
  })

  test('iterating while commits are asked for is safe', async () => {
    const store = await fresh()
    await store.commit(Array.from({ length: 200 }, (_, index) => put(`k${1000 + index}`, 'old')))
    const commits: Promise<void>[] = []
    let count = 0
    for (const entry of store.range({ start: bytes('k'), end: bytes('l') })) {
      count++
      commits.push(store.commit([{ key: entry.key.slice(), value: undefined }, put(`l${count}`, 'new')]))
    }
    await Promise.all(commits)
    expect(count).toBe(200)
    expect(list(store, 'k', 'l')).toEqual([])
    expect(list(store, 'l', 'm')).toHaveLength(200)
  })

  test('commits of one tick are atomic: no snapshot ever sees a part of one', async () => {
    const store = await fresh()
    const width = 40
    const write = (round: number) =>
      store.commit(Array.from({ length: width }, (_, index) => put(`k${index}`, String(round))))
    await write(0)
    let pending = true
    const writing = (async () => {
      for (let round = 1; round < 60; round += 3) {
        await Promise.all([write(round), write(round + 1), write(round + 2)])
        await nodeClock.yield()
      }
      pending = false
    })()
    const rounds = new Set<string>()
    while (pending) {
      const snapshot = store.snapshot()
      const values = list(snapshot).map((entry) => entry.split('=')[1] ?? '')
      snapshot.close()
      expect(values).toEqual(Array.from({ length: width }, () => values[0]))
      rounds.add(values[0] ?? '')
      await nodeClock.yield()
    }
    await writing
    expect(list(store)[0]).toBe('k0=60')
    expect(rounds.size).toBeGreaterThan(1)
  })

  test('flushed resolves after the commits that were asked for before it', async () => {
    const store = await fresh()
    await store.flushed()
    let resolved = false
    void store.commit([put('a', '1')]).then(() => {
      resolved = true
    })
    await store.flushed()
    expect(resolved).toBe(true)
    expect(value(store, 'a')).toBe('1')
  })

  test('counts bytes', async () => {
    const store = await fresh()
    const total = () => store.bytes.memory + store.bytes.disk
    const empty = total()
    await store.commit([put('a', 'x'.repeat(10_000))])
    expect(total() - empty).toBeGreaterThanOrEqual(10_001)
  })

  test('closing waits for commits, ends snapshots and iterations, and is idempotent', async () => {
    const store = await fresh()
    await store.commit([put('a', '1'), put('b', '1')])
    const snapshot = store.snapshot()
    const live = store.range({ start: bytes('a'), end: bytes('z') })[Symbol.iterator]()
    const pinned = snapshot.range({ start: bytes('a'), end: bytes('z') })[Symbol.iterator]()
    expect([text(live.next().value?.key), text(pinned.next().value?.key)]).toEqual(['a', 'a'])
    let committed = false
    void store.commit([put('c', '1')]).then(() => {
      committed = true
    })
    const closing = store.close()
    await expect(store.commit([put('d', '1')])).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => store.get(bytes('a'))).toThrow(/record store is closed/)
    expect(() => store.snapshot()).toThrow(/record store is closed/)
    await Promise.all([closing, store.close()])
    expect(committed).toBe(true)
    expect(() => live.next()).toThrow(/closed/)
    expect(() => pinned.next()).toThrow(/closed/)
    expect(() => snapshot.get(bytes('a'))).toThrow(/snapshot is closed/)
    snapshot.close()
    await expect(store.flushed()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(() => list(store)).toThrow(/record store is closed/)
  })

  test('behaves like a sorted map, with snapshots at any moment', async () => {
    const key = fc
      .array(fc.constantFrom(0, 97, 255), { minLength: 1, maxLength: 3 })
      .map((codes) => String.fromCharCode(...codes))
    const long = fc.tuple(key, fc.nat(1_000)).map(([head, length]) => head + '\xff'.repeat(length))
    const anyKey = fc.oneof({ weight: 6, arbitrary: key }, { weight: 1, arbitrary: long })
    const content = fc.tuple(fc.constantFrom(0, 1, 30, 700, 3_000, 9_000), fc.nat(255))
    const write = fc.tuple(anyKey, fc.option(content, { nil: undefined, freq: 3 }))
    const bound = fc.oneof(fc.constant(''), anyKey)
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('commit'), writes: fc.array(write, { maxLength: 12 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle') }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('snapshot') }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop'), which: fc.nat() }) },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('range'),
          which: fc.nat(),
          start: bound,
          end: bound,
          reverse: fc.boolean(),
          limit: fc.option(fc.nat(6), { nil: undefined }),
        }),
      },
    )
    type Model = Map<string, string>
    const expected = (model: Model, start: string, end: string, reverse: boolean, limit?: number) => {
      // Code unit order of these strings is byte order.
      const keys = [...model.keys()].filter((candidate) => candidate >= start && candidate < end).sort()
      return (reverse ? keys.reverse() : keys).slice(0, limit).map((found) => `${found}=${model.get(found)}`)
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const store = await fresh()
        let model: Model = new Map()
        const pending: Promise<void>[] = []
        const views: { reader: KeyValueReader; model: Model; close(): void }[] = []
        for (const action of steps) {
          if ('writes' in action) {
            model = new Map(model)
            for (const [found, made] of action.writes) {
              if (made === undefined) model.delete(found)
              else model.set(found, String.fromCharCode(made[1]).repeat(made[0]))
            }
            pending.push(
              store.commit(
                action.writes.map(([found, made]) => ({
                  key: bytes(found),
                  value: made && new Uint8Array(made[0]).fill(made[1]),
                })),
              ),
            )
          } else if (action.kind === 'settle') {
            await Promise.all(pending.splice(0))
          } else if (action.kind === 'snapshot') {
            await Promise.all(pending.splice(0))
            const snapshot = store.snapshot()
            views.push({ reader: snapshot, model, close: () => snapshot.close() })
          } else if ('start' in action) {
            const { start, end, reverse, limit } = action
            await Promise.all(pending.splice(0))
            const at = [...views, { reader: store, model }][action.which % (views.length + 1)]
            expect(
              list(at!.reader, start, end, { reverse, ...(limit === undefined ? {} : { limit }) }),
            ).toEqual(expected(at!.model, start, end, reverse, limit))
          } else if (views.length > 0) {
            const [dropped] = views.splice(action.which % views.length, 1)
            dropped?.close()
          }
        }
        await Promise.all(pending)
        for (const { reader, model: then } of [...views, { reader: store, model }]) {
          expect(list(reader, '', '\xff'.repeat(KEY_BYTES_MAX))).toEqual(
            expected(then, '', '\xff'.repeat(KEY_BYTES_MAX), false),
          )
          for (const [found, made] of then) expect(value(reader, found)).toBe(made)
        }
        for (const view of views) view.close()
        await store.close()
      }),
      { numRuns: 60 },
    )
  })
})

describe.each(persistent)('%s key-value store over several opens', (_name, makeFactory) => {
  test('keeps its content', async () => {
    const factory = makeFactory()
    const directory = join(root, `store-${directoryCount++}`)
    const content: string[] = []
    for (let round = 0; round < 4; round++) {
      const store = await factory.open(directory)
      expect(list(store)).toEqual(content)
      await store.commit([put(`round-${round}`, 'x'.repeat(round))])
      content.push(`round-${round}=${'x'.repeat(round)}`)
      await store.close()
    }
  })

  test('opens a directory once at a time', async () => {
    const factory = makeFactory()
    const directory = join(root, `store-${directoryCount++}`)
    const store = await factory.open(directory)
    await expect(factory.open(directory)).rejects.toMatchObject({ code: 'LOCKED' })
    await expect(factory.discard(directory)).rejects.toMatchObject({ code: 'LOCKED' })
    await store.commit([put('a', '1')])
    await store.close()
    await (await factory.open(directory)).close()
  })

  test('starts empty after a discard', async () => {
    const factory = makeFactory()
    const directory = join(root, `store-${directoryCount++}`)
    await factory.discard(directory)
    const store = await factory.open(directory)
    await store.commit([put('a', '1')])
    await store.close()
    await factory.discard(directory)
    const again = await factory.open(directory)
    expect(list(again)).toEqual([])
    await again.close()
  })
})
