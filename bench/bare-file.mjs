/**
 * The baseline of every write: a loop that writes the same bytes to a file and syncs it, with nothing around. It uses the
 * synchronous calls, which have no thread hop.
 */
import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
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
 * @param {boolean} [options.ahead] - write zeros ahead of the chunks, as our log does, so that a sync need not journal a size
 * @param {number} [options.chunks] - how many; otherwise as many as `seconds` allow
 * @param {number} [options.seconds]
 * @returns {number} chunks per second
 */
export function bareWrites({
  path,
  bytes,
  chunkBytes,
  sync,
  ahead = false,
  chunks = Infinity,
  seconds = Infinity,
}) {
  const descriptor = openSync(path, 'wx')
  try {
    const size = Math.round(chunkBytes)
    if (size > bytes.byteLength)
      throw new Error(`A chunk of ${size} bytes cannot be cut from ${bytes.byteLength}.`)
    const started = performance.now()
    const end = started + seconds * 1_000
    let written = 0
    let allocated = 0
    for (let from = 0; written < chunks && performance.now() < end; written++) {
      if (from + size > bytes.byteLength) from = 0
      const at = written * size
      if (ahead && at + size > allocated) {
        writeSync(descriptor, ZEROS, 0, ZEROS.byteLength, allocated)
        allocated += ZEROS.byteLength
      }
      writeSync(descriptor, bytes, from, size, at)
      if (sync) fdatasyncSync(descriptor)
      from += size
    }
    return written / ((performance.now() - started) / 1_000)
  } finally {
    closeSync(descriptor)
    unlinkSync(path)
  }
}

const ZEROS = new Uint8Array(512 * 1024)
