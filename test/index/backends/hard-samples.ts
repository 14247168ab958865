import { normOf } from '../../../lib/index/distance.js'
import type { Matrix } from '../../../lib/index/backends/matrix.js'
import type { Metric } from '../../../lib/index/metric.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import type { SeededRandom } from '../../../lib/testing/seeded-random.js'

/** What rows can be like. */
export const KINDS = ['uniform', 'clustered', 'duplicates', 'offset', 'sparse', 'outlier', 'grid'] as const
export type Kind = (typeof KINDS)[number]

/** Powers of ten by which components are multiplied: from denormals to sums beyond f32. */
export const POWERS = [-40, -20, -3, 0, 0, 0, 3, 18, 37] as const

/** Rows of a kind and queries of both kinds: near rows, and rows themselves. */
export function hardSample(
  random: SeededRandom,
  shape: { metric: Metric; kind: Kind; count: number; dimensions: number; power: number; queryPower: number },
): { sample: SampleVectors; queries: Float32Array; queryCount: number } {
  const { metric, kind, count, dimensions, power, queryPower } = shape
  const make = kind === 'clustered' ? SampleVectors.clustered : SampleVectors.uniform
  const base = make(random, metric, count, dimensions)
  const { vectors } = base
  for (let row = 0; row < count; row++) {
    const start = row * dimensions
    // Ten rows stand for nine of ten of them.
    if (kind === 'duplicates' && random.chance(0.9)) {
      const from = random.int(10) * dimensions
      vectors.copyWithin(start, from, from + dimensions)
    }
    const isZero = kind === 'sparse' && random.chance(0.1)
    const isLong = kind === 'outlier' && random.chance(0.002)
    for (let i = start; i < start + dimensions; i++) {
      const x = vectors[i] as number
      if (kind === 'offset') vectors[i] = x / 100 + 5
      if (kind === 'sparse' && (isZero || !random.chance(0.1))) vectors[i] = 0
      if (isLong) vectors[i] = x * 50
      // Few values, so that many rows are equally far.
      if (kind === 'grid') vectors[i] = Math.sign(Math.round(x * 0.6))
    }
  }
  const near = base.queries(random, 2)
  const row = random.int(count) * dimensions
  const asked = Float32Array.of(...near, ...vectors.subarray(row, row + dimensions))
  const sample = new SampleVectors(scaled(vectors, power), dimensions, metric)
  const queries = new SampleVectors(scaled(asked, queryPower), dimensions, metric).vectors
  return { sample, queries, queryCount: 3 }
}

/** Gives the rows of a `cosine` sample lengths of 1 ± `slack`, as embeddings have that were written with few digits. */
export function nearlyUnit(
  random: SeededRandom,
  { vectors, count, dimensions }: Matrix,
  slack: number,
): Matrix {
  let unitSlack = 0
  for (let row = 0; row < count; row++) {
    const start = row * dimensions
    const length = 1 + slack * random.pick([0, 1, -1, 2 * random.next() - 1])
    for (let i = start; i < start + dimensions; i++) vectors[i] = (vectors[i] as number) * length
    unitSlack = Math.max(unitSlack, Math.abs(normOf(vectors, start, dimensions) - 1))
  }
  return { vectors, count, dimensions, metric: 'cosine', unitSlack }
}

/** What would be infinite becomes the largest float. */
function scaled(components: Float32Array, power: number): Float32Array {
  const most = 3.4028234663852886e38
  return components.map((x) => Math.max(-most, Math.min(most, x * 10 ** power)))
}
