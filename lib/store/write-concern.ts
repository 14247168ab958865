import { checkOptions, invalid, readArguments } from '../collection/call-options.js'
import type { WriteConcern, WriteResult } from '../collection/collection-host.js'
import { ReplivecError } from '../errors.js'
import { BoundedWaits, WAIT_TIMEOUT_MS } from '../runtime/bounded-waits.js'
import type { Clock } from '../runtime/clock.js'

/** Who has what: a master's replicas. */
export interface Acknowledgements {
  /** Nodes that have an operation, this one included. @param among - only these count */
  acks(seq: number, level: Level, among?: readonly string[]): number
  /** This node and every registered replica. */
  readonly nodes: number
}

type Level = NonNullable<WriteConcern['level']>

/** A store without replicas. */
const ALONE: Acknowledgements = { acks: () => 1, nodes: 1 }

interface Wait {
  readonly concern: WriteConcern
  readonly result: WriteResult
  /** How many nodes had it when that was asked last: a replica may be gone before the caller hears. */
  acks: number
}

/** Stored writes that wait until as many nodes have them as was asked for. */
export class ConcernWaits {
  readonly #waits: BoundedWaits<Wait>
  readonly #members: readonly string[] | undefined
  readonly #byDefault: WriteConcern | undefined
  /** Up to which operations somebody waits, or waited, for replicas. */
  readonly wanted = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }
  /** Who has what; a store without replicas has only itself. */
  nodes: Acknowledgements = ALONE
  /** Called when somebody begins to want more of replicas. */
  onWanted: () => void = () => {}
  /** Why nobody waits any more. */
  #ended: ReplivecError | undefined

  /**
   * @param members - node ids of the cluster: what a majority is of
   * @param byDefault - of writes that ask for nothing
   */
  constructor(clock: Clock, members?: readonly string[], byDefault?: WriteConcern) {
    this.#waits = new BoundedWaits(clock)
    this.#members = members
    this.#byDefault = byDefault
  }

  /** What a write asks for; `undefined` for nothing. @throws `OPTIONS_INVALID` */
  check(concern: unknown): WriteConcern | undefined {
    return concern === undefined ? this.#byDefault : checkWriteConcern(concern, this.#members !== undefined)
  }

  /** A write was sequenced that will wait. */
  expect({ w, level }: WriteConcern, seq: number): void {
    if (w === 1) return
    if (level === 'received') this.wanted.receivedSeq = seq
    else if (level === 'durable') this.wanted.durableSeq = seq
    else this.wanted.appliedSeq = seq
  }

  /**
   * Waits until a stored write is where it was asked to be.
   *
   * @returns how many nodes have it
   * @throws `WRITE_CONCERN_TIMEOUT`, the signal's reason, or what `end` was given
   */
  met(concern: WriteConcern, result: WriteResult, signal: AbortSignal | undefined): Promise<WriteResult> {
    const wait: Wait = { concern, result, acks: 1 }
    if (this.#isMet(wait)) return Promise.resolve(counted(wait))
    // A write that was on its way to the log when the waits were ended.
    if (this.#ended) return Promise.reject(unconfirmed(this.#ended, result))
    this.onWanted()
    const { timeoutMs = WAIT_TIMEOUT_MS } = concern
    const expired = (): ReplivecError => this.#timedOut(wait, timeoutMs)
    return this.#waits.wait(wait, { timeoutMs, signal, expired }).then(() => counted(wait))
  }

  /** Nodes acknowledged more, or there are more or fewer. */
  acknowledged(): void {
    if (this.#waits.size > 0) this.#waits.check((wait) => this.#isMet(wait))
  }

  /** Ends all waits, those to come too; the writes are stored here. */
  end(error: ReplivecError): void {
    this.#ended = error
    this.#waits.endEach(({ result }) => unconfirmed(error, result))
  }

  #isMet(wait: Wait): boolean {
    wait.acks = this.#acks(wait)
    return wait.acks >= this.#needed(wait.concern)
  }

  #acks({ concern: { w, level = 'applied' }, result }: Wait): number {
    return this.nodes.acks(result.position.seq, level, w === 'majority' ? this.#members : undefined)
  }

  #needed({ w = 1 }: WriteConcern): number {
    if (w === 'all') return this.nodes.nodes
    return w === 'majority' ? Math.floor((this.#members?.length ?? 0) / 2) + 1 : w
  }

  #timedOut(wait: Wait, timeoutMs: number): ReplivecError {
    const { nodes } = this.nodes
    const needed = this.#needed(wait.concern)
    const acks = this.#acks(wait)
    const why = nodes === 1 ? 'this store has no replicas' : `${acks} of ${nodes} had it`
    return new ReplivecError(
      'WRITE_CONCERN_TIMEOUT',
      `The write is stored here, but ${needed} nodes did not have it within ${timeoutMs} ms: ${why}.`,
      { details: { acks, needed, position: wait.result.position } },
    )
  }
}

function counted({ result, acks }: Wait): WriteResult {
  return { ...result, acks: Math.max(1, acks) }
}

function unconfirmed(error: ReplivecError, { position }: WriteResult): ReplivecError {
  const message = `${error.message} The write is stored here; whether other nodes have it was not known yet.`
  return new ReplivecError(error.code, message, { cause: error, details: { ...error.details, position } })
}

/** @param hasMembers - there is something to have a majority of. @throws `OPTIONS_INVALID` */
export function checkWriteConcern(concern: unknown, hasMembers = false): WriteConcern {
  return readArguments('writeConcern', () => readWriteConcern(concern, hasMembers))
}

function readWriteConcern(concern: unknown, hasMembers: boolean): WriteConcern {
  const { w = 1, level, timeoutMs } = checkOptions(concern, 'writeConcern') as Partial<WriteConcern>
  if (w === 'majority' && !hasMembers)
    throw invalid('writeConcern.w', "a number or 'all' (a majority needs replication.members)", w)
  if (w !== 'all' && w !== 'majority' && !(Number.isInteger(w) && (w as number) >= 1)) {
    throw invalid('writeConcern.w', "a whole number from 1, 'majority' or 'all'", w)
  }
  if (level !== undefined && level !== 'received' && level !== 'durable' && level !== 'applied') {
    throw invalid('writeConcern.level', "'received', 'durable' or 'applied'", level)
  }
  return { w, ...(level === undefined ? {} : { level }), ...(timeoutMs === undefined ? {} : { timeoutMs }) }
}
