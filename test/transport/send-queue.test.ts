import { describe, expect, test } from 'vitest'
import { SendQueue } from '../../lib/transport/send-queue.js'

const KIB = 1024

/** A system that takes what it is given when the test says so. */
class ToySystem {
  readonly queue: SendQueue
  /** The sizes of the frames of each call. */
  readonly given: number[][] = []
  readonly #taken: (() => void)[] = []

  constructor(maxFrameBytes = KIB * KIB) {
    this.queue = new SendQueue(maxFrameBytes, (frames, taken) => {
      this.given.push(frames.map(({ byteLength }) => byteLength))
      this.#taken.push(taken)
    })
  }

  take(): void {
    this.#taken.shift()?.()
  }
}

/** What became of each send, as it becomes it. */
function fates(sends: readonly Promise<void>[]): string[] {
  const seen = sends.map(() => 'pending')
  for (const [index, send] of sends.entries())
    send.then(
      () => (seen[index] = 'sent'),
      (error: Error) => (seen[index] = error.message),
    )
  return seen
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('sends that wait', () => {
  test('go together once the system took what it has, up to 256 KiB and the frame that passes it', async () => {
    const system = new ToySystem()
    const send = (count: number, bytes: number) =>
      Array.from({ length: count }, () => system.queue.send(new Uint8Array(bytes)))
    const seen = fates([...send(1, 10), ...send(5, 100 * KIB), ...send(2, 300 * KIB), ...send(3, 0)])
    expect(system.given).toEqual([[10]])
    for (let count = 0; count < 5; count++) system.take()
    expect(system.given.slice(1)).toEqual([
      [102_400, 102_400, 102_400],
      [102_400, 102_400, 307_200],
      [307_200],
      [0, 0, 0],
    ])
    await settled()
    expect(seen).toEqual(Array(11).fill('sent'))
  })

  test('resolve with what they went with, and not before', async () => {
    const system = new ToySystem()
    const seen = fates([1, 2, 3].map((bytes) => system.queue.send(new Uint8Array(bytes))))
    await settled()
    expect(seen).toEqual(['pending', 'pending', 'pending'])
    system.take()
    await settled()
    expect(seen).toEqual(['sent', 'pending', 'pending'])
    system.take()
    await settled()
    expect(seen).toEqual(['sent', 'sent', 'sent'])
  })

  test('cost something each, also when they are empty', () => {
    const system = new ToySystem()
    for (let count = 0; count < 10_000; count++) system.queue.send(new Uint8Array(0)).catch(() => {})
    system.take()
    expect(system.given[1]?.length).toBe(4_096)
  })
})

describe('an end', () => {
  test('leaves the system what it has until it took it, and then says that nobody knows', async () => {
    const system = new ToySystem()
    const seen = fates([1, 2].map((bytes) => system.queue.send(new Uint8Array(bytes))))
    system.queue.end(new Error('over'))
    await settled()
    expect(seen).toEqual(['pending', 'over'])
    system.take()
    await settled()
    expect(seen).toEqual(['over', 'over'])
    expect(system.given).toEqual([[1]])
    await expect(system.queue.send(new Uint8Array(1))).rejects.toThrow('over')
  })

  test('of the system itself rejects all, with the first reason', async () => {
    const system = new ToySystem()
    const seen = fates([1, 2].map((bytes) => system.queue.send(new Uint8Array(bytes))))
    system.queue.end(new Error('closed'))
    system.queue.abandon(new Error('broken'))
    await settled()
    expect(seen).toEqual(['closed', 'closed'])
    system.take()
    expect(system.given).toEqual([[1]])
  })
})

test('what is no frame is refused, and too large a one, and the next goes on', async () => {
  const system = new ToySystem(100)
  await expect(system.queue.send('text' as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  await expect(system.queue.send(new Uint8Array(101))).rejects.toMatchObject({ code: 'FRAME_TOO_LARGE' })
  const seen = fates([system.queue.send(new Uint8Array(100))])
  system.take()
  await settled()
  expect(seen).toEqual(['sent'])
})
