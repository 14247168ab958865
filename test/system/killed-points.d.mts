import type { SeededRandom } from '../../lib/testing/seeded-random.js'

export interface Point {
  readonly id: string
  readonly vector: readonly number[]
}

export type PointCall =
  | { readonly kind: 'upsert'; readonly records: readonly Point[] }
  | { readonly kind: 'move'; readonly id: string; readonly vector: readonly number[] }
  | { readonly kind: 'delete'; readonly ids: readonly string[] }

export const DIMENSIONS: number
export function callOf(seed: number, run: number, index: number, from: number): PointCall
export function vectorOf(random: SeededRandom, from: number): number[]
