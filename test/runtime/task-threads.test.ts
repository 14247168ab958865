import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { TaskRing } from '../../lib/runtime/task-ring.js'
import { TaskThreads } from '../../lib/runtime/task-threads.js'

const entry = new URL('./task-worker.mjs', import.meta.url)

interface End {
  thread: number
  slots: readonly number[]
  death: Error | undefined
}

/** Threads on a ring of their own, with what they say. */
class Offerer {
  readonly ring: TaskRing
  readonly threads: TaskThreads
  readonly messages: unknown[] = []
  readonly ends: End[] = []
  #said: (() => void)[] = []

  constructor(threads: number, slots: number, module = entry) {
    this.ring = new TaskRing(TaskRing.allocate(threads, slots, 16))
    const say = () => {
      for (const resolve of this.#said.splice(0)) resolve()
    }
    this.threads = new TaskThreads(module, this.ring, {
      message: (message) => {
        this.messages.push(message)
        say()
      },
      ended: (thread, slots, death) => {
        this.ends.push({ thread, slots, death })
        say()
      },
    })
  }

  offer(value: number): void {
    const slot = this.ring.reserve() as number
    this.ring.numbers(slot)[0] = value
    this.ring.offer(slot)
  }

  /** Until a thread posts or ends. */
  said(): Promise<void> {
    return new Promise((resolve) => this.#said.push(resolve))
  }

  /** The next answers, as pairs of what was offered and what came back. */
  async answers(count: number): Promise<number[][]> {
    const pairs: number[][] = []
    this.threads.keepAlive(true)
    while (pairs.length < count) {
      const { doneCount } = this.ring
      for (const slot of this.ring.finished()) {
        pairs.push([...this.ring.numbers(slot).subarray(0, 2)])
        this.ring.free(slot)
      }
      if (pairs.length < count) await this.ring.whenDone(doneCount)
    }
    this.threads.keepAlive(false)
    return pairs.sort(([a], [b]) => (a as number) - (b as number))
  }
}

describe('threads on a ring', () => {
  test('do every task once', async () => {
    const offerer = new Offerer(3, 16)
    offerer.threads.start(() => [])
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 16; i++) offerer.offer(round * 16 + i)
      const expected = Array.from({ length: 16 }, (_, i) => [round * 16 + i, 2 * (round * 16 + i)])
      expect(await offerer.answers(16)).toEqual(expected)
    }
    await offerer.threads.end()
    expect(offerer.threads.living).toEqual([])
    expect(offerer.ends.map(({ thread, slots, death }) => [thread, slots, death]).sort()).toEqual([
      [0, [], undefined],
      [1, [], undefined],
      [2, [], undefined],
    ])
  })

  test('hear what they are told before the tasks offered later', async () => {
    const offerer = new Offerer(2, 8)
    offerer.threads.start(() => [{ times: 3 }])
    offerer.offer(5)
    expect(await offerer.answers(1)).toEqual([[5, 15]])
    for (let times = 4; times < 100; times++) {
      offerer.threads.tell({ times })
      for (let i = 0; i < 8; i++) offerer.offer(i)
      expect(await offerer.answers(8)).toEqual(Array.from({ length: 8 }, (_, i) => [i, i * times]))
    }
    await offerer.threads.end()
    expect(offerer.messages).toHaveLength(2 * 97)
  })

  test('hear their greeting before they take what had been offered already', async () => {
    const offerer = new Offerer(2, 8)
    for (let i = 0; i < 8; i++) offerer.offer(i)
    offerer.threads.start(() => [{ times: 6 }])
    expect(await offerer.answers(8)).toEqual(Array.from({ length: 8 }, (_, i) => [i, i * 6]))
    await offerer.threads.end()
  })

  test('finish what they were offered before they end', async () => {
    const offerer = new Offerer(1, 8)
    offerer.threads.start(() => [])
    for (let i = 0; i < 8; i++) offerer.offer(i)
    await Promise.all([offerer.threads.end(), offerer.threads.end()])
    expect((await offerer.answers(8)).map(([, doubled]) => doubled)).toEqual([0, 2, 4, 6, 8, 10, 12, 14])
    offerer.threads.start(() => [])
    expect(offerer.threads.living).toEqual([])
  })

  test.each([
    [-1, 'exit code 3', undefined],
    [-2, 'exit code 1', 'a task went wrong'],
  ])('that die with a task say which (%d)', async (value, message, cause) => {
    const offerer = new Offerer(1, 8)
    offerer.threads.start(() => [])
    offerer.offer(value)
    offerer.offer(7)
    offerer.threads.keepAlive(true)
    await offerer.said()
    const [{ thread, slots, death } = { thread: -1, slots: [], death: undefined }] = offerer.ends
    expect([thread, slots.map((slot) => offerer.ring.numbers(slot)[0])]).toEqual([0, [value]])
    expect(death?.message).toBe(`a worker thread ended unasked (${message})`)
    expect((death?.cause as Error | undefined)?.message).toBe(cause)
    for (const slot of slots) offerer.ring.free(slot)
    expect(offerer.threads.living).toEqual([])
    offerer.threads.start(() => [])
    expect(await offerer.answers(1)).toEqual([[7, 14]])
    await offerer.threads.end()
  })

  test('may leave a task to who offered it', async () => {
    const offerer = new Offerer(1, 2)
    offerer.threads.start(() => [])
    offerer.threads.keepAlive(true)
    offerer.offer(-3)
    await offerer.said()
    const [left] = offerer.messages as [{ left: number }]
    expect(offerer.ring.finished()).toEqual([])
    offerer.ring.free(left.left)
    offerer.offer(4)
    expect(await offerer.answers(1)).toEqual([[4, 8]])
    await offerer.threads.end()
  })

  test('whose module is broken say so', async () => {
    const offerer = new Offerer(1, 2, new URL('data:text/javascript,throw new Error("broken module")'))
    offerer.threads.start(() => [])
    offerer.threads.keepAlive(true)
    await offerer.said()
    expect(offerer.ends).toMatchObject([{ slots: [], death: { cause: { message: 'broken module' } } }])
  })

  test('keep the process alive only when told to', () => {
    const program = (keepsAlive: boolean) => `
      const { TaskRing } = await import(${built('task-ring.js')})
      const { TaskThreads } = await import(${built('task-threads.js')})
      const ring = new TaskRing(TaskRing.allocate(2, 2, 16))
      const entry = new URL(${JSON.stringify(entry)})
      const threads = new TaskThreads(entry, ring, { message: () => undefined, ended: () => undefined })
      threads.start(() => [])
      threads.keepAlive(${keepsAlive})
      const slot = ring.reserve()
      ring.numbers(slot)[0] = 21
      const done = ring.whenDone(ring.doneCount)
      ring.offer(slot)
      console.log('offered')
      void done.then(() => {
        console.log(ring.numbers(slot)[1])
        threads.keepAlive(false)
      })
    `
    const built = (name: string) => JSON.stringify(new URL(`../../dist/runtime/${name}`, import.meta.url))
    const run = (keepsAlive: boolean) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', program(keepsAlive)], {
        encoding: 'utf8',
        timeout: 30_000,
      })
    expect(run(true)).toBe('offered\n42\n')
    expect(run(false)).toMatch(/^offered\n/)
  })
})
