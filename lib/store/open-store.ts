import { join } from 'node:path'
import { AuditDigest } from '../audit/audit-digest.js'
import { AuditLog } from '../audit/audit-log.js'
import { BackgroundFilling } from '../collection/background-filling.js'
import { ReplivecError } from '../errors.js'
import { highestEpoch } from '../log/epoch-table.js'
import { LogCursor } from '../log/log-cursor.js'
import type { Codec } from '../replication/compression/codec.js'
import { MasterReplication } from '../replication/master-replication.js'
import type { PeerInfo, Transport } from '../replication/link.js'
import { ReplicaReplication } from '../replication/replica-replication.js'
import type { Replication, ReplicationEvent, WaitOptions } from '../replication/replication.js'
import { ReplicationState, type StoredFigures } from '../replication/replication-state.js'
import { StandaloneReplication } from '../replication/standalone.js'
import type { KeyValue } from '../records/key-value.js'
import type { Position } from '../log/position.js'
import { auditNoteOf, closingNote, openingNotes } from './audit-notes.js'
import type { Environment } from './environment.js'
import { PositionWaiters } from './position-waiters.js'
import { ReplicaTarget } from './replica-target.js'
import { SnapshotFiles } from './snapshot-files.js'
import { StoreDirectory } from './store-directory.js'
import type { PreparedStoreOptions } from './store-options.js'
import {
  asStorageError,
  closeParts,
  openParts,
  type StoreFrame,
  type StoreListener,
  type StoreParts,
} from './store-parts.js'
import { ConcernWaits } from './write-concern.js'

/** What a store is told by everything in it. */
export interface OpenStoreListener extends Omit<StoreListener, 'onLogged'> {
  onReplication(event: ReplicationEvent): void
}

/** A store that is open: its directory, the generation of its data that counts, and its part in replication. */
export class OpenStore {
  readonly #frame: StoreFrame
  readonly directory: StoreDirectory
  readonly waiters: PositionWaiters
  readonly concerns: ConcernWaits
  readonly #listener: OpenStoreListener
  readonly #assertOpen: () => void
  #parts: StoreParts | undefined
  #replication: Replication | undefined
  #master: MasterReplication | undefined
  /** Its part in a cluster, where it has one. */
  #node: { close(): Promise<void> } | undefined
  #snapshots: SnapshotFiles | undefined
  #target: ReplicaTarget | undefined
  /** Fills the indexes of the generation that counts, where that came as a snapshot. */
  #filling: BackgroundFilling | undefined
  /** Generations that somebody still reads. */
  readonly #retired = new Map<StoreParts, Promise<void>>()
  #closing: Promise<void> | undefined
  #audit: AuditLog | undefined

  private constructor(
    options: PreparedStoreOptions,
    environment: Environment,
    input: {
      directory: StoreDirectory
      figures: StoredFigures
      listener: OpenStoreListener
      hostFor: StoreFrame['hostFor']
      assertOpen: () => void
    },
  ) {
    const { clock } = environment
    const { replication } = options
    this.directory = input.directory
    this.#listener = input.listener
    this.#assertOpen = input.assertOpen
    this.waiters = new PositionWaiters(clock, () => this.#parts?.log.identity.epochs ?? [])
    this.concerns = new ConcernWaits(clock, replication.options?.members, replication.writeConcern)
    this.#frame = {
      listener: {
        ...input.listener,
        onLogged: ({ firstSeq, committedAtMs, frame }, { seq }) => {
          this.#master?.committed(firstSeq, seq, committedAtMs, frame)
        },
      },
      refusal: () => this.#refusal(),
      hostFor: input.hostFor,
      seenEpoch: input.figures.seenEpoch,
      ...{ options, environment, waiters: this.waiters, concerns: this.concerns },
    }
  }

  /**
   * Opens a store with everything that belongs to it. A master listens when this resolves; a replica begins to dial.
   *
   * @throws as `VectorStore.open`
   */
  static async open(
    options: PreparedStoreOptions,
    environment: Environment,
    listener: OpenStoreListener,
    hostFor: StoreFrame['hostFor'],
    assertOpen: () => void,
  ): Promise<OpenStore> {
    let directory: StoreDirectory | undefined
    let store: OpenStore | undefined
    try {
      directory = await StoreDirectory.take(environment, options.path)
      const figures = await ReplicationState.load(environment.files, directory.path)
      store = new OpenStore(options, environment, { directory, figures, listener, hostFor, assertOpen })
      store.#parts = await openParts(store.#frame, directory.data)
      await store.#beginAudit()
      await store.#replicate(figures)
      return store
    } catch (error) {
      if (store?.isOpen) await store.close().catch(() => undefined)
      else await directory?.release()
      throw asStorageError(error, options.path ?? 'memory')
    }
  }

  /** Its data is there. */
  get isOpen(): boolean {
    return this.#parts !== undefined
  }

  get parts(): StoreParts {
    return this.#parts as StoreParts
  }

  /** What happens between nodes is written down here, where somebody wants that. */
  get audit(): AuditLog | undefined {
    return this.#audit
  }

  get replication(): Replication {
    return this.#replication as Replication
  }

  /** Finishes what was acknowledged, and closes everything. @throws only what releasing the directory throws, which the next call tries again */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
    await this.directory.release()
  }

  async #close(): Promise<void> {
    const closed = closedError()
    this.waiters.fail(closed)
    this.parts.commitPath.end(closed)
    const warn = (error: ReplivecError): void => this.#listener.onWarning(error)
    await this.parts.commitPath.drained()
    await this.#filling?.end()
    await this.#node?.close()
    await this.#target?.discardSnapshot().catch(warn)
    await this.#snapshots?.close().catch(warn)
    for (const [retired, gone] of this.#retired) {
      retired.views.end()
      await gone
    }
    // A snapshot that was being put in place has been by now: what is closed is what came of it.
    this.parts.commitPath.end(closed)
    await closeParts(this.parts, warn)
    await this.#audit?.close(closingNote(this.parts.commitPath.visible))
  }

  /** What was there before the log began is not told again: only how this run begins. */
  async #beginAudit(): Promise<void> {
    const { options, environment } = this.#frame
    if (!options.audit) return
    const { identity } = this.parts.log
    const { key, maxFileBytes } = options.audit
    const digest = new AuditDigest(key)
    this.#audit = await AuditLog.open({
      files: environment.files,
      clock: environment.clock,
      directory: auditDirectory(this.directory.path),
      onWarning: (error) => this.#listener.onWarning(error),
      ...{ digest, key, maxFileBytes, nodeId: identity.nodeId, historyId: identity.historyId },
    })
    const notes = openingNotes(options.replication.role, identity, digest.keyId, this.#audit.isNew)
    for (const note of notes) this.#audit.add(note)
  }

  #tell(event: ReplicationEvent): void {
    const note = this.#audit && auditNoteOf(event)
    if (note) this.#audit?.add(note)
    this.#listener.onReplication(event)
  }

  async #replicate(figures: StoredFigures): Promise<void> {
    const { options, environment } = this.#frame
    const prepared = options.replication.options
    const host = {
      directory: this.directory.path,
      waitUntilVisible: (position: Position, wait: WaitOptions) => this.waitUntilVisible(position, wait),
      emit: (event: ReplicationEvent) => this.#tell(event),
      warn: (error: ReplivecError) => this.#listener.onWarning(error),
      assertOpen: this.#assertOpen,
      ...{ clock: environment.clock, random: environment.random, files: environment.files },
    }
    const store = this
    const { nodeId } = this.parts.log.identity
    checkTransportsNode(prepared?.transport, nodeId)
    checkMastersNode(prepared?.master, nodeId)
    if (!prepared) {
      this.#replication = new StandaloneReplication({
        identity: () => this.parts.log.identity,
        position: () => this.parts.commitPath.visible,
        waitUntilVisible: host.waitUntilVisible,
        assertOpen: this.#assertOpen,
      })
      return
    }
    await environment.files.makeDirectory(this.directory.path)
    const codecs: ReadonlyMap<string, Codec> = (await environment.codecs?.(prepared.codecNames)) ?? new Map()
    if (prepared.compresses && codecs.size === 0) throw noCodec(prepared.codecNames)
    if (prepared.role === 'replica') {
      this.#target = new ReplicaTarget({
        parts: () => this.parts,
        directory: this.directory,
        exchange: (keyValues) => this.#exchange(keyValues),
      })
      const replica = new ReplicaReplication(
        {
          ...host,
          codecs,
          store: this.#target,
          get position() {
            return store.parts.commitPath.visible
          },
        },
        prepared,
        { ...figures, seenEpoch: Math.max(figures.seenEpoch, highestEpoch(this.parts.log.identity.epochs)) },
      )
      this.#replication = replica
      this.#node = replica
      replica.start()
      return
    }
    const row = this.parts.log.identity.epochs.at(-1)
    // The first epoch of a new store took the place of none.
    if (row && row.epoch > 1) {
      const { epoch, nodeId, firstSeq } = row
      this.#tell({ kind: 'epoch', epoch, nodeId, firstSeq })
    }
    this.#snapshots = new SnapshotFiles(this.directory.path, () => this.parts, host.warn)
    await this.#snapshots.load()
    const { log } = this.parts
    const master = new MasterReplication(
      {
        ...host,
        codecs,
        snapshots: this.#snapshots,
        log: {
          get identity() {
            return log.identity
          },
          get oldestSeq() {
            return log.oldestSeq
          },
          cursor: (fromSeq) => new LogCursor(log, fromSeq),
        },
        get position() {
          return store.parts.commitPath.visible
        },
        wanted: this.concerns.wanted,
        acknowledged: () => this.concerns.acknowledged(),
        fence: (error) => this.parts.commitPath.fail(error),
      },
      prepared,
      figures,
    )
    this.#replication = master
    this.#node = master
    this.#master = master
    this.concerns.nodes = master
    this.concerns.onWanted = () => master.wantedMore()
    await master.listen()
  }

  /** @throws `TIMEOUT`, `POSITION_LOST`, `OPTIONS_INVALID`, `CLOSED`, the signal's reason */
  waitUntilVisible(position: Position, options: WaitOptions): Promise<void> {
    return this.waiters.wait(position, this.parts.commitPath.visible.seq, options)
  }

  #refusal(): ReplivecError | undefined {
    if (this.#frame.options.replication.role !== 'replica') return undefined
    const masterId = (this.#replication as ReplicaReplication | undefined)?.masterId ?? null
    const to = masterId === null ? 'its master' : `the master '${masterId}'`
    return new ReplivecError('NOT_MASTER', `This store is a replica: write to ${to}; the replica follows.`, {
      details: { masterId },
    })
  }

  /** Lets the generation that was put beside the present one take its place, for all who hold a collection too. */
  async #exchange(keyValues: KeyValue): Promise<void> {
    const before = this.parts
    await before.commitPath.drained()
    let after: StoreParts
    try {
      await this.directory.switchBeside()
      after = await openParts(this.#frame, this.directory.data, keyValues)
    } catch (error) {
      await keyValues.close()
      throw error
    }
    after.catalogue.takeHandlesOf(before.catalogue)
    this.#parts = after
    const filling = this.#filling
    const { catalogue, host } = after
    if (!this.#closing)
      this.#filling = new BackgroundFilling(catalogue.states(), host, (error) =>
        this.#listener.onWarning(error),
      )
    this.waiters.reached(after.commitPath.visible.seq)
    const gone = this.#retire(before, filling)
    this.#retired.set(before, gone)
    void gone.then(() => this.#retired.delete(before))
  }

  /** Closes a generation once nobody reads it any more, and removes what does not count. @param filling - fills its indexes */
  async #retire(parts: StoreParts, filling: BackgroundFilling | undefined): Promise<void> {
    const { applier, commitPath, catalogue, segments, log, keyValues, views } = parts
    commitPath.end(closedError())
    await filling?.end()
    await views.allReleased()
    const closers = [
      () => applier.abandon(),
      () => catalogue.close(undefined),
      () => segments.close(),
      () => log.abandon(),
      () => keyValues.close(),
    ]
    for (const close of closers)
      await close().catch((error: ReplivecError) => this.#listener.onWarning(error))
    if (this.#closing) return
    await this.directory.remove(parts.directory).catch((error: unknown) => {
      this.#listener.onWarning(asStorageError(error, this.directory.path) as ReplivecError)
    })
  }
}

/** Where a store keeps its audit log: beside its generations, because it is about the node and not about its data. */
export function auditDirectory(path: string): string {
  return join(path, 'audit')
}

export function closedError(): ReplivecError {
  return new ReplivecError('CLOSED', 'The store is closed; open it again with VectorStore.open.')
}

/** Peers that dial one node do not believe another. @throws `OPTIONS_INVALID` */
function checkTransportsNode(transport: Transport | undefined, nodeId: string): void {
  const given = transport?.nodeId
  if (given === undefined || given === nodeId) return
  throw new ReplivecError(
    'OPTIONS_INVALID',
    `The transport says that this node is '${given}', and the store belongs to the node '${nodeId}'. Give the transport the id '${nodeId}', which is the one for the option master of replicas too.`,
    { details: { option: 'replication.transport', given, stored: nodeId } },
  )
}

/** @throws `OPTIONS_INVALID` for a replica of itself */
function checkMastersNode(master: PeerInfo | undefined, nodeId: string): void {
  if (master?.id !== nodeId) return
  throw new ReplivecError(
    'OPTIONS_INVALID',
    `The option replication.master.id must be another node's id; '${nodeId}' is that of this store.`,
    { details: { option: 'replication.master.id', given: nodeId } },
  )
}

function noCodec(names: readonly string[]): ReplivecError {
  return new ReplivecError(
    'OPTIONS_INVALID',
    `The option replication.compression.codecs names ${names.join(', ')}, and this machine has none of them: zstd comes with Node 22.15, lz4 with the package lz4-napi, brotli and deflate with every Node.`,
    { details: { option: 'replication.compression.codecs' } },
  )
}
