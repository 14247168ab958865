import { expect, test } from 'vitest'
import { SharedTime } from '../../lib/testing/shared-time.js'

test('time passes only once nothing is left to do', async () => {
  const time = new SharedTime()
  const done: string[] = []
  time.timer(() => done.push(`timer at ${time.monotonic()}`), 5)
  void time.yield().then(async () => {
    for (let turn = 0; turn < 3; turn++) await time.yield()
    done.push(`turns at ${time.monotonic()}`)
  })
  await time.run(10)
  expect(done).toEqual(['turns at 0', 'timer at 5'])
  expect(time.monotonic()).toBe(10)
})

test('timers fire in the order in which they are due, of two due together the first armed', async () => {
  const time = new SharedTime()
  const fired: number[] = []
  for (const [index, delayMs] of [30, 10, 20, 10, 40, 0].entries())
    time.timer(() => fired.push(index), delayMs)
  time.timer(() => fired.push(-1), 15)()
  expect(time.pendingTimers).toBe(6)
  await time.run(30)
  expect(fired).toEqual([5, 1, 3, 2, 0])
  expect(time.pendingTimers).toBe(1)
})

test('a run ends early when its caller has seen enough', async () => {
  const time = new SharedTime()
  let isOver = false
  time.timer(() => {
    isOver = true
  }, 7)
  await time.run(1_000, () => isOver)
  expect(time.monotonic()).toBe(7)
})

test('what goes round in circles is found out', async () => {
  const time = new SharedTime()
  const circle = async (): Promise<never> => {
    for (;;) await time.yield()
  }
  void circle()
  await expect(time.run(1)).rejects.toThrow(/Time stands still/)
})
