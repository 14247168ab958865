import type { AuditDigest } from './audit-digest.js'

/**
 * What an entry is about.
 *
 * - `opened`, `closed`: the store; `opened` says with which role, and in which epoch
 * - `restored`: the store came out of a backup; in the first run of its log
 * - `epoch`: what is written from now on is of another epoch
 * - `connected`, `disconnected`, `refused`, `locked-out`, `fenced`, `forgotten`, `halted`, `key-rotated`: as the events of
 *   replication with these names
 * - `snapshot`: `part` is `sent` at a master and `installed` at a replica
 * - `lost`: so many entries, older than this one and newer than the one before, found no room while the disk took none
 * - `recovered`: so many bytes at the end, which a crash had cut off and nothing had vouched for, were removed
 * - `damage-found`: an open found that the log was not as it had been written
 */
export type AuditKind =
  | 'opened'
  | 'closed'
  | 'restored'
  | 'epoch'
  | 'connected'
  | 'disconnected'
  | 'refused'
  | 'locked-out'
  | 'fenced'
  | 'forgotten'
  | 'halted'
  | 'key-rotated'
  | 'snapshot'
  | 'lost'
  | 'recovered'
  | 'damage-found'

/** What is to be said in an entry. No detail has the name of what every entry has. */
export interface AuditNote {
  readonly kind: AuditKind
  readonly [detail: string]: AuditDetail
}

/** A fact in an entry. */
export type AuditDetail = string | number | null | undefined

/** One entry of an audit log, as a line of its files has it. */
export interface AuditEntry extends AuditNote {
  /** Counts from 1. */
  readonly seq: number
  /** When it happened; milliseconds since the Unix epoch, by the clock of the node. */
  readonly atMs: number
  /** The `hash` of the entry before. */
  readonly previous: string
  readonly hash: string
}

/** An entry that a chain goes on from. */
export interface AuditLink {
  readonly seq: number
  /** 64 hexadecimal digits. */
  readonly hash: string
}

/** What a peer says may be long; an entry is not. */
const TEXT_LENGTH_MAX = 1_024
const SEAL = /^,"hash":"([0-9a-f]{64})"\}$/
const SEAL_BYTES = 75

/** The line of an entry, and the hash that the next one chains on. The hash is over all bytes of the line before `,"hash"`. */
export function sealEntry(
  digest: AuditDigest,
  { kind, ...details }: AuditNote,
  last: AuditLink,
  atMs: number,
): { readonly line: Uint8Array; readonly link: AuditLink } {
  const seq = last.seq + 1
  const entry = { seq, atMs, kind, ...shortened(details) }
  const body = JSON.stringify(Object.assign(entry, { seq, atMs, previous: last.hash })).slice(0, -1)
  const hash = digest.of(body)
  return { line: new TextEncoder().encode(`${body},"hash":"${hash}"}\n`), link: { seq, hash } }
}

/** What a line says, without its line feed; `isSealed` when its hash is that of its bytes. */
export interface ReadEntry {
  readonly entry: AuditEntry | undefined
  readonly isSealed: boolean
}

/** @param digest - `undefined` when nobody can tell whether hashes are right */
export function readEntry(line: Uint8Array, digest: AuditDigest | undefined): ReadEntry {
  const sealAt = line.byteLength - SEAL_BYTES
  const hash = SEAL.exec(Buffer.from(line.subarray(Math.max(0, sealAt))).toString('latin1'))?.[1]
  const entry = parsed(line)
  if (hash === undefined || sealAt < 0 || !entry || entry.hash !== hash) return { entry, isSealed: false }
  return { entry, isSealed: digest === undefined || digest.of(line.subarray(0, sealAt)) === hash }
}

function parsed(line: Uint8Array): AuditEntry | undefined {
  try {
    const { seq, previous, hash, ...rest } = JSON.parse(new TextDecoder().decode(line)) as AuditEntry
    const isEntry = Number.isSafeInteger(seq) && typeof previous === 'string' && typeof hash === 'string'
    return isEntry ? Object.assign(rest, { seq, previous, hash }) : undefined
  } catch {
    return undefined
  }
}

function shortened(details: Readonly<Record<string, AuditDetail>>): Record<string, AuditDetail> {
  const entries = Object.entries(details).map(([name, value]) => {
    const isLong = typeof value === 'string' && value.length > TEXT_LENGTH_MAX
    return [name, isLong ? `${value.slice(0, TEXT_LENGTH_MAX)}…` : value]
  })
  return Object.fromEntries(entries)
}
