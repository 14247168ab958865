import { resolve } from 'node:path'
import { checkOptions, invalid, readArguments } from '../collection/call-options.js'
import type { CacheLimits } from '../collection/query-cache.js'
import type { Clock } from '../runtime/clock.js'
import { type AuditOptions, type PreparedAudit, prepareAudit } from './audit-input.js'
import {
  checkNodeId,
  type PreparedReplication,
  prepareReplication,
  type ReplicationOptions,
} from './replication-input.js'

/** Where a store tells what it does; pino and console have this shape. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Limits of the query cache, which all collections of the store share. What was not asked for the longest goes first. */
export interface CacheOptions {
  /** Answers to keep at most, a whole number from 1; 10 000 by default. */
  readonly maxEntries?: number | undefined
  /**
   * Bytes of memory for answers and the queries they answer, a whole number from 1; 64 MiB by default. By an estimate a
   * little above what they take. An answer larger than all of it is not kept.
   */
  readonly maxBytes?: number | undefined
  /**
   * Milliseconds after which an answer is searched for again, a whole number from 1. By default it is given as long as
   * its collection does not change.
   */
  readonly ttlMs?: number | undefined
}

export interface StoreOptions {
  /** Directory of the store, created when missing. Without one the store lives in memory and writes nothing. */
  readonly path?: string
  /**
   * Name of this node in its cluster, 1 to 128 of `A–Z a–z 0–9 . _ -`; a random one by default, kept in the store. Give one to a replica
   * in memory: it has nowhere to keep it.
   */
  readonly nodeId?: string | undefined
  /**
   * When a write resolves. `'sync'` (default): its log record is on stable storage. `'buffered'`: the operating system
   * has it; it survives a crash of the process, not a power cut.
   */
  readonly durability?: 'sync' | 'buffered' | undefined
  /** This store's part in a cluster; it stands alone by default. */
  readonly replication?: ReplicationOptions | undefined
  /** A query cache, for the same searches on unchanged contents; `{}` for one with the default limits. None by default. */
  readonly cache?: CacheOptions | undefined
  /** An audit log in the store's directory, of what happens between nodes; `true` for one without a key. None by default. */
  readonly audit?: boolean | AuditOptions | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

export interface PreparedStoreOptions {
  readonly path: string | undefined
  readonly nodeId: string | undefined
  readonly isSync: boolean
  readonly replication: PreparedReplication
  readonly cache: CacheLimits | undefined
  readonly audit: PreparedAudit | undefined
  readonly clock: Clock | undefined
  readonly logger: Logger | undefined
}

const CACHE_ENTRIES = 10_000
const CACHE_BYTES = 64 * 1024 * 1024

/** @throws `OPTIONS_INVALID` naming the option */
export function prepareStoreOptions(options: unknown): PreparedStoreOptions {
  return readArguments('open', () => readStoreOptions(options))
}

function readStoreOptions(options: unknown): PreparedStoreOptions {
  const given = checkOptions(options, 'open')
  const {
    path,
    nodeId,
    durability = 'sync',
    replication,
    cache,
    audit,
    clock,
    logger,
  } = given as StoreOptions
  if (path !== undefined) checkPath('path', path)
  if (nodeId !== undefined) checkNodeId('nodeId', nodeId)
  if (durability !== 'sync' && durability !== 'buffered') {
    throw invalid('durability', "'sync' or 'buffered'", durability)
  }
  checkMembers('clock', clock, ['now', 'monotonic', 'timer', 'yield'])
  checkMembers('logger', logger, ['debug', 'info', 'warn', 'error'])
  return {
    // The working directory of the process may change; the store stays where it is.
    path: path === undefined ? undefined : resolve(path),
    nodeId,
    isSync: durability === 'sync',
    replication: prepareReplication(replication, path === undefined),
    cache: checkCache(cache),
    audit: prepareAudit(audit, path === undefined),
    clock,
    logger,
  }
}

/** @throws `OPTIONS_INVALID` when no directory can have that name */
export function checkPath(option: string, path: unknown): void {
  const isUrl = path instanceof URL || (typeof path === 'string' && path.startsWith('file:'))
  if (typeof path === 'string' && path !== '' && !path.includes('\0') && !isUrl) return
  const expected = isUrl ? 'a directory name; fileURLToPath(url) makes one' : 'a directory name'
  throw invalid(option, expected, path)
}

function checkCache(cache: unknown): CacheLimits | undefined {
  if (cache === undefined) return undefined
  const given = checkOptions(cache, 'cache') as CacheOptions
  const { maxEntries = CACHE_ENTRIES, maxBytes = CACHE_BYTES, ttlMs } = given
  checkLimit('cache.maxEntries', maxEntries)
  checkLimit('cache.maxBytes', maxBytes)
  if (ttlMs !== undefined) checkLimit('cache.ttlMs', ttlMs)
  return { maxEntries, maxBytes, ttlMs }
}

/** No limit may be infinite: then it would be none. */
function checkLimit(option: string, limit: unknown): void {
  if (!Number.isSafeInteger(limit) || (limit as number) < 1) {
    throw invalid(option, `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`, limit)
  }
}

function checkMembers(option: string, value: unknown, members: readonly string[]): void {
  if (value === undefined) return
  const isComplete =
    typeof value === 'object' &&
    value !== null &&
    members.every((member) => typeof (value as Record<string, unknown>)[member] === 'function')
  if (!isComplete) throw invalid(option, `an object with ${members.join(', ')}`, value)
}
