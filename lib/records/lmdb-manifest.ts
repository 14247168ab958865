import { crc32 } from 'node:zlib'
import { ReplivecError } from '../errors.js'
import type { Files } from '../runtime/files.js'
import { damagedError } from './lmdb-error.js'

export const MANIFEST_NAME = 'records.manifest'
const FORMAT = 1
const CHUNK_BYTES = 1024 * 1024

/** What the data file was when it was closed in order. While this exists, any other content is damage. */
export interface Manifest {
  /** Size of the data file in bytes. */
  readonly size: number
  /** The CRC-32 of every MiB of the data file, the last one of what remains. */
  readonly checksums: readonly number[]
}

/**
 * Writes the manifest durably beside the data file. It is two lines of JSON: the manifest with its format version, and
 * the CRC-32 of that first line, which every format keeps so that damage is told from a newer format.
 */
export async function writeManifest(files: Files, directory: string, manifest: Manifest): Promise<void> {
  const path = `${directory}/${MANIFEST_NAME}`
  const temporary = `${path}.tmp`
  const body = JSON.stringify({ format: FORMAT, ...manifest })
  if ((await files.stat(temporary)) !== undefined) await files.remove(temporary)
  const file = await files.open(temporary, 'create')
  try {
    await file.write(new TextEncoder().encode(`${body}\n${JSON.stringify({ crc: crc32(body) })}\n`), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(temporary, path)
  await files.syncDirectory(directory)
}

/**
 * Reads the manifest, or `undefined` when the data file was not closed in order.
 *
 * @throws ReplivecError `RECORDS_DAMAGED` when it is unreadable, `FORMAT_UNSUPPORTED` when a newer version wrote it
 */
export async function readManifest(files: Files, directory: string): Promise<Manifest | undefined> {
  const path = `${directory}/${MANIFEST_NAME}`
  const found = await files.stat(path)
  if (found === undefined) return undefined
  if (found.kind !== 'file') throw damagedError(path, 'it is not a file')
  const [body, tail] = new TextDecoder().decode(await files.readFile(path)).split('\n')
  const manifest = parse(body)
  if (body === undefined || manifest === undefined || parse(tail)?.crc !== crc32(body)) {
    throw damagedError(path, 'it does not match its own checksum')
  }
  if (manifest.format !== FORMAT) {
    throw new ReplivecError(
      'FORMAT_UNSUPPORTED',
      `${path} has format ${String(manifest.format)}; this version reads format ${FORMAT}. Upgrade replivec.`,
      { details: { file: path, format: manifest.format, supported: FORMAT } },
    )
  }
  return {
    size: Number(manifest.size),
    checksums: Array.isArray(manifest.checksums) ? manifest.checksums : [],
  }
}

/** Removes the manifest durably: from now on the data file may change. */
export async function removeManifest(files: Files, directory: string): Promise<void> {
  const path = `${directory}/${MANIFEST_NAME}`
  if ((await files.stat(path)) === undefined) return
  await files.remove(path)
  await files.syncDirectory(directory)
}

/**
 * Describes a data file as it is now. Of two buffers, one is read into while the other is summed, so this goes at the
 * speed of the slower of the two.
 */
export async function describeFile(files: Files, path: string): Promise<Manifest> {
  const file = await files.open(path, 'read')
  try {
    const size = await file.size()
    const checksums: number[] = []
    const buffers = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const
    const readChunk = async (index: number): Promise<Uint8Array> => {
      const buffer = buffers[index % 2 === 0 ? 0 : 1]
      return buffer.subarray(0, await file.read(buffer, index * CHUNK_BYTES))
    }
    const count = Math.ceil(size / CHUNK_BYTES)
    let next = readChunk(0)
    for (let index = 0; index < count; index++) {
      const chunk = await next
      if (index + 1 < count) next = readChunk(index + 1)
      checksums.push(crc32(chunk))
    }
    await next
    return { size, checksums }
  } finally {
    await file.close()
  }
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
