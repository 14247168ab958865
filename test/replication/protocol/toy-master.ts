import { continues, highestEpoch, nodeOf, withNewEpoch } from '../../../lib/log/epoch-table.js'
import type { Position } from '../../../lib/log/position.js'
import { rateOf } from '../../../lib/replication/protocol/flow.js'
import type { KeyRing } from '../../../lib/replication/protocol/key-ring.js'
import { masterTickAtMs, stepMaster } from '../../../lib/replication/protocol/master.js'
import {
  type MasterConfig,
  type MasterEffect,
  type MasterEvent,
  type MasterState,
  type MasterView,
  masterStart,
} from '../../../lib/replication/protocol/master-state.js'
import type { Message } from '../../../lib/replication/protocol/messages.js'
import type { ToyLink } from './toy-link.js'
import { type ToyCommit, type ToyIdentity, ToyLog } from './toy-log.js'
import { failureOf, positionOf, wordsOf } from './toy-words.js'
import { type ToyWorld, Works, wallMs } from './toy-world.js'

export interface ToyMasterOptions {
  readonly id: string
  readonly config: Omit<MasterConfig, 'authenticatedId' | 'nonce'>
  readonly keys: KeyRing | undefined
  readonly isLockedOut: boolean
  readonly bytesPerSecond: number | undefined
  readonly snapshotBytes: number
  readonly pieceBytes: number
}

export interface ToySnapshot {
  readonly id: string
  readonly position: Position
  readonly content: Uint8Array
  /** What a replica has once it is in place. */
  readonly commits: readonly ToyCommit[]
}

/** A master's end of one link. */
export interface ToySession {
  readonly link: ToyLink
  state: MasterState
  readonly events: MasterEvent[]
  isStepping: boolean
}

/** A store that writes, and the protocol's machine for each of its links. */
export class ToyMaster {
  readonly id: string
  readonly options: ToyMasterOptions
  readonly log: ToyLog
  readonly sessions = new Map<ToyLink, ToySession>()
  /** Files: they outlive a restart. */
  readonly snapshots = new Map<string, ToySnapshot>()
  /** What a slow disk or a slow host answers late. */
  readonly works = { reads: new Works(), authorize: new Works(), snapshots: new Works(), sends: new Works() }
  readonly forbidden = new Set<string>()
  readonly wanted = { receivedSeq: 0, durableSeq: 0, appliedSeq: 0 }
  keys: KeyRing | undefined
  isUp = true
  isPaused = false
  isBuffered = false
  /** The highest epoch that a peer proved. */
  fencedBy = 0
  /** What the transports of links that come prove. */
  provenId: string | undefined
  readonly #world: ToyWorld
  #histories = 0
  #written = 0
  #snapshotsMade = 0
  readonly #given = new Set<string>()

  constructor(options: ToyMasterOptions, world: ToyWorld) {
    this.id = options.id
    this.options = options
    this.keys = options.keys
    this.#world = world
    this.log = new ToyLog({ historyId: this.#newHistoryId(), epochs: [], parent: undefined })
    this.open()
  }

  open(): void {
    const { log, id, fencedBy } = this
    const epochs = withNewEpoch(log.identity.epochs, {
      nodeId: id,
      firstSeq: log.lastSeq + 1,
      above: fencedBy,
    })
    log.identity = { ...log.identity, epochs }
    this.isUp = true
  }

  /** A new history that goes on from an operation of the one there was. */
  restore(seq: number): void {
    const { log, id } = this
    const { historyId, epochs } = log.identity
    log.cutAfter(seq)
    log.oldestSeq = seq + 1
    const identity: ToyIdentity = {
      historyId: this.#newHistoryId(),
      epochs: [{ epoch: highestEpoch(epochs) + 1, nodeId: id, firstSeq: seq + 1 }],
      parent: { historyId, ...log.last },
    }
    log.identity = identity
    this.snapshots.clear()
    this.isUp = true
  }

  write(operations: number, bytes: number): void {
    const { log, id } = this
    const firstSeq = log.lastSeq + 1
    const number = `${log.identity.historyId} ${highestEpoch(log.identity.epochs)} ${firstSeq}`
    if (this.#given.has(number)) throw new Error(`${id} gives the number ${number} again`)
    this.#given.add(number)
    this.#written += 1
    log.append({
      ...{ id: `${id}${this.#written}`, firstSeq, lastSeq: firstSeq + operations - 1 },
      ...{ committedAtMs: wallMs(this.#world), bytes },
    })
    if (!this.isBuffered) log.sync()
    this.changed()
  }

  /** The sessions look at the node anew. */
  changed(): void {
    for (const session of [...this.sessions.values()]) this.step(session, { kind: 'changed' })
  }

  accept(link: ToyLink): void {
    const { options, provenId } = this
    const { nowMs } = this.#world
    const config: MasterConfig = { ...options.config, authenticatedId: provenId, nonce: new Uint8Array(8) }
    const state = masterStart(config, nowMs, rateOf(options.bytesPerSecond, nowMs))
    this.sessions.set(link, { link, state, events: [], isStepping: false })
  }

  get tickAtMs(): number {
    const times = [...this.sessions.values()].map(({ state }) =>
      masterTickAtMs(state, { isPaused: this.isPaused, head: this.log.last }),
    )
    return Math.min(Number.POSITIVE_INFINITY, ...times)
  }

  tick(): void {
    for (const session of [...this.sessions.values()]) this.step(session, { kind: 'tick' })
  }

  step(session: ToySession, event: MasterEvent): void {
    session.events.push(event)
    if (session.isStepping) return
    session.isStepping = true
    for (let next = session.events.shift(); next; next = session.events.shift()) {
      const { state, effects } = stepMaster(session.state, next, this.#view(session))
      session.state = state
      for (const effect of effects) this.#do(session, effect)
    }
    session.isStepping = false
  }

  /** Everything that was in memory is gone. */
  crash(): void {
    this.isUp = false
    this.sessions.clear()
    this.log.lose()
    for (const works of Object.values(this.works)) works.forget()
  }

  #view(asking: ToySession): MasterView {
    const { log, wanted, isPaused } = this
    return {
      nowMs: this.#world.nowMs,
      wallMs: wallMs(this.#world),
      ...log.identity,
      oldestSeq: log.oldestSeq,
      head: log.last,
      wanted,
      isPaused,
      compressedBatchBytes: 0,
      keys: this.keys,
      isLockedOut: this.options.isLockedOut,
      linked: (nodeId) => {
        const others = [...this.sessions.values()].filter((session) => session !== asking)
        const there = others.find(({ state }) => IS_JOINED.has(state.phase) && state.peer?.nodeId === nodeId)
        return there && { instanceId: there.state.peer?.instanceId ?? '', heardAtMs: there.state.heardAtMs }
      },
      committedAfterMs: (seq) => log.committedAfterMs(seq),
    }
  }

  #do(session: ToySession, effect: MasterEffect): void {
    const { id, works } = this
    const peerId = session.link.replica
    switch (effect.kind) {
      case 'send':
      case 'stream':
        this.#world.say(`${id} -> ${peerId}: ${wordsOf(effect.message)}`)
        session.link.send('master', effect.message)
        if (effect.kind === 'stream')
          works.sends.do(() => this.step(session, { kind: 'sent', bytes: payloadBytes(effect.message) }))
        break
      case 'compress':
        this.#world.say(`  ${id}: compresses with ${effect.codec} from here on`)
        break
      case 'trust':
        break
      case 'protect':
        this.#world.say(`  ${id}: the frames of the ${effect.side} carry codes from here on`)
        break
      case 'authorize':
        works.authorize.do(() => {
          this.step(session, { kind: 'authorized', isAllowed: !this.forbidden.has(effect.hello.nodeId) })
        })
        break
      case 'read':
        works.reads.do(() => this.#read(session, effect))
        break
      case 'prepare-snapshot':
        works.snapshots.do(() => {
          const { id: snapshotId, position, content } = this.#prepare(effect.resumeId)
          this.step(session, { kind: 'snapshot', id: snapshotId, position, bytes: content.byteLength })
        })
        break
      case 'read-snapshot':
        works.reads.do(() => this.#readPiece(session, effect))
        break
      case 'joined': {
        const how = effect.snapshotReason ? `takes a snapshot: ${effect.snapshotReason}` : 'goes on'
        this.#world.say(`  ${id}: ${effect.nodeId} joined after ${positionOf(effect.last)} and ${how}`)
        break
      }
      case 'fence':
        this.fencedBy = Math.max(this.fencedBy, effect.epoch)
        this.#world.say(`  ${id}: fenced by ${effect.peerId} with epoch ${effect.epoch}`)
        break
      case 'replace':
        this.#world.say(`  ${id}: gives up the older link of ${effect.nodeId}`)
        for (const other of [...this.sessions.values()]) {
          const isOlder = other !== session && other.state.peer?.nodeId === effect.nodeId
          if (isOlder && IS_JOINED.has(other.state.phase)) this.step(other, { kind: 'unlinked' })
        }
        break
      case 'close':
        if (effect.failure)
          this.#world.say(`  ${id}: closes the link to ${peerId}, ${failureOf(effect.failure)}`)
        session.link.close('master')
        this.sessions.delete(session.link)
        break
      case 'acked':
        break
    }
  }

  #read(session: ToySession, { fromSeq, bytes, operations }: MasterEffect & { kind: 'read' }): void {
    const batch = this.log.read(fromSeq, bytes, operations, this.log.lastSeq)
    this.step(session, batch === 'trimmed' ? { kind: 'trimmed' } : { kind: 'batch', batch })
  }

  #readPiece(session: ToySession, { id, atByte }: MasterEffect & { kind: 'read-snapshot' }): void {
    const content = this.snapshots.get(id)?.content
    if (!content) {
      this.step(session, { kind: 'snapshot-lost' })
      return
    }
    const bytes = content.slice(atByte, atByte + this.options.pieceBytes)
    const isLast = atByte + bytes.byteLength >= content.byteLength
    this.step(session, { kind: 'piece', atByte, bytes, isLast })
  }

  /** The one there is, if the log goes on from it; or a new one. */
  #prepare(resumeId: string): ToySnapshot {
    const { log, id } = this
    const { epochs } = log.identity
    const isOfUse = ({ position }: ToySnapshot): boolean =>
      position.seq + 1 >= log.oldestSeq &&
      continues(epochs, log.lastSeq, { ...position, nodeId: nodeOf(epochs, position.epoch) ?? '' })
    const there = [...this.snapshots.values()].filter(isOfUse)
    const found = there.find((snapshot) => snapshot.id === resumeId) ?? there.at(-1)
    if (found) return found
    this.#snapshotsMade += 1
    const name = `${id}.snapshot${this.#snapshotsMade}`
    const content = Buffer.alloc(this.options.snapshotBytes, `${name}, `)
    const made = { id: name, position: log.last, content, commits: [...log.commits] }
    this.snapshots.set(name, made)
    this.#world.say(`  ${id}: makes ${name} of ${positionOf(log.last)}`)
    return made
  }

  #newHistoryId(): string {
    this.#histories += 1
    return `${this.id}-history${this.#histories}`
  }
}

const IS_JOINED: ReadonlySet<MasterState['phase']> = new Set([
  'preparing',
  'snapshot',
  'catching-up',
  'streaming',
])

function payloadBytes(message: Message): number {
  if (message.kind === 'operations') return message.frames.byteLength
  return message.kind === 'snapshot-piece' ? message.bytes.byteLength : 0
}
