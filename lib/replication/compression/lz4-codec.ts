import { ReplivecError } from '../../errors.js'
import type { Codec } from './codec.js'

/** The length of what was compressed, little-endian, is in front of the block. */
const LENGTH_BYTES = 4

let loaded: Promise<Codec | undefined> | undefined

/** LZ4, where the package `lz4-napi` is installed. */
export function lz4(): Promise<Codec | undefined> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Codec | undefined> {
  // Not installed, or not built for this platform: there are other codecs.
  const library = await import('lz4-napi').catch(() => undefined)
  if (!library) return undefined
  return {
    name: 'lz4',
    levels: [{ level: 1, bytesPerMs: 523_000, share: 0.339 }],
    compress: (plain) => library.compress(asBuffer(plain)),
    async decompress(packed, plainBytes) {
      // The library allocates what stands there, whatever it is.
      const announced = packed.byteLength < LENGTH_BYTES ? undefined : asBuffer(packed).readUInt32LE(0)
      if (announced !== plainBytes)
        throw new ReplivecError(
          'PROTOCOL_VIOLATED',
          `A block of LZ4 announces ${announced} bytes and should be of ${plainBytes}.`,
        )
      return library.uncompress(asBuffer(packed))
    },
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
