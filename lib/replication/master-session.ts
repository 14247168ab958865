import { ReplivecError } from '../errors.js'
import type { Clock } from '../runtime/clock.js'
import type { Codec } from './compression/codec.js'
import {
  type CompressionCounts,
  type CompressionStats,
  compressionStats,
} from './compression/compression-stats.js'
import { Compressor } from './compression/compressor.js'
import { FRAME_CODE_BYTES } from './frame-code.js'
import type { FrameMemory } from './frame-memory.js'
import { limitReceived } from './handed-link.js'
import type { Link } from './link.js'
import type { LogReader, LogSource, SnapshotSource } from './log-source.js'
import { type ByteCounts, MessageChannel } from './message-channel.js'
import { masterTickAtMs, stepMaster } from './protocol/master.js'
import {
  type MasterConfig,
  type MasterEffect,
  type MasterEvent,
  type MasterState,
  type MasterView,
  masterStart,
} from './protocol/master-state.js'
import { PIECE_BYTES_MAX } from './protocol/master-stream.js'
import { REPLICA_MESSAGE_BYTES_MAX } from './protocol/message-limits.js'
import { asError, failureError, withinTime } from './link-failure.js'
import { type MasterOwnerView, MasterSessionView } from './master-session-view.js'
import { rateOf } from './protocol/flow.js'
import type { Ack, Hello, Place } from './protocol/messages.js'
import type { Failure } from './protocol/step.js'

/** A refusal that the link does not take within this time is not said. */
const FAREWELL_MS = 1_000

/** What a session asks of the master that it belongs to. */
export interface MasterSessionOwner {
  readonly view: MasterOwnerView
  authorize(link: Link, hello: Hello): Promise<boolean>
  joined(session: MasterSession, snapshotReason: string, seq: number): void
  acked(session: MasterSession, ack: Ack): void
  /** @param bytes - of the snapshot, from its beginning on @param isWhole - there are no more */
  snapshotSent(session: MasterSession, bytes: number, isWhole: boolean): void
  /** The host wants this replica to take a snapshot, whatever it has. */
  wantsResync(nodeId: string): boolean
  /** It has one in place. */
  resynced(nodeId: string): void
  fence(epoch: number, peerId: string): void
  replace(nodeId: string): void
  ended(session: MasterSession, failure: ReplivecError | undefined): void
}

export interface MasterSessionOptions {
  readonly link: Link
  readonly config: MasterConfig
  readonly clock: Clock
  readonly source: LogSource
  readonly snapshots: SnapshotSource
  readonly owner: MasterSessionOwner
  readonly counts: ByteCounts
  /** Of all sessions together. */
  readonly memory: FrameMemory
  readonly maxBytesPerSecond: number | undefined
  readonly codecs: ReadonlyMap<string, Codec>
  /** Counted where it happens. */
  readonly compression: CompressionCounts
}

/** A master's end of one link: it does what the protocol says, and tells it what became of that. */
export class MasterSession {
  readonly #options: MasterSessionOptions
  readonly #channel: MessageChannel
  #state: MasterState
  #reader: LogReader | undefined
  #cancelTimer: (() => void) | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  #ended: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #isOver = false
  /** The snapshot that is being sent. */
  #snapshotId: string | undefined
  /** What the replica has of this history: a snapshot must not take it back behind that. */
  #placeSeq = 0
  #isResyncing = false
  /** Events that came while another was being handled. */
  readonly #events: MasterEvent[] = []
  #isStepping = false
  readonly #viewed: MasterSessionView

  constructor(options: MasterSessionOptions) {
    const { link, config, clock, counts, maxBytesPerSecond, memory } = options
    this.#options = options
    const heard = (): void => this.#step({ kind: 'heard' })
    this.#channel = new MessageChannel(link, counts, heard, memory)
    // Of the link, not of a message: what a replica has may lie right behind its proof.
    limitReceived(link, REPLICA_MESSAGE_BYTES_MAX + FRAME_CODE_BYTES)
    const nowMs = clock.monotonic()
    this.#viewed = new MasterSessionView(options, nowMs)
    this.#state = masterStart(config, nowMs, rateOf(maxBytesPerSecond, nowMs))
  }

  get state(): MasterState {
    return this.#state
  }

  get link(): Link {
    return this.#options.link
  }

  get counts(): Readonly<ByteCounts> {
    return this.#options.counts
  }

  get compression(): Readonly<CompressionCounts> {
    return this.#options.compression
  }

  /** What compressing does on this link, where it is agreed on. */
  compressionStats(): CompressionStats | null {
    const { codec, level } = this.#viewed.compressor ?? {}
    return codec ? compressionStats(this.compression, codec.name, level) : null
  }

  /** It does nothing any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The replica's node id, once it has said hello. */
  get replicaId(): string | undefined {
    return this.#state.peer?.nodeId
  }

  /** Serves the link until it ends. Never rejects. */
  run(): Promise<void> {
    this.#ended ??= this.#run()
    return this.#ended
  }

  /** There is more in the log, somebody waits, or the host paused or resumed. */
  changed(): void {
    this.#step({ kind: 'changed' })
  }

  /** Ends the session, telling the replica why where there is a reason. Resolves when the link is closed. */
  async close(failure?: Failure): Promise<void> {
    if (!this.#isOver) {
      if (failure) {
        const { code, reason, message } = failure
        this.#channel.send({ kind: 'refusal', code, reason, message })
      }
      this.#state = { ...this.#state, phase: 'closed' }
      this.#end(failure)
    }
    await this.#ended
  }

  async #run(): Promise<void> {
    this.#arm()
    let failure: unknown
    try {
      for await (const message of this.#channel.messages()) {
        this.#step({ kind: 'message', message: message.kind === 'place' ? this.#placed(message) : message })
      }
    } catch (error) {
      failure = error
    }
    if (!this.#isOver) {
      if (ReplivecError.is(failure, 'PROTOCOL_VIOLATED')) {
        const { message, details } = failure
        this.#end({ code: 'PROTOCOL_VIOLATED', reason: String(details.reason ?? ''), message })
      } else {
        this.#end(undefined, failure)
      }
    }
    await this.#closing
  }

  /** What the replica says it has, with what the host here wants of it. */
  #placed(place: Place): Place {
    const { source, owner } = this.#options
    const { phase, peer } = this.#state
    // Who has proved nothing has no part in what the host wants.
    if (phase === 'hello' || phase === 'proof' || phase === 'closed') return place
    const { nodeId } = peer ?? {}
    this.#placeSeq =
      place.historyId === source.identity.historyId ? Math.min(place.last.seq, source.head.seq) : 0
    if (nodeId === undefined || !owner.wantsResync(nodeId)) return place
    // It says again where it is once the snapshot is in place.
    if (!this.#isResyncing) this.#isResyncing = true
    else if (phase !== 'authorizing') owner.resynced(nodeId)
    return owner.wantsResync(nodeId) ? { ...place, resync: true } : place
  }

  #step(event: MasterEvent): void {
    this.#events.push(event)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      for (let next = this.#events.shift(); next && !this.#isOver; next = this.#events.shift()) {
        const { state, effects } = stepMaster(this.#state, next, this.#view())
        this.#state = state
        for (const effect of effects) this.#do(effect)
      }
    } finally {
      this.#isStepping = false
    }
    if (!this.#isOver) this.#arm()
  }

  #view(): MasterView {
    this.#viewed.nowMs = this.#options.clock.monotonic()
    return this.#viewed
  }

  #do(effect: MasterEffect): void {
    const { owner, link } = this.#options
    switch (effect.kind) {
      case 'send':
        this.#channel.send(effect.message)
        break
      case 'stream':
        this.#channel.send(effect.message, (bytes) => this.#step({ kind: 'sent', bytes }))
        break
      case 'protect':
        if (effect.side === 'master') this.#channel.protectSent(effect.frameKey)
        else this.#channel.protectReceived(effect.frameKey)
        break
      case 'trust':
        this.#channel.limitReceived(REPLICA_MESSAGE_BYTES_MAX)
        break
      case 'compress':
        this.#compress(effect.codec)
        break
      case 'authorize':
        owner.authorize(link, effect.hello).then(
          (isAllowed) => this.#step({ kind: 'authorized', isAllowed }),
          () => this.#step({ kind: 'authorized', isAllowed: false }),
        )
        break
      case 'read':
        this.#read(effect)
        break
      case 'prepare-snapshot':
        this.#prepare(effect.resumeId)
        break
      case 'read-snapshot':
        this.#readSnapshot(effect)
        break
      case 'joined':
        this.#releaseSnapshot()
        owner.joined(this, effect.snapshotReason, effect.last.seq)
        break
      case 'acked':
        owner.acked(this, effect.ack)
        break
      case 'fence':
        owner.fence(effect.epoch, effect.peerId)
        break
      case 'replace':
        owner.replace(effect.nodeId)
        break
      case 'close':
        this.#end(effect.failure)
        break
    }
  }

  #compress(name: string): void {
    const { codecs, clock, memory, maxBytesPerSecond, compression } = this.#options
    const codec = codecs.get(name)
    if (!codec) return
    this.#viewed.compressor = new Compressor({
      ...{ codec, clock, memory, bytesPerSecondMax: maxBytesPerSecond, counts: compression },
    })
    this.#channel.compressSent(this.#viewed.compressor)
  }

  #read({ fromSeq, bytes, operations }: MasterEffect & { kind: 'read' }): void {
    this.#reader ??= this.#options.source.reader()
    const given = (batch: Awaited<ReturnType<LogReader['read']>>): void =>
      this.#step({ kind: 'batch', batch })
    try {
      const read = this.#reader.read(fromSeq, { bytes, operations })
      if (read instanceof Promise) read.then(given, (error: unknown) => this.#notRead(error))
      else given(read)
    } catch (error) {
      this.#notRead(error)
    }
  }

  #notRead(error: unknown): void {
    if (ReplivecError.is(error, 'POSITION_LOST')) this.#step({ kind: 'trimmed' })
    else this.#end(undefined, error)
  }

  #prepare(resumeId: string): void {
    this.#options.snapshots.prepare(resumeId, this.#placeSeq).then(
      (prepared) => {
        this.#releaseSnapshot()
        this.#snapshotId = prepared.id
        if (this.#isOver) this.#releaseSnapshot()
        else this.#step({ kind: 'snapshot', ...prepared })
      },
      (error: unknown) => this.#end(undefined, error),
    )
  }

  #readSnapshot({ id, atByte }: MasterEffect & { kind: 'read-snapshot' }): void {
    this.#options.snapshots.read(id, atByte, PIECE_BYTES_MAX).then(
      ({ bytes, isLast }) => {
        this.#step({ kind: 'piece', atByte, bytes, isLast })
        this.#options.owner.snapshotSent(this, this.#state.snapshot?.nextByte ?? 0, isLast && !this.#isOver)
      },
      (error: unknown) => {
        if (ReplivecError.is(error, 'POSITION_LOST')) this.#step({ kind: 'snapshot-lost' })
        else this.#end(undefined, error)
      },
    )
  }

  /** Ends the session once. @param error - why, where it was not the protocol that said so */
  #end(failure: Failure | undefined, error?: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelTimer?.()
    this.#releaseSnapshot()
    const reason = failure ? failureError(failure, this.replicaId) : asError(error)
    this.#closing = this.#close(failure, reason)
    this.#options.owner.ended(this, reason)
  }

  async #close(failure: Failure | undefined, error: ReplivecError | undefined): Promise<void> {
    const { clock } = this.#options
    await this.#reader?.close().catch(() => undefined)
    if (failure) await withinTime(this.#channel.flushed(), clock, FAREWELL_MS)
    await this.#channel.close(failure ? undefined : error).catch(() => undefined)
  }

  #releaseSnapshot(): void {
    if (this.#snapshotId !== undefined) this.#options.snapshots.release(this.#snapshotId)
    this.#snapshotId = undefined
  }

  /** One timer, for when the protocol wants to be asked again. */
  #arm(): void {
    const { clock } = this.#options
    const atMs = masterTickAtMs(this.#state, this.#viewed)
    // A timer that is early only asks again.
    if (this.#cancelTimer && this.#timerAtMs <= atMs) return
    this.#cancelTimer?.()
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
