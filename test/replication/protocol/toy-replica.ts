import type { Message, Operations, Welcome } from '../../../lib/replication/protocol/messages.js'
import type { KeyRing } from '../../../lib/replication/protocol/key-ring.js'
import { replicaTickAtMs, stepReplica } from '../../../lib/replication/protocol/replica.js'
import {
  type ReplicaConfig,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaState,
  type ReplicaView,
  replicaStart,
} from '../../../lib/replication/protocol/replica-state.js'
import type { ToyLink } from './toy-link.js'
import { commitsOf, ToyLog } from './toy-log.js'
import type { ToySnapshot } from './toy-master.js'
import { failureOf, positionOf, tableOf, wordsOf } from './toy-words.js'
import { type ToyWorld, Works } from './toy-world.js'

export interface ToyReplicaOptions {
  /** What the scenario calls it; its node id may be another. */
  readonly name: string
  /** The node it dials. */
  readonly master: string
  readonly config: Omit<ReplicaConfig, 'instanceId'>
  readonly keys: KeyRing | undefined
  readonly channelBinding: Uint8Array
}

/** Finds what a snapshot is in truth. */
export type FindSnapshot = (id: string) => ToySnapshot | undefined

/** A store that follows a master, with the protocol's machine. */
export class ToyReplica {
  readonly name: string
  readonly options: ToyReplicaOptions
  readonly log: ToyLog
  state: ReplicaState
  appliedSeq = 0
  hasData = false
  keys: KeyRing | undefined
  isUp = true
  isBuffered = false
  /** An operation that cannot be applied here. */
  poisonSeq: number | undefined
  link: ToyLink | undefined
  isDialing = false
  /** The store does one thing after another. */
  readonly works = { store: new Works(), apply: new Works(), install: new Works() }
  readonly #world: ToyWorld
  readonly #findSnapshot: FindSnapshot
  readonly #events: ReplicaEvent[] = []
  #isStepping = false
  #starts = 0
  #part: { readonly id: string; bytes: number; readonly welcome: Welcome } | undefined

  constructor(options: ToyReplicaOptions, world: ToyWorld, findSnapshot: FindSnapshot) {
    this.name = options.name
    this.options = options
    this.keys = options.keys
    this.#world = world
    this.#findSnapshot = findSnapshot
    this.log = new ToyLog({ historyId: `${this.name}-history1`, epochs: [], parent: undefined })
    this.log.identity = {
      ...this.log.identity,
      epochs: [{ epoch: 1, nodeId: options.config.nodeId, firstSeq: 1 }],
    }
    this.state = this.#fresh()
  }

  #fresh(): ReplicaState {
    this.#starts += 1
    const config = { ...this.options.config, instanceId: `${this.name}${this.#starts}` }
    return replicaStart(config, this.#world.nowMs)
  }

  restart(): void {
    this.isUp = true
    // What a crash left between log and records is applied as the store opens.
    this.appliedSeq = this.log.lastSeq
    this.state = this.#fresh()
    this.step({ kind: 'start' })
  }

  crash(): void {
    this.isUp = false
    this.link = undefined
    this.isDialing = false
    this.#part = undefined
    this.log.lose()
    this.appliedSeq = Math.min(this.appliedSeq, this.log.lastSeq)
    for (const works of Object.values(this.works)) works.forget()
  }

  get tickAtMs(): number {
    return this.isUp ? replicaTickAtMs(this.state) : Number.POSITIVE_INFINITY
  }

  step(event: ReplicaEvent): void {
    if (!this.isUp) return
    this.#events.push(event)
    if (this.#isStepping) return
    this.#isStepping = true
    for (let next = this.#events.shift(); next; next = this.#events.shift()) {
      const before = this.state.phase
      const { state, effects } = stepReplica(this.state, next, this.#view())
      this.state = state
      for (const effect of effects) this.#do(effect)
      if (state.phase === 'waiting' && before !== 'waiting') {
        const delayMs = Math.round(state.deadlineMs - this.#world.nowMs)
        this.#world.say(`  ${this.name}: dials again in ${delayMs} ms`)
      }
    }
    this.#isStepping = false
  }

  /** A link that was dialed, or that the host hands over. */
  follow(link: ToyLink, kind: 'dialed' | 'linked'): void {
    this.link?.close('replica')
    this.isDialing = false
    this.link = link
    this.step({ kind })
  }

  /** What came over a link. */
  receive(link: ToyLink, message: Message | 'end'): void {
    if (this.link !== link) return
    if (message !== 'end') {
      this.step({ kind: 'message', message })
      return
    }
    this.link = undefined
    link.close('replica')
    this.step({ kind: 'unlinked' })
  }

  sync(): void {
    this.log.sync()
    this.step({ kind: 'progress' })
  }

  #view(): ReplicaView {
    const { log, appliedSeq, hasData } = this
    const { historyId, epochs } = log.identity
    const { nowMs, chance } = this.#world
    const { last, durableSeq } = log
    return {
      nowMs,
      chance,
      nonce: new Uint8Array(8),
      historyId,
      epochs,
      last,
      durableSeq,
      appliedSeq,
      hasData,
      channelBinding: this.options.channelBinding,
      keys: this.keys,
    }
  }

  #do(effect: ReplicaEffect): void {
    const { name, log } = this
    const { store } = this.works
    const say = (line: string): void => this.#world.say(`  ${name}: ${line}`)
    switch (effect.kind) {
      case 'dial':
        this.isDialing = true
        break
      case 'send':
        if (!this.link) return
        this.#world.say(`${name} -> ${this.link.master}: ${wordsOf(effect.message)}`)
        this.link.send('replica', effect.message)
        break
      case 'decompress':
        say(`takes what is compressed with ${effect.codec}`)
        break
      case 'trust':
        break
      case 'protect':
        say(`the frames of the ${effect.side} carry codes from here on`)
        break
      case 'unlink':
        if (!this.link) return
        say(effect.failure ? `gives the link up, ${failureOf(effect.failure)}` : 'leaves')
        this.link.close('replica')
        this.link = undefined
        break
      case 'joined':
        say(effect.snapshotReason ? `joined, a snapshot comes: ${effect.snapshotReason}` : 'joined')
        break
      case 'halt':
        say(`halts after ${positionOf(effect.halt.position)}, ${effect.halt.code}`)
        break
      case 'adopt':
        say(`adopts ${tableOf(effect.epochs)}`)
        store.do(() => {
          log.identity = { ...log.identity, epochs: effect.epochs }
        })
        break
      case 'append': {
        const { operations, afterSeq } = effect
        const { link } = this
        say(`takes ${afterSeq + 1}..${operations.lastSeq}`)
        store.do(() => {
          // What a link brought that is given up by now comes again over the next one.
          if (this.link === link) this.#append(operations)
        })
        break
      }
      case 'begin-snapshot':
        store.do(() => {
          const { start, welcome } = effect
          this.#part = { id: start.snapshotId, bytes: start.fromByte, welcome }
        })
        break
      case 'store-piece':
        store.do(() => this.#storePiece(effect.piece.bytes))
        break
      case 'install':
        store.do(() => {
          // Whatever else is to be stored waits for the end of it.
          if (this.works.install.isHeld) store.hold()
          this.works.install.do(() => {
            this.#install()
            store.release()
          })
        })
        break
      case 'discard-snapshot':
        say('throws its part of a snapshot away')
        store.do(() => {
          this.#part = undefined
        })
        break
    }
  }

  #append({ frames, durable, firstSeq, lastSeq }: Operations): void {
    const { log } = this
    const commits = commitsOf(frames)
    if (!commits || commits[0]?.firstSeq !== firstSeq || commits.at(-1)?.lastSeq !== lastSeq) {
      this.step({ kind: 'damaged', reason: 'a frame checksum does not match' })
      return
    }
    for (const commit of commits) {
      if (commit.lastSeq <= log.lastSeq) {
        const has = log.commits.find(({ firstSeq }) => firstSeq === commit.firstSeq)
        if (has?.id !== commit.id) throw new Error(`${this.name} has ${has?.id} and passes over ${commit.id}`)
        continue
      }
      if (commit.firstSeq !== log.lastSeq + 1) {
        this.step({ kind: 'damaged', reason: `commit ${commit.firstSeq} follows ${log.lastSeq}` })
        break
      }
      const { poisonSeq } = this
      if (poisonSeq !== undefined && commit.firstSeq <= poisonSeq && poisonSeq <= commit.lastSeq) {
        const message = `Operation ${poisonSeq} cannot be applied.`
        this.step({
          kind: 'halted',
          halt: { position: log.last, code: 'BACKEND_UNAVAILABLE', message },
        })
        break
      }
      log.append(commit)
      this.hasData = true
    }
    if (durable || !this.isBuffered) log.sync()
    this.works.apply.do(() => {
      this.appliedSeq = Math.max(this.appliedSeq, log.lastSeq)
      this.step({ kind: 'progress' })
    })
    if (this.works.apply.isHeld) this.step({ kind: 'progress' })
  }

  #storePiece(bytes: Uint8Array): void {
    const part = this.#part
    if (!part) return
    const truth = this.#findSnapshot(part.id)?.content.subarray(part.bytes, part.bytes + bytes.byteLength)
    if (!truth || Buffer.compare(truth, bytes) !== 0) {
      this.#part = undefined
      this.step({ kind: 'snapshot-failed', reason: 'a chunk checksum does not match' })
      return
    }
    part.bytes += bytes.byteLength
    this.step({ kind: 'piece-stored', storedBytes: part.bytes })
  }

  #install(): void {
    const { log } = this
    const part = this.#part
    const snapshot = part && this.#findSnapshot(part.id)
    if (!snapshot || part.bytes !== snapshot.content.byteLength) {
      this.step({ kind: 'snapshot-failed', reason: 'its checksum does not match' })
      return
    }
    const { historyId, epochs, parent } = part.welcome
    log.identity = { historyId, epochs, parent }
    log.commits = [...snapshot.commits]
    log.oldestSeq = snapshot.position.seq + 1
    log.sync()
    this.appliedSeq = log.lastSeq
    this.hasData = true
    this.#part = undefined
    this.#world.say(`  ${this.name}: has ${snapshot.id} of ${positionOf(snapshot.position)} in place`)
    this.step({ kind: 'installed' })
  }
}
