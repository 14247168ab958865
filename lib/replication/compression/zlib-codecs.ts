import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { Codec } from './codec.js'

/** Output comes in pieces of this size, so that memory is taken as bytes come, not as they are announced. */
const CHUNK_BYTES_MAX = 256 * 1024
/** 16 MiB, as much as a message may have. */
const WINDOW_LOG_MAX = 24

const deflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.deflateRaw)
const inflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.inflateRaw)

/** Deflate (RFC 1951), which every Node has. */
export const deflate: Codec = {
  name: 'deflate',
  levels: [
    { level: 1, bytesPerMs: 110_000, share: 0.22 },
    { level: 3, bytesPerMs: 59_000, share: 0.19 },
    { level: 6, bytesPerMs: 23_000, share: 0.16 },
  ],
  compress: (plain, level) => deflateRaw(plain, { level }),
  decompress: (packed, plainBytes) => inflateRaw(packed, limits(plainBytes)),
}

/** What Node's types say of version 20 does not have it; versions 22.15 and 23.8 do. */
interface ZstdModule {
  zstdCompress?(
    data: Uint8Array,
    options: object,
    done: (error: Error | null, bytes: Uint8Array) => void,
  ): void
  zstdDecompress?(
    data: Uint8Array,
    options: object,
    done: (error: Error | null, bytes: Uint8Array) => void,
  ): void
  readonly constants: { readonly ZSTD_c_compressionLevel?: number; readonly ZSTD_d_windowLogMax?: number }
}

/** Zstandard (RFC 8878), where this Node has it. */
export function zstd(): Codec | undefined {
  const { zstdCompress, zstdDecompress, constants } = zlib as unknown as ZstdModule
  const { ZSTD_c_compressionLevel: levelParameter, ZSTD_d_windowLogMax: windowParameter } = constants
  if (!zstdCompress || !zstdDecompress || levelParameter === undefined || windowParameter === undefined)
    return undefined
  const compress = promisify(zstdCompress)
  const decompress = promisify(zstdDecompress)
  return {
    name: 'zstd',
    levels: [
      { level: 1, bytesPerMs: 140_000, share: 0.2 },
      { level: 6, bytesPerMs: 80_000, share: 0.12 },
      { level: 9, bytesPerMs: 60_000, share: 0.1 },
    ],
    compress: (plain, level) => compress(plain, { params: { [levelParameter]: level } }),
    // A frame says how much memory it wants to look back on; ours never want more than that.
    decompress: (packed, plainBytes) =>
      decompress(packed, { ...limits(plainBytes), params: { [windowParameter]: WINDOW_LOG_MAX } }),
  }
}

function limits(plainBytes: number): zlib.ZlibOptions {
  return { maxOutputLength: plainBytes, chunkSize: Math.max(64, Math.min(plainBytes, CHUNK_BYTES_MAX)) }
}
