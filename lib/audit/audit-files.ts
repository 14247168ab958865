import { join } from 'node:path'
import type { Files, OpenFile } from '../runtime/files.js'

const NAME = /^(\d{6,15})\.jsonl$/
const NAME_DIGITS = 6
const LINE_FEED = 0x0a
const CHUNK_BYTES = 64 * 1024
/** No entry is nearly as long: what is was not written as one. */
const LINE_BYTES_MAX = 128 * 1024

/** The name of a file of an audit log, by its number: 1, 2, … */
export function auditFileName(number: number): string {
  return `${String(number).padStart(NAME_DIGITS, '0')}.jsonl`
}

export function auditFilePath(directory: string, number: number): string {
  return join(directory, auditFileName(number))
}

/** The numbers of the files of an audit log, ascending; none where there is no directory. */
export async function listAuditFiles(files: Files, directory: string): Promise<number[]> {
  if ((await files.stat(directory))?.kind !== 'directory') return []
  const numbers = (await files.list(directory)).flatMap((name) => {
    const number = Number(NAME.exec(name)?.[1])
    return name === auditFileName(number) ? [number] : []
  })
  return numbers.sort((a, b) => a - b)
}

/** One line of a file. */
export interface AuditLine {
  /** Counts from 1. */
  readonly number: number
  /** Its first byte in the file. */
  readonly start: number
  /** The byte after it, its line feed included. */
  readonly end: number
  /** Without the line feed; only the beginning of one that is far too long. */
  readonly bytes: Uint8Array
  /** It ends with a line feed, and is no longer than an entry can be. */
  readonly isWhole: boolean
}

/**
 * Reads the lines of a file, with a bounded part of it in memory.
 *
 * @param endBytes - nothing from there on is read
 */
export async function* auditLines(
  file: OpenFile,
  endBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<AuditLine> {
  const chunk = new Uint8Array(CHUNK_BYTES)
  let parts: Uint8Array[] = []
  let heldBytes = 0
  let number = 1
  let start = 0
  let position = 0
  const hold = (part: Uint8Array): void => {
    const fitting = part.subarray(0, LINE_BYTES_MAX - heldBytes)
    parts.push(fitting.slice())
    heldBytes += fitting.byteLength
  }
  for (;;) {
    const wanted = Math.min(CHUNK_BYTES, endBytes - position)
    const count = wanted > 0 ? await file.read(chunk.subarray(0, wanted), position) : 0
    if (count === 0) break
    const read = chunk.subarray(0, count)
    let from = 0
    for (let at = read.indexOf(LINE_FEED); at !== -1; at = read.indexOf(LINE_FEED, from)) {
      hold(read.subarray(from, at))
      from = at + 1
      const end = position + from
      const bytes = Buffer.concat(parts)
      yield { number, start, end, bytes, isWhole: end - start === bytes.byteLength + 1 }
      parts = []
      heldBytes = 0
      number += 1
      start = end
    }
    hold(read.subarray(from))
    position += count
  }
  if (position > start) yield { number, start, end: position, bytes: Buffer.concat(parts), isWhole: false }
}
