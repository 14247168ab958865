import { join } from 'node:path'
import type { CollectionHost } from '../collection/collection-host.js'
import { QueryCache } from '../collection/query-cache.js'
import { ReplivecError } from '../errors.js'
import type { SegmentEvent } from '../index/segment-event.js'
import { OpLog, type OpLogOptions } from '../log/op-log.js'
import type { LogIdentity, Position } from '../log/position.js'
import type { KeyValue } from '../records/key-value.js'
import { RecordReader } from '../records/record-reader.js'
import { recordsDamaged } from '../records/sealed-value.js'
import { acquireDirectoryLock, type DirectoryLock } from '../runtime/directory-lock.js'
import { makeDurableDirectory } from '../runtime/durable-directory.js'
import { randomName } from '../runtime/random.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { Applier } from './applier.js'
import { Catalogue } from './catalogue.js'
import { BACKUP_NAME } from './backup-file.js'
import { CommitPath, type RecordChange } from './commit-path.js'
import type { Environment } from './environment.js'
import { LogTrimming } from './log-trimming.js'
import { openRecords } from './open-records.js'
import { PositionWaiters } from './position-waiters.js'
import { replayLog } from './replay.js'
import { SegmentDirectories } from './segment-directories.js'
import type { PreparedStoreOptions } from './store-options.js'
import { ViewRegistry } from './view-registry.js'

const SEGMENT_BYTES = 32 * 1024 * 1024
/** A store in memory keeps only as much log as it must. */
const MEMORY_SEGMENT_BYTES = 4 * 1024 * 1024

/** What the store is told by its parts. */
export interface StoreListener {
  onChange(change: RecordChange, position: Position): void
  onSegment(collection: string, event: SegmentEvent): void
  onWarning(error: ReplivecError): void
}

/** The open parts of a store; each owns its own state. */
export interface StoreParts {
  readonly environment: Environment
  readonly directory: string
  readonly lock: DirectoryLock | undefined
  readonly log: OpLog
  readonly keyValues: KeyValue
  readonly records: RecordReader
  readonly views: ViewRegistry
  readonly applier: Applier
  readonly commitPath: CommitPath
  readonly waiters: PositionWaiters
  readonly catalogue: Catalogue
  readonly segments: SegmentDirectories
}

/**
 * Opens or creates a store: takes its directory, opens the record store and the log, and replays what the record
 * store lacks. A damaged record store is rebuilt when the log still holds everything.
 */
export async function openParts(
  options: PreparedStoreOptions,
  environment: Environment,
  listener: StoreListener,
  hostFor: (parts: Omit<StoreParts, 'catalogue' | 'segments'>) => CollectionHost,
): Promise<StoreParts> {
  const { files, clock } = environment
  const directory = options.path ?? 'memory'
  const closers: (() => Promise<void>)[] = []
  try {
    if (options.path !== undefined) await prepareDirectory(environment, directory)
    const lock =
      options.path === undefined ? undefined : await acquireDirectoryLock({ ...environment, directory })
    if (lock) closers.push(() => lock.release())
    await removeSpools(environment, directory)
    const logOptions = {
      ...{ files, clock, directory: join(directory, 'log') },
      segmentBytes:
        environment.segmentBytes ?? (options.path === undefined ? MEMORY_SEGMENT_BYTES : SEGMENT_BYTES),
      create: () => ({ identity: newIdentity(environment, options.nodeId), start: { epoch: 1, seq: 0 } }),
    }
    const keyValues = await openRecords(environment, {
      directory: join(directory, 'records'),
      logDirectory: logOptions.directory,
      proveLog: () => proveLog(logOptions),
      onWarning: (error) => listener.onWarning(error),
    })
    closers.push(() => keyValues.close())
    const records = new RecordReader(keyValues)
    const state = records.state()
    const log = await OpLog.open({ ...logOptions, durableSeq: state?.appliedSeq ?? 0 })
    closers.push(() => log.abandon())
    if (!state && log.oldestSeq > 1)
      throw recordsDamaged('it is empty, and the log was trimmed', { directory })
    checkIdentity(log.identity, state?.historyId, options.nodeId)
    const appliedPosition: Position = { epoch: state?.appliedEpoch || 1, seq: state?.appliedSeq ?? 0 }
    const views: ViewRegistry = new ViewRegistry(keyValues, () => applier.dropRetained())
    const waiters = new PositionWaiters(clock, log.identity)
    const keepBytes = options.path === undefined ? 0 : options.retentionBytes
    const trimming = new LogTrimming(log, keepBytes, (error) => listener.onWarning(error))
    const applier: Applier = new Applier({
      ...{ clock, keyValues, records, views, appliedPosition, identity: log.identity },
      unknownFields: state?.$unknowns?.map((field) => Uint8Array.from(field)),
      logSynced: (seq) => commitPath.logSynced(seq),
      onFlushed: (seq) => trimming.request(seq),
      onFailure: (error) => commitPath.fail(error),
    })
    const commitPath: CommitPath = new CommitPath({
      ...{ clock, log, applier, waiters },
      // Nothing is stable in memory, so nothing is gained by syncing there.
      isSync: options.isSync && options.path !== undefined,
      onChange: (change, position) => listener.onChange(change, position),
      onFailure: (error) => listener.onWarning(error),
      visible: appliedPosition,
    })
    const parts = {
      environment,
      directory,
      lock,
      log,
      keyValues,
      records,
      views,
      applier,
      commitPath,
      waiters,
    }
    const segments = new SegmentDirectories(environment, options.path, log.identity.historyId, (seq) => {
      return commitPath.logSynced(seq)
    })
    closers.push(() => segments.close())
    const catalogue = new Catalogue({
      ...{ clock, keyValues, records, applier, host: hostFor(parts), graphs: segments.graphs },
      segmentsOf: (collection) => segments.of(collection),
      queryCache: options.cache && new QueryCache(options.cache, clock),
      onSegment: (collection, event) => listener.onSegment(collection, event),
      onFailure: (_, error) => listener.onWarning(error),
    })
    catalogue.load()
    await replayLog(log, catalogue, commitPath, applier)
    catalogue.endLoading()
    await segments.removeOthers((collection) => catalogue.state(collection) !== undefined)
    return { ...parts, catalogue, segments }
  } catch (error) {
    for (const close of closers.reverse()) await close().catch(() => undefined)
    throw asStorageError(error, directory)
  }
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

async function prepareDirectory({ files }: Environment, directory: string): Promise<void> {
  const found = await files.stat(directory)
  if (found && found.kind !== 'directory') {
    throw new ReplivecError('OPTIONS_INVALID', `The path ${directory} is a file; give a directory.`, {
      details: { option: 'path', path: directory },
    })
  }
  if (await files.stat(join(directory, BACKUP_NAME))) {
    throw new ReplivecError(
      'OPTIONS_INVALID',
      `The path ${directory} is a backup, not a store; VectorStore.restore makes a store of it elsewhere.`,
      { details: { option: 'path', path: directory } },
    )
  }
  await makeDurableDirectory(files, directory)
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
