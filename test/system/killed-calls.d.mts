export interface KilledRecord {
  readonly id: string
  readonly vector: readonly number[]
  readonly metadata: Readonly<Record<string, unknown>>
}

export type KilledCall =
  | { readonly kind: 'upsert'; readonly records: readonly KilledRecord[] }
  | {
      readonly kind: 'update'
      readonly id: string
      readonly patch: { readonly vector?: readonly number[]; readonly metadata?: Record<string, unknown> }
    }
  | { readonly kind: 'delete'; readonly ids: readonly string[] }
  | { readonly kind: 'deleteGroup'; readonly group: number }

export const CALLERS: number
export const DIMENSIONS: number
export function callOf(seed: number, run: number, caller: number, index: number): KilledCall
