import assert from 'node:assert/strict'
import type { Link } from '../replication/link.js'
import { nodeClock } from '../runtime/node-clock.js'
import { SeededRandom } from './seeded-random.js'

/** How long a send may rest before it counts as held back. A machine that is slow only makes the test end earlier. */
const RESTING_MS = 200

/**
 * Most that a link may take while nobody reads, in bytes. The buffers of an operating system take part of it: Linux lets those of one
 * connection grow to 36 MiB (`tcp_rmem` and `tcp_wmem`), though most stay at 5, and between two peers there may be two connections.
 */
export const UNREAD_BYTES_MAX = 128 * 1024 * 1024

/** A sender that was held back. */
export interface HeldSender {
  /** The frames, in the order in which they were sent. The last ones are not taken yet. */
  readonly frames: Uint8Array[]
  /** The sends that have not resolved. */
  readonly pending: Promise<void>[]
}

/** One end of a link, and what a test does with it. */
export class LinkEnd {
  readonly link: Link
  #iterator: AsyncIterator<Uint8Array> | undefined

  constructor(link: Link) {
    this.link = link
  }

  /** The next frame. Fails when the link has ended. */
  async read(): Promise<Uint8Array> {
    const { done, value } = await this.#next()
    assert.ok(!done, 'the link ended where a frame was expected')
    return value
  }

  readMany(count: number): Promise<Uint8Array[]> {
    return heard(async () => {
      const frames: Uint8Array[] = []
      while (frames.length < count) frames.push(await this.read())
      return frames
    })
  }

  /** Every frame up to a clean end. Throws what reading throws. */
  readToEnd(): Promise<Uint8Array[]> {
    return heard(async () => {
      const frames: Uint8Array[] = []
      for (let next = await this.#next(); !next.done; next = await this.#next()) frames.push(next.value)
      return frames
    })
  }

  /** Asserts that reading throws `TRANSPORT_FAILED`, after any number of frames. Gives them. */
  readToBreak(): Promise<Uint8Array[]> {
    return heard(async () => {
      const frames: Uint8Array[] = []
      try {
        for (let next = await this.#next(); !next.done; next = await this.#next()) frames.push(next.value)
      } catch (error) {
        expectTransportFailed(error)
        return frames
      }
      return assert.fail('reading ended as if the link had been closed cleanly')
    })
  }

  /** Sends one frame after the other. */
  sendEach(frames: readonly Uint8Array[]): Promise<void> {
    return heard(async () => {
      for (const frame of frames) await this.link.send(frame)
    })
  }

  /** Sends the frames without waiting for one before the next. */
  sendAll(frames: readonly Uint8Array[]): Promise<unknown> {
    return heard(() => Promise.all(frames.map((frame) => this.link.send(frame))))
  }

  /** Sends until a send rests because nobody reads, and two more. Fails when the link takes too much. */
  async sendUntilHeld(seed: string): Promise<HeldSender> {
    const random = new SeededRandom(seed)
    const frameBytes = Math.min(64 * 1024, this.link.maxFrameBytes)
    const frames: Uint8Array[] = []
    for (let takenBytes = 0; takenBytes <= UNREAD_BYTES_MAX; takenBytes += frameBytes) {
      const frame = random.bytes(frameBytes)
      frames.push(frame)
      const sending = this.link.send(frame)
      if (await settles(sending)) continue
      const more = [random.bytes(0), random.bytes(frameBytes)]
      const pending = [sending, ...more.map((next) => this.link.send(next))]
      return { frames: [...frames, ...more], pending: pending.map((send) => heard(() => send)) }
    }
    return assert.fail(`the link took ${UNREAD_BYTES_MAX} bytes that nobody reads`)
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    this.#iterator ??= this.link[Symbol.asyncIterator]()
    return this.#iterator.next()
  }
}

export function expectTransportFailed(error: unknown): void {
  const { code } = (error ?? {}) as { code?: unknown }
  assert.equal(code, 'TRANSPORT_FAILED', `expected an error with the code TRANSPORT_FAILED, not ${error}`)
}

/** Asserts that every promise is rejected with `TRANSPORT_FAILED`. */
export async function expectAllFail(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    assert.equal(result.status, 'rejected', 'this had to be rejected')
    expectTransportFailed(result.reason)
  }
}

/** Asserts that the frames are those expected, by content. */
export function expectFrames(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  for (const [index, frame] of expected.entries()) {
    const other = actual[index]
    assert.ok(other !== undefined, `frame ${index} of ${expected.length} did not arrive`)
    assert.equal(other.byteLength, frame.byteLength, `the length of frame ${index}`)
    assert.ok(Buffer.compare(other, frame) === 0, `the content of frame ${index} (${frame.byteLength} bytes)`)
  }
  assert.equal(actual.length, expected.length, 'more frames arrived than were sent')
}

/**
 * Work that a test waits for later. Should the test fail before it does, that the work fails too is no news: without this it would
 * be an unhandled rejection, which ends some test frameworks.
 */
export function heard<T>(work: () => Promise<T>): Promise<T> {
  const promise = work()
  promise.catch(() => {})
  return promise
}

/** Whether a send resolves before it has rested for a while. Throws what it rejects with. */
function settles(sending: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = nodeClock.timer(() => resolve(false), RESTING_MS, true)
    sending.then(
      () => {
        cancel()
        resolve(true)
      },
      (error) => {
        cancel()
        reject(error)
      },
    )
  })
}
