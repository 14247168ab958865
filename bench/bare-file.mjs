/**
 * The baseline of every write: a loop that writes the same bytes to a file and syncs it, with nothing around. It uses the
 * synchronous calls, which have no thread hop.
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

/** Everything that the log of a closed store holds. */
export function loggedBytes(directory) {
  const log = join(directory, 'log')
  const names = readdirSync(log).filter((name) => name.endsWith('.log'))
  return Buffer.concat(names.sort().map((name) => readFileSync(join(log, name))))
}

/**
 * Appends chunk after chunk.
 *
 * @param {object} options
 * @param {string} options.path - a new file; removed afterwards
 * @param {Buffer} options.bytes - where the chunks are cut from, over and over
 * @param {number} options.chunkBytes
 * @param {boolean} options.sync - `fdatasync` after each chunk
 * @param {number} [options.aheadBytes] - zeros written ahead of the chunks, and synced, before the clock starts
 * @param {number} [options.chunks] - how many; otherwise as many as `seconds` allow
 * @param {number} [options.seconds]
 * @returns {number} chunks per second
 */
export function bareWrites({
  path,
  bytes,
  chunkBytes,
  sync,
  aheadBytes = 0,
  chunks = Infinity,
  seconds = Infinity,
}) {
  const descriptor = openSync(path, 'wx')
  try {
    for (let at = 0; at < aheadBytes; at += ZEROS.byteLength)
      writeSync(descriptor, ZEROS, 0, ZEROS.byteLength, at)
    fsyncSync(descriptor)
    const size = Math.min(Math.round(chunkBytes), bytes.byteLength)
    const started = performance.now()
    const end = started + seconds * 1_000
    let written = 0
    for (let from = 0; written < chunks && performance.now() < end; written++) {
      if (from + size > bytes.byteLength) from = 0
      writeSync(descriptor, bytes, from, size, written * size)
      if (sync) fdatasyncSync(descriptor)
      from += size
    }
    return written / ((performance.now() - started) / 1_000)
  } finally {
    closeSync(descriptor)
    unlinkSync(path)
  }
}

const ZEROS = new Uint8Array(1024 * 1024)
