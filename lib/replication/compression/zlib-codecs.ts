import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { ReplivecError } from '../../errors.js'
import type { Codec } from './codec.js'

/** Output comes in pieces of this size, so that memory is taken as bytes come, not as they are announced. */
const CHUNK_BYTES_MAX = 256 * 1024
/** 16 MiB, as much as a message may have. */
const WINDOW_LOG_MAX = 24
const BROTLI_WINDOW_LOG_MIN = 18

const deflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.deflateRaw)
const inflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.inflateRaw)
const brotliCompress = promisify<Uint8Array, zlib.BrotliOptions, Uint8Array>(zlib.brotliCompress)
const brotliDecompress = promisify<Uint8Array, zlib.BrotliOptions, Uint8Array>(zlib.brotliDecompress)

/** Deflate (RFC 1951), which every Node has. */
export const deflate: Codec = {
  name: 'deflate',
  levels: [
    { level: 1, bytesPerMs: 176_000, share: 0.253 },
    { level: 3, bytesPerMs: 140_000, share: 0.238 },
    { level: 6, bytesPerMs: 69_000, share: 0.215 },
  ],
  compress: (plain, level) => deflateRaw(plain, { ...inOneGo(plain), level }),
  decompress: (packed, plainBytes) => inflateRaw(packed, limits(plainBytes)),
}

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = zlib.constants

/** Brotli (RFC 7932), which every Node has too. Its levels above 7 take three times as long for one part in a hundred. */
export const brotli: Codec = {
  name: 'brotli',
  levels: [
    { level: 1, bytesPerMs: 297_000, share: 0.238 },
    { level: 4, bytesPerMs: 115_000, share: 0.199 },
    { level: 5, bytesPerMs: 72_000, share: 0.184 },
    { level: 7, bytesPerMs: 50_000, share: 0.178 },
  ],
  compress: (plain, level) =>
    brotliCompress(plain, {
      ...inOneGo(plain),
      params: {
        [BROTLI_PARAM_QUALITY]: level,
        [BROTLI_PARAM_LGWIN]: windowLogFor(plain.byteLength),
        [BROTLI_PARAM_SIZE_HINT]: plain.byteLength,
      },
    }),
  async decompress(packed, plainBytes) {
    if (windowLogOf(packed) > windowLogFor(plainBytes))
      throw new ReplivecError('PROTOCOL_VIOLATED', 'Its window is larger than what there is to look back on.')
    return brotliDecompress(packed, limits(plainBytes))
  },
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
      { level: 1, bytesPerMs: 442_000, share: 0.225 },
      { level: 3, bytesPerMs: 355_000, share: 0.209 },
      { level: 5, bytesPerMs: 165_000, share: 0.196 },
      { level: 7, bytesPerMs: 106_000, share: 0.187 },
    ],
    compress: (plain, level) => compress(plain, { ...inOneGo(plain), params: { [levelParameter]: level } }),
    // A frame says how much memory it wants to look back on; ours never want more than that.
    decompress: (packed, plainBytes) =>
      decompress(packed, { ...limits(plainBytes), params: { [windowParameter]: WINDOW_LOG_MAX } }),
  }
}

/** How far Brotli looks back: on all there is, because both sides take memory for it. Its quick levels make it no smaller than the least. */
function windowLogFor(plainBytes: number): number {
  return Math.min(Math.max(Math.ceil(Math.log2(plainBytes)), BROTLI_WINDOW_LOG_MIN), WINDOW_LOG_MAX)
}

/** How far a stream of Brotli looks back, which is its first bits (RFC 7932, 9.1). */
function windowLogOf([first = 0]: Uint8Array): number {
  if ((first & 1) === 0) return 16
  const large = (first >> 1) & 7
  if (large !== 0) return 17 + large
  const small = (first >> 4) & 7
  return small === 0 ? 17 : 8 + small
}

/** Each piece of output costs a turn of the event loop, which may be a busy one: what shrinks to a half comes as one. */
function inOneGo({ byteLength }: Uint8Array): { readonly chunkSize: number } {
  return { chunkSize: Math.max(64, byteLength >> 1) }
}

function limits(plainBytes: number): zlib.ZlibOptions {
  return { maxOutputLength: plainBytes, chunkSize: Math.max(64, Math.min(plainBytes, CHUNK_BYTES_MAX)) }
}
