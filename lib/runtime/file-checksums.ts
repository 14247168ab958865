import { crc32 } from 'node:zlib'
import type { Files } from './files.js'

const CHUNK_BYTES = 1024 * 1024

/** What a file holds, by which any change of it is noticed. */
export interface FileChecksums {
  /** Size in bytes. */
  readonly size: number
  /** The CRC-32 of every MiB, the last one of what remains. */
  readonly checksums: readonly number[]
}

/**
 * Describes a file as it is now. Of two buffers, one is read into while the other is summed, so this goes at the
 * speed of the slower of the two.
 */
export async function describeFile(files: Files, path: string): Promise<FileChecksums> {
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

/** Which MiB of a file differ from what it was, or `'size'`; `undefined` when it is the same. */
export function firstDifference(was: FileChecksums, is: FileChecksums): number | 'size' | undefined {
  if (was.size !== is.size) return 'size'
  const index = is.checksums.findIndex((checksum, chunk) => checksum !== was.checksums[chunk])
  return index === -1 ? undefined : index
}
