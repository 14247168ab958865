import { describe, expect, test } from 'vitest'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'

describe('SimulatedClock', () => {
  test('stands still until it is advanced', async () => {
    const clock = new SimulatedClock(1_000)
    await clock.yield()
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0])
    await clock.advance(250)
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250])
  })

  test('fires timers in the order in which they are due, each at its time', async () => {
    const clock = new SimulatedClock()
    const log: string[] = []
    const note = (name: string) => () => log.push(`${name}@${clock.monotonic()}`)
    clock.timer(note('c'), 30)
    clock.timer(note('a'), 10)
    clock.timer(note('b1'), 20)
    clock.timer(note('b2'), 20)
    clock.timer(note('late'), 31)
    await clock.advance(30)
    expect(log).toEqual(['a@10', 'b1@20', 'b2@20', 'c@30'])
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1)
    expect(log.at(-1)).toBe('late@31')
  })

  test('fires timers that are armed on the way, also by promises', async () => {
    const clock = new SimulatedClock()
    const log: number[] = []
    const wait = (ms: number) => new Promise<void>((resolve) => clock.timer(resolve, ms))
    const loop = async () => {
      for (let i = 0; i < 5; i++) {
        await wait(10)
        log.push(clock.monotonic())
      }
    }
    const done = loop()
    await clock.advance(35)
    expect(log).toEqual([10, 20, 30])
    await clock.advance(100)
    await done
    expect(log).toEqual([10, 20, 30, 40, 50])
  })

  test('a cancelled timer never fires', async () => {
    const clock = new SimulatedClock()
    const log: string[] = []
    const cancelOther = clock.timer(() => log.push('other'), 20)
    clock.timer(() => {
      log.push('first')
      cancelOther()
    }, 10)
    await clock.advance(100)
    cancelOther()
    expect(log).toEqual(['first'])
    expect(clock.pendingTimers).toBe(0)
  })

  test('a timer that arms itself without a delay does not stop time', async () => {
    const clock = new SimulatedClock()
    let runs = 0
    const again = () => {
      runs++
      clock.timer(again, 0)
    }
    again()
    await clock.advance(5)
    expect(runs).toBe(6)
  })

  test('what a timer throws reaches the test; the rest still waits', async () => {
    const clock = new SimulatedClock()
    const log: number[] = []
    clock.timer(() => {
      throw new Error('boom')
    }, 1)
    clock.timer(() => log.push(clock.monotonic()), 2)
    await expect(clock.advance(10)).rejects.toThrow('boom')
    expect(log).toEqual([])
    await clock.advance(10)
    expect(log).toEqual([2])
    expect(clock.monotonic()).toBe(11)
  })

  test('wall time jumps without a duration changing', async () => {
    const clock = new SimulatedClock(5_000)
    clock.jumpWall(-3_000)
    await clock.advance(10)
    expect([clock.now(), clock.monotonic()]).toEqual([2_010, 10])
  })

  test('yield lets real asynchronous work happen without time passing', async () => {
    const clock = new SimulatedClock()
    let turns = 0
    setImmediate(() => turns++)
    await clock.yield()
    expect(turns).toBe(1)
    expect(clock.monotonic()).toBe(0)
  })
})
