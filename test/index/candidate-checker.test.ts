import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { CandidateChecker } from '../../lib/index/candidate-checker.js'

function list(ordinals: number[], distances: number[]) {
  return { ordinals: Uint32Array.from(ordinals), distances: Float32Array.from(distances) }
}

const asked = { count: 1, k: 3, allow: undefined }

describe('CandidateChecker', () => {
  test('lets right answers through as they are', () => {
    const lists = [list([4, 0, 2], [-1, 0, 0]), list([], []), list([0], [Number.POSITIVE_INFINITY])]
    const checker = new CandidateChecker('mine', 5)
    expect(checker.check(lists, { ...asked, count: 3 })).toEqual(lists)
    // The same ordinals again: what it remembers of one list must not touch the next.
    expect(checker.check(lists, { ...asked, count: 3, allow: Bitmap.of([0, 2, 4]) })).toEqual(lists)
  })

  test.each<[string, unknown, Bitmap?]>([
    ['no lists', undefined],
    ['no lists', { length: 1 }],
    ['2 lists of candidates for 1 queries', [list([], []), list([], [])]],
    ['0 lists', []],
    ['not { ordinals: Uint32Array', [undefined]],
    ['not { ordinals: Uint32Array', [{ ordinals: [1], distances: [1] }]],
    ['not { ordinals: Uint32Array', [{ ordinals: Uint32Array.of(1) }]],
    ['2 ordinals but 1 distances', [list([1, 2], [1])]],
    ['4 candidates where 3', [list([0, 1, 2, 3], [0, 0, 0, 0])]],
    ['ordinal 5, but there are only 5 rows', [list([0, 5], [0, 1])]],
    ['ordinal 3 twice', [list([3, 1, 3], [0, 1, 2])]],
    ["ordinal 2, which 'allow' does not admit", [list([1, 2], [0, 1])], Bitmap.of([1])],
    ['not nearest first', [list([1, 2], [1, 0.5])]],
    ['NaN', [list([1, 2], [0, Number.NaN])]],
    ['NaN', [list([1], [Number.NaN])]],
  ])('refuses an answer: %s', (problem, lists, allow) => {
    const checker = new CandidateChecker('mine', 5)
    expect(() => checker.check(lists, { ...asked, allow })).toThrow(
      expect.objectContaining({
        code: 'BACKEND_FAILED',
        details: { kind: 'mine' },
        message: expect.stringContaining(problem),
      }),
    )
    // A refused answer leaves nothing behind.
    expect(checker.check([list([0, 1, 2], [0, 0, 0])], asked)).toHaveLength(1)
  })
})
