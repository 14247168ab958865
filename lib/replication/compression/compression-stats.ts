/** What compressing does on the links of a node. */
export interface CompressionStats {
  /** What both sides agreed on; null where a node has several links, or none. */
  readonly codec: string | null
  /** How hard the last message was compressed; null where it was not, because the link was no limit. */
  readonly level: number | null
  /** Bytes of what was compressed, before and after. */
  readonly plainBytes: number
  readonly packedBytes: number
  /** The first over the second; 1 before anything was compressed. */
  readonly ratio: number
  /** Messages that were not, because they are short or a sample of them did not shrink. */
  readonly skipped: number
}

/** Counts what is compressed on one link, or on all of a node. */
export interface CompressionCounts {
  plainBytes: number
  packedBytes: number
  skipped: number
}

export function noCompression(): CompressionCounts {
  return { plainBytes: 0, packedBytes: 0, skipped: 0 }
}

export function addCounts(sum: CompressionCounts, counts: CompressionCounts): void {
  sum.plainBytes += counts.plainBytes
  sum.packedBytes += counts.packedBytes
  sum.skipped += counts.skipped
}

export function compressionStats(
  { plainBytes, packedBytes, skipped }: CompressionCounts,
  codec: string | null = null,
  level: number | null = null,
): CompressionStats {
  return {
    codec,
    level,
    plainBytes,
    packedBytes,
    ratio: packedBytes === 0 ? 1 : plainBytes / packedBytes,
    skipped,
  }
}
