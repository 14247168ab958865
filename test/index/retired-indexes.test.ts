import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Retired, RetiredIndexes } from '../../lib/index/retired-indexes.js'

function indexes(dispose: () => Promise<void> = async () => {}) {
  const disposed: string[] = []
  const make = (name: string): Retired => {
    const held = {
      [Symbol.asyncDispose]: () => {
        disposed.push(name)
        return dispose()
      },
    }
    return { held: [undefined, held] }
  }
  return { disposed, make }
}

test('disposes at once what no view can be using', () => {
  const { disposed, make } = indexes()
  const retired = new RetiredIndexes(() => {})
  retired.release(retired.pin())
  retired.retire(make('a'))
  expect([disposed, retired.isPinned]).toEqual([['a'], false])
})

test('waits for the views from before, not for those since, and disposes once', () => {
  const { disposed, make } = indexes()
  const retired = new RetiredIndexes(() => {})
  const first = retired.pin()
  retired.retire(make('a'))
  const second = retired.pin()
  retired.retire(make('b'))
  const third = retired.pin()
  expect(disposed).toEqual([])
  expect(retired.release(second)).toBe(true)
  expect(disposed).toEqual([])
  expect(retired.release(first)).toBe(true)
  expect(disposed).toEqual(['a', 'b'])
  expect([retired.release(first), retired.release(third), retired.isPinned]).toEqual([false, true, false])
  expect(disposed).toEqual(['a', 'b'])
})

test('settles when the disposals have ended, and reports those that fail', async () => {
  const failures: unknown[] = []
  const cause = new Error('busy')
  const retired = new RetiredIndexes((error) => failures.push(error))
  retired.retire(indexes(() => Promise.reject(cause)).make('a'))
  let end = () => {}
  const slow = new Promise<void>((resolve) => {
    end = resolve
  })
  retired.retire(indexes(() => slow).make('b'))
  let isSettled = false
  const settled = retired.settled().then(() => {
    isSettled = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isSettled).toBe(false)
  end()
  await settled
  expect(failures).toEqual([cause])
})

test('keeps nothing of what was disposed', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const retired = new RetiredIndexes(() => {})
  const heapAfter = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      retired.retire({ held: [] })
      if (i % 1_000 === 0) await retired.settled()
    }
    await retired.settled()
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = await heapAfter(10_000)
  // Of 64 bytes each that would be 12 MB.
  expect((await heapAfter(200_000)) - before).toBeLessThan(4_000_000)
})

test('calls back once all of it is disposed, and not when that fails', async () => {
  const retired = new RetiredIndexes(() => {})
  let end = () => {}
  const slow = new Promise<void>((resolve) => {
    end = resolve
  })
  const { disposed, make } = indexes(() => slow)
  const after = async () => void disposed.push('after')
  retired.retire({ ...make('a'), after })
  retired.retire({ ...indexes(() => Promise.reject(new Error('busy'))).make('b'), after })
  await new Promise((resolve) => setImmediate(resolve))
  expect(disposed).toEqual(['a'])
  end()
  await retired.settled()
  expect(disposed).toEqual(['a', 'after'])
})
