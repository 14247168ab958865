import { Arrivals } from '../transport/arrivals.js'
import type { BadTransport } from './bad-transport.js'
import type { SeededRandom } from './seeded-random.js'
import type { SharedTime } from './shared-time.js'

/** How fast links are and how much fits in them. */
export interface LinkSettings {
  readonly latencyMsMin: number
  readonly latencyMsMax: number
  readonly bytesPerMs: number
  /** So much may be on the way or wait to be read; a frame more is taken once it is less. */
  readonly queueBytes: number
  readonly maxFrameBytes: number
}

/** What comes out at the far end. */
type Parcel = { readonly frame: Uint8Array } | { readonly end: 'clean' | 'broken' }

interface WaitingSend {
  readonly frame: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** One direction of a link: takes time, holds so much, and may be held up, go silent, or lose what was put in. */
export class SimulatedPipe {
  readonly arrivals: Arrivals<Uint8Array>
  readonly #time: SharedTime
  readonly #random: SeededRandom
  readonly #settings: LinkSettings
  readonly #bad: BadTransport
  readonly #ended: (end: 'clean' | 'broken') => void
  readonly #onWay: { readonly parcel: Parcel; readonly dueMs: number }[] = []
  readonly #waiting: WaitingSend[] = []
  #unreadBytes = 0
  #lastDueMs = 0
  #cancelTimer: (() => void) | undefined
  #isHeld = false
  #isSilent = false

  /** @param ended - called when the end that the sender put in came out */
  constructor(
    time: SharedTime,
    random: SeededRandom,
    settings: LinkSettings,
    bad: BadTransport,
    ended: (end: 'clean' | 'broken') => void,
  ) {
    this.#time = time
    this.#random = random
    this.#settings = settings
    this.#bad = bad
    this.#ended = ended
    this.arrivals = new Arrivals('This link', { taken: (frame) => this.#taken(frame.byteLength) })
  }

  /** Resolves once there is room for the frame, which is copied then. */
  send(frame: Uint8Array): Promise<void> {
    if (this.#waiting.length === 0 && this.#hasRoom()) {
      this.#put(frame)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => this.#waiting.push({ frame, resolve, reject }))
  }

  /** The sender puts nothing more in; what is in comes out before the end does. */
  finish(end: 'clean' | 'broken', error: Error): void {
    this.refuse(error)
    this.#enqueue({ end })
  }

  /** Sends that wait for room fail. */
  refuse(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  /** Nothing comes out for now; what is in stays in order. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (isHeld) this.#stop()
    else this.#arm()
  }

  /** Nothing comes out ever again, and nobody is told. */
  silence(): void {
    this.#isSilent = true
    this.#stop()
    this.#onWay.length = 0
  }

  #hasRoom(): boolean {
    return this.#unreadBytes < this.#settings.queueBytes
  }

  #put(frame: Uint8Array): void {
    this.#unreadBytes += frame.byteLength
    if (this.#isSilent) return
    const before = this.#onWay.at(-1)?.parcel
    for (const copy of this.#bad.deliveries(frame)) this.#enqueue({ frame: copy })
    if (before && 'frame' in before && this.#bad.reorders()) this.#swapLast()
  }

  #swapLast(): void {
    const [second, first] = [this.#onWay.pop(), this.#onWay.pop()]
    if (!first || !second) return
    this.#onWay.push(
      { parcel: second.parcel, dueMs: first.dueMs },
      { parcel: first.parcel, dueMs: second.dueMs },
    )
  }

  #enqueue(parcel: Parcel): void {
    if (this.#isSilent) return
    const { latencyMsMin, latencyMsMax, bytesPerMs } = this.#settings
    const latencyMs = latencyMsMin + this.#random.next() * (latencyMsMax - latencyMsMin)
    const bytes = 'frame' in parcel ? parcel.frame.byteLength : 0
    // Whole milliseconds, so that frames of one moment arrive in one.
    const readyMs = Math.ceil(this.#time.monotonic() + latencyMs + bytes / bytesPerMs)
    this.#lastDueMs = Math.max(this.#lastDueMs, readyMs)
    this.#onWay.push({ parcel, dueMs: this.#lastDueMs })
    this.#arm()
  }

  #arm(): void {
    const [first] = this.#onWay
    if (!first || this.#cancelTimer || this.#isHeld || this.#isSilent) return
    this.#cancelTimer = this.#time.timer(() => this.#deliver(), first.dueMs - this.#time.monotonic())
  }

  #deliver(): void {
    this.#cancelTimer = undefined
    for (let first = this.#onWay[0]; first && first.dueMs <= this.#time.monotonic(); first = this.#onWay[0]) {
      this.#onWay.shift()
      if ('frame' in first.parcel) this.arrivals.push(first.parcel.frame)
      else {
        this.silence()
        this.#ended(first.parcel.end)
        return
      }
    }
    this.#arm()
  }

  #stop(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #taken(bytes: number): void {
    this.#unreadBytes -= bytes
    while (this.#hasRoom()) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#put(next.frame)
      next.resolve()
    }
  }
}
