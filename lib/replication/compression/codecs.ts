import type { Codec, CodecName } from './codec.js'
import { lz4 } from './lz4-codec.js'
import { brotli, deflate, zstd } from './zlib-codecs.js'

/** Best first: where bytes are compressed at all the link is the limit, and what is left of them counts. */
export const CODEC_NAMES: readonly CodecName[] = ['zstd', 'brotli', 'deflate', 'lz4']

const LOADERS: Readonly<Record<CodecName, () => Codec | undefined | Promise<Codec | undefined>>> = {
  zstd,
  brotli: () => brotli,
  deflate: () => deflate,
  lz4,
}

/** Those of the codecs asked for that this machine has, in the same order. */
export async function loadCodecs(names: readonly CodecName[]): Promise<ReadonlyMap<string, Codec>> {
  const found = new Map<string, Codec>()
  for (const name of names) {
    const codec = await LOADERS[name]()
    if (codec) found.set(name, codec)
  }
  return found
}
