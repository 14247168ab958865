/** Bugs that are planted into the library for as long as a test runs, to see whether the simulator finds them. */
import { vi } from 'vitest'
import type { StoreParts } from '../../lib/store/store-parts.js'
import { CommitPath } from '../../lib/store/commit-path.js'
import { ReplicaTarget } from '../../lib/store/replica-target.js'
import type { KeyValueEntry, KeyValueSnapshot } from '../../lib/records/key-value.js'
import type { ReplicaEvent, ReplicaState } from '../../lib/replication/protocol/replica-state.js'

/** What the replaced modules look at. */
export interface Planted {
  /** Told of every event of every replica. */
  onReplicaEvent: ((state: ReplicaState, event: ReplicaEvent) => void) | undefined
  /** Operations that came already are handed to the store again. */
  appendsDuplicates: boolean
  /** A snapshot has what the one before it had and the master deleted since. */
  keepsDeleted: boolean
  /** A master that is opened goes on in the epoch it had. */
  keepsEpoch: boolean
}

export const BUGS = [
  'a replica skips a commit after a cut',
  'a replica acknowledges what is not durable',
  'a replica applies a duplicate twice',
  'a snapshot has what was deleted',
  'a master uses a position twice',
] as const

export type BugName = (typeof BUGS)[number]

/** Plants a bug. `vi.restoreAllMocks` and `uproot` take it out again. */
export function plant(bug: BugName, planted: Planted): void {
  if (bug === 'a replica skips a commit after a cut') skipAfterCut(planted)
  if (bug === 'a replica acknowledges what is not durable') {
    vi.spyOn(ReplicaTarget.prototype, 'durableSeq', 'get').mockImplementation(function (this: ReplicaTarget) {
      return this.last.seq
    })
  }
  if (bug === 'a replica applies a duplicate twice') applyTwice(planted)
  if (bug === 'a snapshot has what was deleted') planted.keepsDeleted = true
  if (bug === 'a master uses a position twice') planted.keepsEpoch = true
}

export function uproot(planted: Planted): void {
  vi.restoreAllMocks()
  planted.onReplicaEvent = undefined
  planted.appendsDuplicates = false
  planted.keepsDeleted = false
  planted.keepsEpoch = false
}

/** The first commit after a link broke goes into the log and is not applied. */
function skipAfterCut(planted: Planted): void {
  let skips = false
  planted.onReplicaEvent = ({ phase }, { kind }) => {
    if (kind === 'unlinked' && phase === 'streaming') skips = true
  }
  const receive = CommitPath.prototype.receive
  vi.spyOn(CommitPath.prototype, 'receive').mockImplementation(function (this: CommitPath, staged, ...rest) {
    receive.call(this, skips ? [] : staged, ...rest)
    skips = false
  })
}

function applyTwice(planted: Planted): void {
  planted.appendsDuplicates = true
  const last = new WeakMap<ReplicaTarget, () => void>()
  let again: (() => void) | undefined
  const receive = CommitPath.prototype.receive
  vi.spyOn(CommitPath.prototype, 'receive').mockImplementation(function (this: CommitPath, ...given) {
    again = () => receive.apply(this, given)
    again()
  })
  const append = ReplicaTarget.prototype.append
  vi.spyOn(ReplicaTarget.prototype, 'append').mockImplementation(function (this: ReplicaTarget, ...given) {
    again = undefined
    const room = append.apply(this, given)
    if (again) last.set(this, again)
    else last.get(this)?.()
    return room
  })
}

/** A store whose record store still has what it had when this was asked for the last time. */
export function withDeleted<Parts extends Pick<StoreParts, 'keyValues' | 'log'>>(parts: Parts): Parts {
  const { keyValues, log } = parts
  const { historyId } = log.identity
  const snapshot = (): KeyValueSnapshot => {
    const real = keyValues.snapshot()
    return {
      get: (key) => real.get(key),
      range: (options) => merged(historyId, Array.from(real.range(options), copied)),
      close: () => real.close(),
    }
  }
  return { ...parts, keyValues: Object.create(keyValues, { snapshot: { value: snapshot } }) }
}

const before = new Map<string, readonly KeyValueEntry[]>()
const now = new Map<string, readonly KeyValueEntry[]>()

function merged(historyId: string, entries: KeyValueEntry[]): KeyValueEntry[] {
  const known = new Set(entries.map(keyOf))
  // Both passes of one snapshot see the same.
  const latest = now.get(historyId)
  if (latest?.map(keyOf).join() !== entries.map(keyOf).join()) {
    if (latest) before.set(historyId, latest)
    now.set(historyId, entries)
  }
  const deleted = (before.get(historyId) ?? []).filter((entry) => !known.has(keyOf(entry)))
  return [...entries, ...deleted].sort((a, b) => Buffer.compare(a.key, b.key))
}

function copied({ key, value }: KeyValueEntry): KeyValueEntry {
  return { key: key.slice(), value: value.slice() }
}

function keyOf({ key }: KeyValueEntry): string {
  return Buffer.from(key).toString('hex')
}
