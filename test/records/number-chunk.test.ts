import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHUNK_NUMBERS, NumberChunk } from '../../lib/records/number-chunk.js'

/** The size at which a list becomes bits. */
const LIST_MAX = 4_096
const LIST_BYTE = 1
const BITS_BYTE = 2

const numbers = fc.integer({ min: 0, max: CHUNK_NUMBERS - 1 })
/** Few numbers, or so many that lists become bits and bits lists again. */
const change = fc.oneof(
  fc.record({ kind: fc.constantFrom('add', 'delete'), number: numbers }),
  fc.record({
    kind: fc.constantFrom('add', 'delete'),
    number: numbers,
    count: fc.constantFrom(200, LIST_MAX - 1, LIST_MAX, LIST_MAX + 1, 3 * LIST_MAX),
    step: fc.constantFrom(1, 7, CHUNK_NUMBERS - 3),
  }),
  fc.record({ kind: fc.constant('store') }),
)
type Change = { kind: string; number?: number; count?: number; step?: number }

function membersOf(payload: Uint8Array | undefined): number[] {
  const words = new Uint32Array(CHUNK_NUMBERS / 32)
  if (payload) NumberChunk.decodeInto(payload, words, 0)
  const members: number[] = []
  for (let number = 0; number < CHUNK_NUMBERS; number++) {
    if (((words[number >>> 5] as number) & (1 << (number & 31))) !== 0) members.push(number)
  }
  return members
}

function filled(members: Iterable<number>): NumberChunk {
  const chunk = new NumberChunk()
  for (const member of members) chunk.add(member)
  return chunk
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i * 3)
const ascending = (members: Iterable<number>) => [...members].sort((a, b) => a - b)

describe('a number chunk', () => {
  test('holds what a set holds, through any changes, stored and read back in between', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes: Change[]) => {
        let chunk = new NumberChunk()
        const set = new Set<number>()
        for (const { kind, number = 0, count = 1, step = 1 } of changes) {
          for (let i = 0; i < count && kind !== 'store'; i++) {
            const member = (number + i * step) % CHUNK_NUMBERS
            chunk[kind as 'add' | 'delete'](member)
            set[kind as 'add' | 'delete'](member)
          }
          const payload = chunk.encode()
          expect(membersOf(payload)).toEqual(ascending(set))
          if (kind === 'store') chunk = NumberChunk.decode(payload)
        }
        expect(membersOf(NumberChunk.decode(chunk.encode()).encode())).toEqual(ascending(set))
      }),
      { numRuns: 60 },
    )
  })

  test('has one stored form for one set: a list up to 4 096 numbers, bits from there, nothing for none', () => {
    expect(new NumberChunk().encode()).toBeUndefined()
    const list = filled(upTo(LIST_MAX)).encode()
    expect([list?.[0], list?.byteLength]).toEqual([LIST_BYTE, 1 + 2 * LIST_MAX])
    const chunk = filled(upTo(LIST_MAX + 1))
    const bits = chunk.encode()
    expect([bits?.[0], bits?.byteLength]).toEqual([BITS_BYTE, 1 + CHUNK_NUMBERS / 8])
    chunk.delete(3 * LIST_MAX)
    expect(chunk.encode()).toEqual(list)
    chunk.add(3 * LIST_MAX)
    expect(chunk.encode()).toEqual(bits)
    expect(filled(upTo(LIST_MAX + 1).reverse()).encode()).toEqual(bits)
    for (const member of upTo(LIST_MAX + 1)) chunk.delete(member)
    expect(chunk.encode()).toBeUndefined()
  })

  test('takes a number twice, the first, the last and one it does not have', () => {
    const chunk = filled([5, 0, CHUNK_NUMBERS - 1, 5])
    chunk.delete(7)
    expect(membersOf(chunk.encode())).toEqual([0, 5, CHUNK_NUMBERS - 1])
  })

  test('joins others in words that hold more than one chunk', () => {
    const words = new Uint32Array((2 * CHUNK_NUMBERS) / 32)
    words[CHUNK_NUMBERS / 32] = 0b1000
    NumberChunk.decodeInto(filled([0, 31, 33]).encode() as Uint8Array, words, CHUNK_NUMBERS / 32)
    NumberChunk.decodeInto(filled(upTo(LIST_MAX + 1)).encode() as Uint8Array, words, 0)
    expect(words[CHUNK_NUMBERS / 32]).toBe(0b1000_0000_0000_0000_0000_0000_0000_1001)
    expect(words[CHUNK_NUMBERS / 32 + 1]).toBe(0b10)
    expect(words[0]).toBe(0b0100_1001_0010_0100_1001_0010_0100_1001)
  })

  test('leaves the stored bytes as they were', () => {
    const stored = filled(upTo(LIST_MAX + 1)).encode() as Uint8Array
    const copy = stored.slice()
    const chunk = NumberChunk.decode(stored)
    chunk.add(1)
    chunk.delete(0)
    expect(stored).toEqual(copy)
  })
})
