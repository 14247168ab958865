import { PLAIN_BYTES_MAX } from '../protocol/message-limits.js'
import type { Packed } from '../protocol/messages.js'
import { violated } from '../protocol/wire-violation.js'
import type { Codec } from './codec.js'
import type { CompressionCounts } from './compression-stats.js'
import { joined } from './message-cut.js'

/** Makes the bytes of messages again of what came compressed over one link. */
export class Decompressor {
  readonly codec: Codec
  readonly #counts: CompressionCounts

  constructor(codec: Codec, counts: CompressionCounts) {
    this.codec = codec
    this.#counts = counts
  }

  /** @throws `PROTOCOL_VIOLATED` for what is more than a message may be, and for what is no such thing */
  async unpacked({ rest, plainBytes, vectors }: Packed): Promise<Uint8Array> {
    if (plainBytes === 0 || plainBytes > PLAIN_BYTES_MAX) throw violated(`${plainBytes} compressed bytes`)
    const plain = await this.codec.decompress(rest, plainBytes).catch((cause: unknown) => {
      throw violated(`it cannot be decompressed to ${plainBytes} bytes`, cause)
    })
    if (plain.byteLength !== plainBytes) throw violated(`it was announced as ${plainBytes} bytes`)
    this.#counts.plainBytes += plainBytes
    this.#counts.packedBytes += rest.byteLength
    return joined({ plain, vectors })
  }
}
