import type { Codec, CodecName } from './codec.js'
import { lz4 } from './lz4-codec.js'
import { deflate, zstd } from './zlib-codecs.js'

/** Best first: where bytes are compressed at all the link is the limit, and what is left of them counts. */
export const CODEC_NAMES: readonly CodecName[] = ['zstd', 'deflate', 'lz4']

/** Those of the codecs asked for that this machine has, in the same order. */
export async function loadCodecs(names: readonly CodecName[]): Promise<ReadonlyMap<string, Codec>> {
  const found = new Map<string, Codec>()
  for (const name of names) {
    const codec = name === 'deflate' ? deflate : name === 'zstd' ? zstd() : await lz4()
    if (codec) found.set(name, codec)
  }
  return found
}
