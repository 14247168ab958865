import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TaskRing } from '../../lib/runtime/task-ring.js'

const ringOf = (slots: number, threads = 2) => new TaskRing(TaskRing.allocate(threads, slots, 64))

/** Offers a task that carries a number. */
function offer(ring: TaskRing, value: number): number | undefined {
  const slot = ring.reserve()
  if (slot === undefined) return undefined
  ring.numbers(slot)[0] = value
  ring.offer(slot)
  return slot
}

const carried = (ring: TaskRing, slot: number | undefined) =>
  slot === undefined ? undefined : ring.numbers(slot)[0]

describe('a task ring', () => {
  test('gives tasks in the order they were offered, each once', () => {
    const ring = ringOf(4)
    for (const value of [5, 6, 7]) offer(ring, value)
    expect(ring.waiting).toBe(3)
    expect(carried(ring, ring.peek())).toBe(5)
    expect([0, 1, 0, 1].map((thread) => carried(ring, ring.take(thread)))).toEqual([5, 6, 7, undefined])
    expect([ring.waiting, ring.peek()]).toEqual([0, undefined])
  })

  test('has room for so many, and again for each that was freed', () => {
    const ring = ringOf(2)
    offer(ring, 1)
    offer(ring, 2)
    expect(offer(ring, 3)).toBeUndefined()
    const slot = ring.take(0) as number
    expect(offer(ring, 3)).toBeUndefined()
    ring.done(slot)
    expect(ring.finished()).toEqual([slot])
    ring.free(slot)
    expect(ring.finished()).toEqual([])
    expect(offer(ring, 3)).toBe(slot)
    expect([0, 0].map((thread) => carried(ring, ring.take(thread)))).toEqual([2, 3])
  })

  test('is the same ring over the same memory, and its slots share no byte', () => {
    const ring = ringOf(2, 1)
    const other = new TaskRing(ring.memory)
    expect([other.slots, other.slotBytes]).toEqual([2, 64])
    const slots = [offer(ring, 1) as number, offer(ring, 2) as number]
    for (const slot of slots) {
      ring.floats(slot, 0, 8).fill(slot + 0.5)
      ring.ordinals(slot, 32, 8).fill(slot + 7)
    }
    for (const slot of [other.take(0), other.take(0)] as number[]) {
      expect([...other.floats(slot, 0, 8)]).toEqual(Array(8).fill(slot + 0.5))
      expect([...other.ordinals(slot, 32, 8)]).toEqual(Array(8).fill(slot + 7))
      other.done(slot)
    }
    expect(ring.finished().sort()).toEqual([0, 1])
  })

  test('tells what a thread has taken, and passes over what it has not counted when it ended', () => {
    const ring = ringOf(4)
    for (const value of [1, 2, 3]) offer(ring, value)
    const [first, second] = [ring.take(0) as number, ring.take(1) as number]
    ring.done(first)
    expect(ring.takenBy(0)).toEqual([])
    expect(ring.takenBy(1)).toEqual([second])
    // As if thread 1 had died before it counted the ticket it had taken.
    new Int32Array(ring.memory.words)[2] = 1
    expect(ring.waiting).toBe(2)
    ring.free(second)
    ring.ended(1)
    expect(ring.waiting).toBe(1)
    expect(carried(ring, ring.take(0))).toBe(3)
  })

  test('does not give a task to who looks at an old ticket of its slot', () => {
    const ring = ringOf(1)
    const slot = offer(ring, 1) as number
    ring.take(0)
    ring.done(slot)
    ring.free(slot)
    offer(ring, 2)
    // As if nobody had counted the first ticket.
    new Int32Array(ring.memory.words)[2] = 0
    expect(carried(ring, ring.take(1))).toBe(2)
    expect(ring.waiting).toBe(0)
  })

  test('says when a task is done, also when that was meanwhile', async () => {
    const ring = ringOf(2)
    const slots = [offer(ring, 1), offer(ring, 2)].map((_, thread) => ring.take(thread) as number)
    const before = ring.doneCount
    const waiting = ring.whenDone(before)
    ring.done(slots[0] as number)
    expect(await waiting).toBe('ok')
    expect(ring.whenDone(before)).toBeUndefined()
    const given = ring.whenDone(ring.doneCount)
    ring.giveUpWaiting()
    expect(await given).toBe('ok')
  })

  test('sleeps only when nothing rang since it looked', () => {
    const ring = ringOf(2)
    const { bell, told } = ring
    offer(ring, 1)
    ring.sleep(0, bell)
    const next = ring.bell
    ring.tell()
    ring.sleep(0, next)
    expect([ring.asleep, ring.told]).toEqual([0, told + 1])
  })

  test('lets its threads call, and halts at once when none does', () => {
    const ring = ringOf(2)
    let calls = 0
    ring.calling(0, () => {
      calls++
    })
    ring.halt(60_000)
    expect(calls).toBe(1)
  })

  test('keeps order and loses nothing, whatever happens in whatever order', () => {
    const steps = fc.array(fc.constantFrom('offer', 'take', 'done', 'free', 'die'), { maxLength: 300 })
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 8), steps, (slots, all) => {
        const ring = ringOf(slots)
        const [offered, taken, done]: [number[], number[], number[]] = [[], [], []]
        let last = 0
        let thread = 0
        for (const step of all) {
          if (step === 'offer') {
            const used = offered.length + taken.length + done.length
            expect(offer(ring, ++last) !== undefined).toBe(used < slots)
            if (used < slots) offered.push(last)
          } else if (step === 'take') {
            thread = 1 - thread
            const slot = ring.take(thread)
            expect(carried(ring, slot)).toBe(offered.shift())
            if (slot !== undefined) taken.push(slot)
          } else if (step === 'done' && taken.length > 0) {
            const slot = taken.pop() as number
            ring.done(slot)
            done.push(slot)
          } else if (step === 'free') {
            expect(ring.finished().sort()).toEqual([...done].sort())
            for (const slot of done.splice(0)) ring.free(slot)
          } else if (step === 'die') {
            const lost = ring.takenBy(thread)
            for (const slot of lost) {
              ring.free(slot)
              taken.splice(taken.indexOf(slot), 1)
            }
            ring.ended(thread)
          }
          expect(ring.waiting).toBe(offered.length)
        }
      }),
    )
  })
})
