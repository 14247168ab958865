import type { Position } from '../log/position.js'
import type { Clock } from '../runtime/clock.js'
import type { Compressor } from './compression/compressor.js'
import type { Link, PeerInfo } from './link.js'
import type { LogSource } from './log-source.js'
import type { MasterView } from './protocol/master-state.js'

/** What a session looks at that belongs to all sessions of its master. */
export type MasterOwnerView = Pick<MasterView, 'wanted' | 'isPaused' | 'linked' | 'keys'> & {
  isLockedOut(peer: PeerInfo): boolean
}

/** What the machine looks at. Made once: there are thousands of steps a second, and most look at three of these. */
export class MasterSessionView implements MasterView {
  readonly #source: LogSource
  readonly #clock: Clock
  readonly #peer: PeerInfo
  readonly #owner: MasterOwnerView
  nowMs: number
  /** Of what is sent, once that was agreed on. */
  compressor: Compressor | undefined

  constructor(
    {
      source,
      clock,
      owner,
      link,
    }: { link: Link; source: LogSource; clock: Clock; owner: { readonly view: MasterOwnerView } },
    nowMs: number,
  ) {
    this.#source = source
    this.#clock = clock
    this.#peer = link.peer
    this.#owner = owner.view
    this.nowMs = nowMs
  }

  get wallMs(): number {
    return Math.max(0, Math.trunc(this.#clock.now()))
  }

  get historyId(): string {
    return this.#source.identity.historyId
  }

  get epochs(): MasterView['epochs'] {
    return this.#source.identity.epochs
  }

  get parent(): MasterView['parent'] {
    return this.#source.identity.parent
  }

  get oldestSeq(): number {
    return this.#source.oldestSeq
  }

  get head(): Position {
    return this.#source.head
  }

  get wanted(): MasterView['wanted'] {
    return this.#owner.wanted
  }

  get isPaused(): boolean {
    return this.#owner.isPaused
  }

  get compressedBatchBytes(): number {
    return this.compressor?.batchBytes(this.nowMs) ?? 0
  }

  get keys(): MasterView['keys'] {
    return this.#owner.keys
  }

  get isLockedOut(): boolean {
    return this.#owner.isLockedOut(this.#peer)
  }

  linked(nodeId: string): ReturnType<MasterView['linked']> {
    return this.#owner.linked(nodeId)
  }

  committedAfterMs(seq: number): number {
    return this.#source.committedAfterMs(seq)
  }
}
