import { describe, expect, test } from 'vitest'
import { ReplivecError } from '../../../lib/errors.js'
import {
  copyQuery,
  packError,
  readAnswer,
  readTask,
  taskFits,
  unpackError,
  writeAnswer,
  writeTask,
} from '../../../lib/index/backends/graph-tasks.js'
import { TaskRing } from '../../../lib/runtime/task-ring.js'

describe('a query in a slot', () => {
  const ring = new TaskRing(TaskRing.allocate(1, 2, 3 * 4 + 5 * 8))

  test('comes out as it went in, and so does its answer', () => {
    const [first, second] = [ring.reserve() as number, ring.reserve() as number]
    const query = Float32Array.of(1.5, -2, 1e-30)
    writeTask(ring, first, 7, query, 5)
    writeTask(ring, second, 8, query.map(Math.abs), 2)
    expect(readTask(ring, first)).toEqual({ graph: 7, k: 5 })
    const copied = new Float32Array(3)
    copyQuery(ring, first, copied)
    expect(copied).toEqual(query)
    const matches = {
      ordinals: Uint32Array.of(4_000_000_000, 2, 3, 4, 5),
      distances: Float32Array.of(0, 0.25, 0.5, 1, 2),
    }
    writeAnswer(ring, first, 3, matches, 1.25)
    expect(readAnswer(ring, first, 3)).toEqual({ matches, tookMs: 1.25 })
    expect(readAnswer(ring, first, 3).matches.distances.buffer).toBeInstanceOf(ArrayBuffer)
    copyQuery(ring, second, copied)
    expect([...copied]).toEqual([...query.map(Math.abs)])
    const none = { ordinals: new Uint32Array(0), distances: new Float32Array(0) }
    writeAnswer(ring, second, 3, none, 1e12)
    expect(readAnswer(ring, second, 3).matches).toEqual(none)
  })

  test('has room when its answer has', () => {
    expect(taskFits(ring, 3, 5)).toBe(true)
    expect(taskFits(ring, 3, 6)).toBe(false)
    expect(taskFits(ring, 4, 5)).toBe(false)
  })
})

describe('an error from another thread', () => {
  const sent = (error: unknown) => unpackError(structuredClone(packError(error)))

  test('is the same typed error', () => {
    const cause = new TypeError('of the library')
    const details = { kind: 'graph', path: 'x' }
    const error = sent(new ReplivecError('BACKEND_FAILED', 'It failed.', { cause, details }))
    expect(error).toBeInstanceOf(ReplivecError)
    expect(error).toMatchObject({ code: 'BACKEND_FAILED', message: 'It failed.', details })
    expect((error.cause as Error).message).toBe('of the library')
    expect('cause' in sent(new ReplivecError('BACKEND_FAILED', 'It failed.'))).toBe(false)
  })

  test('is a failed backend when it was any other', () => {
    const failed = { code: 'BACKEND_FAILED', details: { kind: 'graph' } }
    expect(sent(new RangeError('too far'))).toMatchObject({
      ...failed,
      message: 'The graph index failed: too far.',
    })
    expect(sent('words')).toMatchObject({ ...failed, message: 'The graph index failed: words.' })
  })
})
