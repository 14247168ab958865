import type { Candidates, VectorIndex } from './backend.js'
import { plainScanOver } from './backends/plain-scan.js'
import type { Matrix } from './backends/matrix.js'
import { simdScanOver, sketchedScanOver } from './backends/simd-scan.js'
import type { Metric } from './metric.js'
import type { Part, PinnedPart, RowScans } from './part.js'

/** One exact scan. */
export interface ScanQuery {
  /** One vector; of unit length for cosine. */
  readonly query: Float32Array
  readonly metric: Metric
  /** Candidates at most, at least 1. */
  readonly wanted: number
  /** The admitted ordinals; `undefined`: all. */
  readonly mask: Uint32Array | undefined
  /** A promise when others should have a turn; asked between pieces. */
  readonly pause: () => Promise<void> | undefined
}

/** The nearest admitted rows of a part by exact distance, nearest first, piece by piece. */
export async function scanPart(pinned: PinnedPart, scan: ScanQuery): Promise<Candidates> {
  const { pieceRows, pieces } = pinned.part.rows.vectors
  const found: Candidates[] = []
  const starts: number[] = []
  for (let piece = 0; piece < pieces.length && piece * pieceRows < pinned.count; piece++) {
    const start = piece * pieceRows
    const allow = scan.mask?.subarray(start >>> 5, (start + pieceRows) >>> 5)
    if (allow?.every((word) => word === 0)) continue
    const pause = found.length > 0 ? scan.pause() : undefined
    if (pause) await pause
    const { query, wanted } = scan
    const request = { queries: query, count: 1, k: wanted, ...(allow ? { allow } : {}) }
    const answer = scanOf(pinned, piece, scan.metric).search(request)
    const [candidates] = answer instanceof Promise ? await answer : answer
    found.push(candidates as Candidates)
    starts.push(start)
  }
  return found.length === 1 && starts[0] === 0 ? (found[0] as Candidates) : merge(found, starts, scan.wanted)
}

/** The scans of a segment's pieces. They are kept, because each may come to narrow its searches down by a sketch. */
export class PieceScans implements RowScans {
  readonly #part: Part
  readonly #metric: Metric
  readonly #scans: VectorIndex[] = []

  /** @param part - no more rows are appended to it */
  constructor(part: Part, metric: Metric) {
    this.#part = part
    this.#metric = metric
  }

  /** Bytes held beside the vectors. */
  get bytes(): number {
    return this.#scans.reduce((sum, { bytes }) => sum + bytes.memory - (bytes.shared ?? 0), 0)
  }

  of(piece: number): VectorIndex {
    const known = this.#scans[piece]
    if (known) return known
    const { rows, largestNorm } = this.#part
    const matrix = matrixOf({ part: this.#part, count: rows.count }, piece, this.#metric)
    const scan = sketchedScanOver(matrix, largestNorm) ?? plainScanOver(matrix)
    this.#scans[piece] = scan
    return scan
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const scan of this.#scans) await scan?.[Symbol.asyncDispose]()
  }
}

function scanOf(pinned: PinnedPart, piece: number, metric: Metric): VectorIndex {
  if (pinned.part.scans) return pinned.part.scans.of(piece)
  const matrix = matrixOf(pinned, piece, metric)
  return simdScanOver(matrix, pinned.part.largestNorm) ?? plainScanOver(matrix)
}

function matrixOf({ part, count }: PinnedPart, piece: number, metric: Metric): Matrix {
  const { dimensions, vectors } = part.rows
  const { unitSlack } = part
  const rows = Math.min(vectors.pieceRows, count - piece * vectors.pieceRows)
  const floats = vectors.pieces[piece] as Float32Array
  return { vectors: floats.subarray(0, rows * dimensions), count: rows, dimensions, metric, unitSlack }
}

function merge(found: readonly Candidates[], starts: readonly number[], wanted: number): Candidates {
  const all: { ordinal: number; distance: number }[] = []
  for (const [index, { ordinals, distances }] of found.entries()) {
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = (starts[index] as number) + (ordinals[i] as number)
      all.push({ ordinal, distance: distances[i] as number })
    }
  }
  all.sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal)
  if (all.length > wanted) all.length = wanted
  return {
    ordinals: Uint32Array.from(all, ({ ordinal }) => ordinal),
    distances: Float32Array.from(all, ({ distance }) => distance),
  }
}
