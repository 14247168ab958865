/** A collection as a plain Map, for comparison: obvious, slow, sharing nothing with the library. */
import { naiveMatches } from '../filter/naive-filter.js'
import { byCodeUnit } from './contents.js'

export type Metadata = Record<string, unknown>

export interface ModelRecord {
  vector: number[]
  metadata: Metadata
}

export class ModelCollection {
  readonly records = new Map<string, ModelRecord>()

  put(id: string, vector: readonly number[], metadata: Metadata): void {
    this.records.set(id, { vector: [...vector], metadata: { ...metadata } })
  }

  patch(id: string, set: Metadata, unset: readonly string[], vector?: readonly number[]): void {
    const record = this.records.get(id)!
    record.metadata = { ...record.metadata, ...set }
    for (const field of unset) delete record.metadata[field]
    record.vector = vector ? [...vector] : record.vector
  }

  matching(filter: object): string[] {
    return [...this.records.keys()]
      .filter((id) => naiveMatches(filter, this.records.get(id)!.metadata))
      .sort(byCodeUnit)
  }

  /** Ids by euclidean distance, then code unit: exact for the small whole numbers of the test. */
  nearest(vector: readonly number[], filter: object): [id: string, distance: number][] {
    return this.matching(filter)
      .map((id): [string, number] => {
        const squares = this.records.get(id)!.vector.map((x, i) => (x - vector[i]!) ** 2)
        return [id, Math.sqrt(squares.reduce((sum, square) => sum + square, 0))]
      })
      .sort(([idA, a], [idB, b]) => a - b || byCodeUnit(idA, idB))
  }
}
