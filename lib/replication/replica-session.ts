import type { ReplivecError } from '../errors.js'
import { chanceOf, type Random } from '../runtime/random.js'
import type { Codec } from './compression/codec.js'
import type { CompressionCounts } from './compression/compression-stats.js'
import { Decompressor } from './compression/decompressor.js'
import { Dialer, type DialerOptions } from './dialer.js'
import { limitReceived } from './handed-link.js'
import type { Link } from './link.js'
import { asError, failureError, withinTime } from './link-failure.js'
import { type ByteCounts, MessageChannel } from './message-channel.js'
import type { Heartbeat, Operations, SnapshotPiece, SnapshotStart, Welcome } from './protocol/messages.js'
import type { KeyRing } from './protocol/key-ring.js'
import { MESSAGE_BYTES_MAX, UNPROVED_MESSAGE_BYTES_MAX } from './protocol/message-limits.js'
import { violated } from './protocol/wire-violation.js'
import { replicaTickAtMs, stepReplica } from './protocol/replica.js'
import {
  type Halt,
  type ReplicaConfig,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaState,
  type ReplicaView,
  replicaStart,
} from './protocol/replica-state.js'
import type { Failure } from './protocol/step.js'
import { WorkQueue } from './work-queue.js'
import type { HaltedAt, ReplicaStore } from './replica-store.js'

const FAREWELL_MS = 1_000
/** While the store has more than this to take in, nothing more is read. */
const WAITING_BYTES_MAX = 256 * 1024 * 1024
const NONCE_BYTES = 32

/** What a session tells the replica that it belongs to. */
export interface ReplicaSessionOwner {
  welcomed(welcome: Welcome): void
  heartbeat(message: Heartbeat): void
  received(operations: Operations): void
  pieceReceived(piece: SnapshotPiece): void
  snapshotStarted(start: SnapshotStart, reason: string): void
  /** @param bytes - of the whole snapshot */
  installed(start: SnapshotStart, bytes: number): void
  /** The epochs are those of the master now. */
  adopted(): void
  halted(halt: Halt): void
  unlinked(error: ReplivecError | undefined): void
  /** Something that is not the link's fault went wrong here. */
  failed(error: ReplivecError): void
}

export interface ReplicaSessionOptions extends DialerOptions {
  readonly config: ReplicaConfig
  readonly random: Random
  readonly store: ReplicaStore
  readonly owner: ReplicaSessionOwner
  readonly counts: ByteCounts
  readonly codecs: ReadonlyMap<string, Codec>
  /** Counted where it happens. */
  readonly compression: CompressionCounts
  /** The secrets as they are now. */
  readonly keys: () => KeyRing | undefined
}

interface LiveLink {
  /** The protocol knows of it: what came before is of somebody who was asked nothing. */
  isMet: boolean
  readonly link: Link
  readonly channel: MessageChannel
}

/**
 * A replica's part in replication: it dials, or takes links that the host hands over, does what the protocol says, and tells it
 * what became of that. What goes into the store goes there one after another.
 */
export class ReplicaSession {
  readonly #options: ReplicaSessionOptions
  #state: ReplicaState
  #live: LiveLink | undefined
  readonly #dialer: Dialer
  readonly #links = new Set<Promise<void>>()
  #cancelTimer: (() => void) | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  /** What the store is doing; the next thing waits for it. */
  readonly #work = new WorkQueue((error) => this.#failed(error))
  #start: SnapshotStart | undefined
  readonly #events: ReplicaEvent[] = []
  #isStepping = false
  #random = 0

  constructor(options: ReplicaSessionOptions) {
    this.#options = options
    this.#dialer = new Dialer(options, {
      wantsLink: () => this.#state.phase === 'dialing' && !this.#live,
      dialed: (link) => this.#meet(link, 'dialed'),
      dialFailed: (error) => {
        options.owner.unlinked(asError(error))
        this.#step({ kind: 'dial-failed' })
      },
    })
    this.#state = replicaStart(options.config, options.clock.monotonic())
    options.store.onProgress(() => this.#step({ kind: 'progress' }))
  }

  get state(): ReplicaState {
    return this.#state
  }

  /** The link in use. */
  get link(): Link | undefined {
    return this.#live?.link
  }

  start(): void {
    this.#step({ kind: 'start' })
  }

  /** Follows the master at the other end of a link. A link in use is given up for it. */
  follow(link: Link): void {
    this.#unlink(undefined)
    // What comes over the next one is of nobody who has proved anything.
    this.#step({ kind: 'unlinked' })
    this.#meet(link, 'linked')
  }

  pause(): void {
    this.#step({ kind: 'pause' })
  }

  /** Gives the link up and dials again: what was proved on it counts no more. */
  renew(): void {
    this.#step({ kind: 'renew' })
  }

  resume(): void {
    this.#step({ kind: 'resume' })
  }

  resync(): void {
    this.#step({ kind: 'resync' })
  }

  /** Asks the master what it has; a heartbeat or a welcome says it. */
  ask(question: number): void {
    this.#step({ kind: 'ask', question })
  }

  /** Resolves when nothing of it is going on. */
  async close(): Promise<void> {
    this.#step({ kind: 'close' })
    this.#cancelTimer?.()
    this.#unlink(undefined)
    await this.#dialer.close()
    while (this.#links.size > 0) await Promise.all(this.#links)
    await this.#work.idle
  }

  #step(event: ReplicaEvent): void {
    this.#events.push(event)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const { state, effects } = stepReplica(this.#state, next, this.#view(next))
        this.#state = state
        for (const effect of effects) this.#do(effect)
      }
    } finally {
      this.#isStepping = false
    }
    this.#arm()
  }

  #view({ kind }: ReplicaEvent): ReplicaView {
    const { clock, store, random } = this.#options
    const { identity, last, durableSeq, appliedSeq, hasData } = store
    const isNewLink = kind === 'dialed' || kind === 'linked'
    // Only where something is decided by it: progress comes thousands of times a second.
    if (kind !== 'progress' && kind !== 'message') this.#random = chanceOf(random)
    return {
      nowMs: clock.monotonic(),
      chance: this.#random,
      nonce: isNewLink ? random.bytes(NONCE_BYTES) : NO_BYTES,
      historyId: identity.historyId,
      epochs: identity.epochs,
      channelBinding: this.#live?.link.channelBinding ?? NO_BYTES,
      keys: this.#options.keys(),
      ...{ last, durableSeq, appliedSeq, hasData },
    }
  }

  #do(effect: ReplicaEffect): void {
    const { owner, store, codecs, compression } = this.#options
    switch (effect.kind) {
      case 'dial':
        // One that waits to be met is as good.
        if (this.#live?.isMet !== false) this.#dialer.dial()
        break
      case 'send':
        this.#live?.channel.send(effect.message)
        break
      case 'heartbeat':
        owner.heartbeat(effect.message)
        break
      case 'protect':
        if (effect.side === 'replica') this.#live?.channel.protectSent(effect.frameKey)
        else this.#live?.channel.protectReceived(effect.frameKey)
        break
      case 'trust':
        this.#live?.channel.limitReceived(MESSAGE_BYTES_MAX)
        if (this.#live) limitReceived(this.#live.link, this.#live.link.maxFrameBytes)
        break
      case 'decompress':
        this.#live?.channel.decompressReceived(
          new Decompressor(codecs.get(effect.codec) as Codec, compression),
        )
        break
      case 'unlink':
        this.#unlink(effect.failure)
        break
      case 'adopt':
        this.#work.add(() => store.adopt(effect.epochs).then(() => owner.adopted()))
        break
      case 'append':
        owner.received(effect.operations)
        this.#append(effect.operations)
        break
      case 'begin-snapshot':
        this.#start = effect.start
        owner.snapshotStarted(effect.start, effect.welcome.snapshotReason)
        this.#work.add(() => store.beginSnapshot(effect.start, effect.welcome))
        break
      case 'store-piece':
        owner.pieceReceived(effect.piece)
        this.#work.add(async () => {
          const storedBytes = await store.storePiece(effect.piece.bytes)
          this.#step({ kind: 'piece-stored', storedBytes })
        }, effect.piece.bytes.byteLength)
        break
      case 'install':
        this.#work.add(async () => {
          await store.install()
          owner.installed(this.#start as SnapshotStart, this.#state.snapshot?.storedBytes ?? 0)
          this.#step({ kind: 'installed' })
        })
        break
      case 'discard-snapshot':
        this.#work.add(() => store.discardSnapshot())
        break
      case 'joined':
        if (this.#state.welcome) owner.welcomed(this.#state.welcome)
        break
      case 'halt':
        owner.halted(effect.halt)
        break
    }
  }

  #append(operations: Operations): void {
    const { store } = this.#options
    const live = this.#live
    const append = (): Promise<void> | undefined => {
      // What a link brought that is given up by now comes again over the next one.
      if (this.#live !== live) return undefined
      const full = store.append(operations.frames, operations.durable)
      if (store.last.seq < operations.lastSeq)
        throw violated(`operations up to ${operations.lastSeq} were announced and ${store.last.seq} came`)
      return full
    }
    if (this.#work.idle) {
      this.#work.add(async () => append(), operations.frames.byteLength)
      return
    }
    try {
      const full = append()
      if (full) this.#work.add(() => full, operations.frames.byteLength)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** What the store says about what came. */
  #failed(error: unknown): void {
    const failure = asError(error) as ReplivecError
    const { phase } = this.#state
    const isLinksFault = failure.code === 'PROTOCOL_VIOLATED' && !('halted' in failure.details)
    if (isLinksFault && (phase === 'snapshot' || phase === 'installing')) {
      this.#step({ kind: 'snapshot-failed', reason: failure.message })
    } else if (isLinksFault) {
      this.#step({ kind: 'damaged', reason: String(failure.details.reason ?? failure.message) })
    } else {
      const at = failure.details.halted as HaltedAt | undefined
      const position = at?.position ?? this.#options.store.last
      this.#step({ kind: 'halted', halt: { position, code: failure.code, message: failure.message } })
    }
    // Without a link nothing halts, and nobody else would tell.
    const isTold = phase === 'streaming' || phase === 'snapshot' || phase === 'installing'
    if (failure.code !== 'PROTOCOL_VIOLATED' && !isTold) this.#options.owner.failed(failure)
  }

  /** Meets the master once the store is done with what the link before brought: what the replica says it has must not change then. */
  #meet(link: Link, kind: 'dialed' | 'linked'): void {
    this.#serve(link)
    const live = this.#live
    const meet = (): void => {
      if (live) live.isMet = true
      this.#step({ kind })
    }
    const meetLater = (): void => {
      if (this.#live === live) meet()
      else if (!this.#live && !this.#dialer.isDialing) this.#step({ kind: 'dial-failed' })
    }
    if (!this.#work.idle || this.#state.phase === 'installing') meet()
    else void this.#work.idle.then(meetLater)
  }

  /** Listens to a link until it ends. One before it that still waited to be met is given up. */
  #serve(link: Link): void {
    this.#unlink(undefined)
    const channel = new MessageChannel(link, this.#options.counts, () => {
      if (this.#live === live) this.#step({ kind: 'heard' })
    })
    limitReceived(link, UNPROVED_MESSAGE_BYTES_MAX)
    const live: LiveLink = { isMet: false, link, channel }
    this.#live = live
    const served = this.#listen(live).finally(() => this.#links.delete(served))
    this.#links.add(served)
  }

  async #listen(live: LiveLink): Promise<void> {
    let failure: unknown
    try {
      for await (const message of live.channel.messages()) {
        if (this.#live !== live) break
        if (live.isMet) this.#step({ kind: 'message', message })
        // A master keeps to its window, unless it is a false one.
        if (this.#work.bytes > WAITING_BYTES_MAX) await this.#work.idle
      }
    } catch (error) {
      failure = error
    }
    if (this.#live === live) {
      this.#live = undefined
      this.#options.owner.unlinked(asError(failure))
      this.#step({ kind: 'unlinked' })
    }
    await live.channel
      .close(failure === undefined ? undefined : (asError(failure) as Error))
      .catch(() => undefined)
  }

  /** Gives the link up, if there is one. */
  #unlink(failure: Failure | undefined): void {
    const { clock, owner } = this.#options
    const live = this.#live
    if (!live) return
    this.#live = undefined
    const flushed = failure ? withinTime(live.channel.flushed(), clock, FAREWELL_MS) : Promise.resolve()
    const closed = flushed
      .then(() => live.channel.close())
      .catch(() => undefined)
      .finally(() => this.#links.delete(closed))
    this.#links.add(closed)
    owner.unlinked(failure && failureError(failure, live.link.peer.id))
  }

  /** One timer, for when the protocol wants to be asked again. */
  #arm(): void {
    const { clock } = this.#options
    const atMs = replicaTickAtMs(this.#state)
    if (this.#cancelTimer && this.#timerAtMs <= atMs) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (atMs === Number.POSITIVE_INFINITY) return
    this.#timerAtMs = atMs
    this.#cancelTimer = clock.timer(
      () => {
        this.#cancelTimer = undefined
        this.#step({ kind: 'tick' })
      },
      Math.max(1, Math.ceil(atMs - clock.monotonic())),
    )
  }
}

const NO_BYTES = new Uint8Array(0)
