import { execFileSync } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import { nodeClock } from '../../lib/runtime/node-clock.js'

describe('nodeClock', () => {
  test('tells wall time, and a monotonic time that does not go back', async () => {
    const before = Date.now()
    expect(nodeClock.now()).toBeGreaterThanOrEqual(before)
    const started = nodeClock.monotonic()
    await nodeClock.yield()
    expect(nodeClock.monotonic()).toBeGreaterThanOrEqual(started)
  })

  test('runs a timer once', async () => {
    let runs = 0
    await new Promise<void>((resolve) => {
      nodeClock.timer(() => {
        runs++
        resolve()
      }, 1)
    })
    await nodeClock.yield()
    expect(runs).toBe(1)
  })

  test('waits out delays longer than Node allows, and cancels them', () => {
    vi.useFakeTimers()
    try {
      const run = vi.fn()
      const cancelled = vi.fn()
      const monthMs = 30 * 24 * 3600 * 1000
      nodeClock.timer(run, monthMs)
      const cancel = nodeClock.timer(cancelled, monthMs)
      vi.advanceTimersByTime(monthMs - 1)
      expect(run).not.toHaveBeenCalled()
      cancel()
      vi.advanceTimersByTime(1)
      expect(run).toHaveBeenCalledTimes(1)
      vi.advanceTimersByTime(monthMs)
      expect(run).toHaveBeenCalledTimes(1)
      expect(cancelled).not.toHaveBeenCalled()
    } finally {
      vi.useRealTimers()
    }
  })

  test('a timer does not keep the process alive', () => {
    const program = `
      const { nodeClock } = await import(${JSON.stringify(new URL('../../dist/runtime/node-clock.js', import.meta.url))})
      nodeClock.timer(() => console.log('fired'), 3_600_000)
      process.on('exit', () => console.log('ended'))`
    const parameters = ['--input-type=module', '-e', program]
    expect(execFileSync(process.execPath, parameters, { encoding: 'utf8' })).toBe('ended\n')
  })

  test('yield lets finished work of the event loop go first', async () => {
    const order: string[] = []
    setImmediate(() => order.push('immediate'))
    queueMicrotask(() => order.push('microtask'))
    await nodeClock.yield()
    expect(order).toEqual(['microtask', 'immediate'])
  })

  test('one who yields has a turn of the event loop alone', async () => {
    const turns: number[] = []
    let turn = 0
    let left = 20
    const count = () => {
      turn += 1
      if (--left > 0) setImmediate(count)
    }
    setImmediate(count)
    const pass = async () => {
      for (let slice = 0; slice < 3; slice++) {
        await nodeClock.yield()
        turns.push(turn)
      }
    }
    await Promise.all([pass(), pass(), pass()])
    expect(turns.length).toBe(9)
    expect(new Set(turns).size).toBe(9)
  })
})
