/** A way to compress bytes, off the event loop. */
export interface Codec {
  readonly name: CodecName
  /** From the quickest to the one that makes least of the bytes. */
  readonly levels: readonly CodecLevel[]
  compress(plain: Uint8Array, level: number): Promise<Uint8Array>
  /**
   * Gives back `plainBytes` bytes, and allocates no more than that, and what the codec itself takes: a window as large, 256 KiB at least, or
   * 16 MiB with Zstandard.
   *
   * @throws whatever the library throws for bytes that are no such thing, or are more or fewer
   */
  decompress(packed: Uint8Array, plainBytes: number): Promise<Uint8Array>
}

export type CodecName = 'zstd' | 'brotli' | 'deflate' | 'lz4'

/** A level of a codec, with what to expect of it until it was measured: taken from pieces of 400 KiB of JSON on one core of a server. */
export interface CodecLevel {
  readonly level: number
  readonly bytesPerMs: number
  /** Compressed over plain. */
  readonly share: number
}
