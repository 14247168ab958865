import type { SeededRandom } from './seeded-random.js'

/** What a program can ask of a disk; `writeNow` is a `write`, and a `removeTree` is many `list`s and `remove`s. */
export type DiskOperation =
  | 'open'
  | 'readFile'
  | 'stat'
  | 'list'
  | 'makeDirectory'
  | 'rename'
  | 'link'
  | 'remove'
  | 'syncDirectory'
  | 'size'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'close'

/** A probability from 0 to 1 for every operation, or one per kind of operation. */
export type FailProbability = number | Partial<Readonly<Record<DiskOperation, number>>>

/** Decides which operations of a simulated disk fail, and how. */
export class DiskFaults {
  /** How likely an operation fails with `EIO`. */
  probability: FailProbability = 0
  readonly #random: SeededRandom
  #planned: { readonly operation: DiskOperation; readonly code: string; left: number }[] = []

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** Lets one coming `operation` fail with `code`: the next one, or the one after `after` more. */
  plan(operation: DiskOperation, code: string, after: number): void {
    this.#planned.push({ operation, code, left: after })
  }

  /** The error code with which this operation has to fail, if it has to. */
  next(operation: DiskOperation): string | undefined {
    let code: string | undefined
    for (const fault of this.#planned) {
      if (fault.operation !== operation || fault.left-- > 0) continue
      code ??= fault.code
    }
    this.#planned = this.#planned.filter((fault) => fault.left >= 0)
    const probability =
      typeof this.probability === 'number' ? this.probability : (this.probability[operation] ?? 0)
    return code ?? (probability > 0 && this.#random.chance(probability) ? 'EIO' : undefined)
  }
}
