import { beforeEach, describe, expect, test } from 'vitest'
import { Arrivals } from '../../lib/transport/arrivals.js'

describe('arrivals', () => {
  let taken: number[]
  let lefts: number
  let arrivals: Arrivals<number>
  beforeEach(() => {
    taken = []
    lefts = 0
    arrivals = new Arrivals('This test', {
      taken: (item) => taken.push(item),
      left: () => {
        lefts += 1
      },
    })
  })

  test('are taken in order, waited for or not', async () => {
    arrivals.push(1)
    arrivals.push(2)
    expect(arrivals.count).toBe(2)
    const iterator = arrivals[Symbol.asyncIterator]()
    const results = [iterator.next(), iterator.next(), iterator.next(), iterator.next()]
    expect(taken).toEqual([1, 2])
    arrivals.push(3)
    arrivals.push(4)
    expect((await Promise.all(results)).map(({ value }) => value)).toEqual([1, 2, 3, 4])
    expect(taken).toEqual([1, 2, 3, 4])
    expect(arrivals.count).toBe(0)
  })

  test('end after what waits, once', async () => {
    arrivals.push(1)
    arrivals.end()
    arrivals.end(new Error('too late'))
    arrivals.push(2)
    const found: number[] = []
    for await (const item of arrivals) found.push(item)
    expect(found).toEqual([1])
  })

  test('throw their error once, to who waits first', async () => {
    const iterator = arrivals[Symbol.asyncIterator]()
    const error = new Error('broken')
    const results = Promise.allSettled([iterator.next(), iterator.next()])
    arrivals.end(error)
    const done = { done: true, value: undefined }
    expect(await results).toEqual([
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: done },
    ])
    expect(await iterator.next()).toEqual(done)
  })

  test('give back what nobody took', async () => {
    arrivals.push(1)
    arrivals.push(2)
    expect(arrivals.discard()).toEqual([1, 2])
    expect(arrivals.discard()).toEqual([])
    expect(taken).toEqual([])
    for await (const item of arrivals) expect(item).toBeUndefined()
  })

  test('tell when the iteration is left, and keep what is not taken', async () => {
    for (const item of [1, 2]) arrivals.push(item)
    for await (const item of arrivals) {
      expect(item).toBe(1)
      break
    }
    expect([lefts, arrivals.count]).toEqual([1, 1])
  })

  test('wake who waits when the iteration is left meanwhile', async () => {
    const iterator = arrivals[Symbol.asyncIterator]()
    const next = iterator.next()
    await iterator.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
    arrivals.push(1)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(taken).toEqual([])
  })

  test('are iterated once', () => {
    arrivals[Symbol.asyncIterator]()
    expect(() => arrivals[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'TRANSPORT_FAILED', message: expect.stringContaining('This test') }),
    )
  })
})
