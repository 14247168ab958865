import { join } from 'node:path'
import type { CollectionHost } from '../collection/collection-host.js'
import { QueryCache } from '../collection/query-cache.js'
import { ReplivecError } from '../errors.js'
import type { SegmentEvent } from '../index/segment-event.js'
import type { OpLogOptions } from '../log/log-opening.js'
import { withNewEpoch } from '../log/epoch-table.js'
import { OpLog } from '../log/op-log.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { KeyValue } from '../records/key-value.js'
import { RecordReader } from '../records/record-reader.js'
import { recordsDamaged } from '../records/sealed-value.js'
import { randomName } from '../runtime/random.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { Applier } from './applier.js'
import { backlogLimit } from './backlog-limit.js'
import { Catalogue } from './catalogue.js'
import { CommitPath, type RecordChange } from './commit-path.js'
import type { Environment } from './environment.js'
import { LogTrimming } from './log-trimming.js'
import { openRecords } from './open-records.js'
import type { PositionWaiters } from './position-waiters.js'
import { replayLog } from './replay.js'
import type { LoggedFrame } from './sequenced-commit.js'
import type { ConcernWaits } from './write-concern.js'
import type { ReplicationRole } from '../replication/replication.js'
import { SegmentDirectories } from './segment-directories.js'
import type { PreparedStoreOptions } from './store-options.js'
import { ViewRegistry } from './view-registry.js'

const SEGMENT_BYTES = 32 * 1024 * 1024
/** Of a machine that does not say how much it has. */
const MEMORY_BYTES = 4 * 1024 * 1024 * 1024
/** A store in memory keeps only as much log as it must. */
const MEMORY_SEGMENT_BYTES = 4 * 1024 * 1024

/** What the store is told by its parts. */
export interface StoreListener {
  onChange(change: RecordChange, position: Position): void
  onSegment(collection: string, event: SegmentEvent): void
  onLogged(logged: LoggedFrame, position: Position): void
  onWarning(error: ReplivecError): void
}

/** The open parts of one generation of a store; each owns its own state. */
export interface StoreParts {
  readonly environment: Environment
  /** Where the generation lies. */
  readonly directory: string
  readonly log: OpLog
  readonly keyValues: KeyValue
  readonly records: RecordReader
  readonly views: ViewRegistry
  readonly applier: Applier
  readonly commitPath: CommitPath
  readonly trimming: LogTrimming
  /** What its collections get of the store. */
  readonly host: CollectionHost
  readonly catalogue: Catalogue
  readonly segments: SegmentDirectories
}

/** What all generations of an open store have in common. */
export interface StoreFrame {
  readonly options: PreparedStoreOptions
  readonly environment: Environment
  readonly listener: StoreListener
  readonly waiters: PositionWaiters
  readonly concerns: ConcernWaits
  /** Why this store takes no writes of its own callers. */
  readonly refusal: () => ReplivecError | undefined
  /** What the collections of a generation get of the store. @param catalogue - theirs, once there is one */
  readonly hostFor: (
    parts: Omit<StoreParts, 'host' | 'catalogue' | 'segments'>,
    catalogue: () => Catalogue,
  ) => CollectionHost
  /** The highest epoch that was heard of. */
  readonly seenEpoch: number
}

/**
 * Opens or creates a generation of a store: opens the record store and the log, and replays what the record store lacks. A damaged
 * record store is rebuilt when the log still holds everything.
 *
 * @param directory - where it lies
 * @param openedRecords - its record store, where that is open already
 */
export async function openParts(
  frame: StoreFrame,
  directory: string,
  openedRecords?: KeyValue,
): Promise<StoreParts> {
  const { options, environment, listener, waiters, concerns, refusal } = frame
  const { files, clock } = environment
  const { role, retentionBytes, retentionAgeMs } = options.replication
  const closers: (() => Promise<void>)[] = []
  try {
    await removeSpools(environment, directory)
    let isNew = false
    const logOptions = {
      segmentBytes:
        environment.segmentBytes ?? (options.path === undefined ? MEMORY_SEGMENT_BYTES : SEGMENT_BYTES),
      create: () => {
        isNew = true
        return { identity: newIdentity(environment, options.nodeId), start: { epoch: 1, seq: 0 } }
      },
      ...{ files, clock, directory: join(directory, 'log') },
    }
    const keyValues =
      openedRecords ??
      (await openRecords(environment, {
        directory: join(directory, 'records'),
        logDirectory: logOptions.directory,
        proveLog: () => proveLog(logOptions),
        onWarning: (error) => listener.onWarning(error),
      }))
    closers.push(() => keyValues.close())
    const records = new RecordReader(keyValues)
    const state = records.state()
    const log = await OpLog.open({ ...logOptions, durableSeq: state?.appliedSeq ?? 0 })
    closers.push(() => log.abandon())
    if (!state && log.oldestSeq > 1)
      throw recordsDamaged('it is empty, and the log was trimmed', { directory })
    checkIdentity(log.identity, state?.historyId, options.nodeId)
    if (!isNew && beginsEpoch(role, log.identity)) {
      const { epochs, nodeId } = log.identity
      const row = { nodeId, firstSeq: log.head.seq + 1, above: frame.seenEpoch }
      await log.changeIdentity({ ...log.identity, epochs: withNewEpoch(epochs, row) })
    }
    const appliedPosition: Position = { epoch: state?.appliedEpoch || 1, seq: state?.appliedSeq ?? 0 }
    const views: ViewRegistry = new ViewRegistry(keyValues, () => applier.dropRetained())
    const trimming = new LogTrimming({
      onWarning: (error) => listener.onWarning(error),
      ...{ log, clock, keepBytes: retentionBytes, keepMs: retentionAgeMs },
    })
    const applier: Applier = new Applier({
      backlogBytesMax: backlogLimit(environment.memoryBytes ?? MEMORY_BYTES),
      unknownFields: state?.$unknowns?.map((field) => Uint8Array.from(field)),
      logSynced: (seq) => commitPath.logSynced(seq),
      onFlushed: (seq) => trimming.request(seq),
      onFailure: (error) => commitPath.fail(error),
      ...{ clock, keyValues, records, views, appliedPosition, identity: () => log.identity },
    })
    const commitPath: CommitPath = new CommitPath({
      // Nothing is stable in memory, so nothing is gained by syncing there.
      isSync: options.isSync && options.path !== undefined,
      onChange: (change, position) => listener.onChange(change, position),
      onLogged: (logged, position) => listener.onLogged(logged, position),
      onFailure: (error) => listener.onWarning(error),
      visible: appliedPosition,
      ...{ clock, log, applier, waiters, concerns, refusal },
    })
    const parts = { environment, directory, log, keyValues, records, views, applier, commitPath, trimming }
    const place = options.path === undefined ? undefined : directory
    const segments = new SegmentDirectories(environment, place, log.identity.historyId, (seq) => {
      return commitPath.logSynced(seq)
    })
    closers.push(() => segments.close())
    const host = frame.hostFor(parts, () => catalogue)
    const catalogue: Catalogue = new Catalogue({
      segmentsOf: (collection) => segments.of(collection),
      queryCache: options.cache && new QueryCache(options.cache, clock),
      onSegment: (collection, event) => listener.onSegment(collection, event),
      onFailure: (_, error) => listener.onWarning(error),
      ...{ clock, keyValues, records, applier, host, graphs: segments.graphs },
    })
    closers.push(
      () => catalogue.close(),
      () => applier.abandon(),
    )
    catalogue.load()
    await replayLog(log, catalogue, commitPath, applier)
    catalogue.endLoading()
    await segments.removeOthers((collection) => catalogue.state(collection) !== undefined)
    return { ...parts, host, catalogue, segments }
  } catch (error) {
    for (const close of closers.reverse()) await close().catch(() => undefined)
    throw asStorageError(error, directory)
  }
}

/**
 * Whether a store that is opened writes in an epoch of its own from now on: a master does at every open, any other only where its
 * history was shared with other nodes. What a node lost of its last epoch can then never be taken for what it writes next.
 */
function beginsEpoch(role: ReplicationRole, { epochs, nodeId }: LogIdentity): boolean {
  if (role !== 'standalone') return role === 'master'
  return epochs.length > 1 || epochs[0]?.nodeId !== nodeId
}

/** Finishes what was acknowledged, and closes everything, whatever becomes of the part before. */
export async function closeParts(
  parts: StoreParts,
  onFailure: (error: ReplivecError) => void,
): Promise<void> {
  const { commitPath, applier, catalogue, segments, log, keyValues } = parts
  await commitPath.drained()
  const closers = [
    () => (commitPath.failure ? applier.abandon() : applier.close()),
    () => catalogue.close(commitPath.failure ? undefined : commitPath.visible.seq),
    () => segments.close(),
    () => log.close(),
    () => keyValues.close(),
  ]
  for (const close of closers) await close().catch(onFailure)
}

/** Reads the whole log, and leaves it closed in order. @throws `LOG_CORRUPT`, `STORAGE_FAILED` */
async function proveLog(options: Omit<OpLogOptions, 'durableSeq'>): Promise<void> {
  const log = await OpLog.open({ ...options, durableSeq: 0 })
  try {
    for await (const _ of log.read(log.oldestSeq));
  } finally {
    await log.close()
  }
}

/** What a scan puts aside. */
const SPOOL = /^scan-[0-9a-f]{16}\.tmp$/

/** Removes what scans of a process that died had put aside. */
async function removeSpools({ files }: Environment, directory: string): Promise<void> {
  if (!(await files.stat(directory))) return
  for (const name of await files.list(directory)) {
    if (SPOOL.test(name)) await files.remove(join(directory, name))
  }
}

function newIdentity({ random }: Environment, nodeId: string | undefined): LogIdentity {
  const id = nodeId ?? `node-${randomName(random, 8)}`
  return { historyId: randomName(random, 16), nodeId: id, epochs: [{ epoch: 1, nodeId: id, firstSeq: 1 }] }
}

function checkIdentity(
  identity: LogIdentity,
  storedHistory: string | undefined,
  nodeId: string | undefined,
): void {
  if (storedHistory !== undefined && storedHistory !== identity.historyId) {
    throw recordsDamaged('it belongs to another history than the log beside it', {
      log: identity.historyId,
      records: storedHistory,
    })
  }
  if (nodeId !== undefined && nodeId !== identity.nodeId) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `This store belongs to the node '${identity.nodeId}', not '${nodeId}'. Leave nodeId out or give its own.`,
      { details: { option: 'nodeId', stored: identity.nodeId, given: nodeId } },
    )
  }
}

/** A disk that refuses is `STORAGE_FAILED`, whatever the operating system calls it. */
export function asStorageError(error: unknown, directory: string): unknown {
  const code = systemErrorCode(error)
  if (ReplivecError.is(error) || code === undefined) return error
  const path = (error as { path?: unknown }).path
  const place = typeof path === 'string' ? path : directory
  return new ReplivecError(
    'STORAGE_FAILED',
    `${place} cannot be read or written (${code}). ${adviceFor(code)}`,
    { cause: error, details: { path: place, reason: code } },
  )
}

function adviceFor(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'Free space on the disk.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return 'Make the directory writable for this process.'
  if (code === 'ENOTDIR') return 'A part of the path is a file; give a path of directories.'
  if (code === 'EMFILE' || code === 'ENFILE') return 'Too many files are open; raise the limit or close some.'
  return 'Check that the directory is writable and the disk has space.'
}
