import { Bitmap } from '../bitmap.js'
import { VectorPieces } from './vector-pieces.js'

/** What a row takes beside its vector: a u32 and an f64. */
const NUMBER_AND_SEQ_BYTES = 12

/** What is written of rows. */
export interface RowsContent {
  readonly vectors: readonly Float32Array[]
  readonly numbers: Uint32Array
  readonly seqs: Float64Array
  /** A bitmap of the scaled ones. */
  readonly scaled: Uint32Array
}

/** The same as it is read. */
export type FoundRows = Omit<RowsContent, 'vectors'> & { readonly vectors: VectorPieces }

/** One dead row: which, and by which operation. Kept only while a view could still see it. */
interface Death {
  readonly ordinal: number
  readonly seq: number
}

/**
 * A run of vectors with, per row, the record it belongs to and the operation that wrote it. Rows are only ever
 * appended and marked dead; an ordinal is a row's place. Both the memtable and every segment are one of these.
 */
export class Rows {
  readonly id: number
  readonly dimensions: number
  #vectors: VectorPieces
  #numbers: Uint32Array
  #seqs: Float64Array
  /** Rows that are not the record's vector to the last bit, but scaled. */
  #scaled = new Bitmap()
  #count = 0
  #dead = new Bitmap()
  #deadCount = 0
  #deaths: Death[] = []

  /**
   * @param id - unique among the rows of one index
   * @param capacity - rows to make room for now
   * @param capacityMax - rows there will never be more of
   */
  constructor(id: number, dimensions: number, capacity: number, capacityMax = Number.POSITIVE_INFINITY) {
    this.id = id
    this.dimensions = dimensions
    this.#vectors = new VectorPieces(dimensions, capacity, capacityMax)
    this.#numbers = new Uint32Array(capacity)
    this.#seqs = new Float64Array(capacity)
  }

  /** Rows that were written once. All of them are dead until one after another is found to be alive. */
  static found(id: number, { vectors, numbers, seqs, scaled }: FoundRows): Rows {
    const rows = new Rows(id, vectors.dimensions, 0)
    rows.#vectors = vectors
    rows.#numbers = numbers
    rows.#seqs = seqs
    rows.#scaled = new Bitmap(scaled)
    rows.#count = numbers.length
    rows.#dead = Bitmap.range(numbers.length)
    rows.#deadCount = numbers.length
    return rows
  }

  get count(): number {
    return this.#count
  }

  /** The first `count` are filled. For cosine every one has unit length. */
  get vectors(): VectorPieces {
    return this.#vectors
  }

  get deadCount(): number {
    return this.#deadCount
  }

  /** Bytes of memory in use. Spare capacity is none: the system gives memory to what is written to. */
  get bytes(): number {
    return this.#count * (this.dimensions * 4 + NUMBER_AND_SEQ_BYTES) + this.#dead.words.byteLength
  }

  numberAt(ordinal: number): number {
    return this.#numbers[ordinal] as number
  }

  seqAt(ordinal: number): number {
    return this.#seqs[ordinal] as number
  }

  /** The row is the record's vector scaled to unit length, not that vector itself. */
  isScaled(ordinal: number): boolean {
    return this.#scaled.has(ordinal)
  }

  isDead(ordinal: number): boolean {
    return this.#dead.has(ordinal)
  }

  /**
   * Makes room for one more row and returns its ordinal; the caller fills `vectors` there.
   *
   * @param isScaled - with another vector than the record has
   */
  append(number: number, seq: number, isScaled = false): number {
    if (this.#count === this.#numbers.length) this.#grow()
    const ordinal = this.#count
    this.#numbers[ordinal] = number
    this.#seqs[ordinal] = seq
    if (isScaled) this.#scaled.add(ordinal)
    this.#count += 1
    return ordinal
  }

  /** @param remember - a view pinned before operation `seq` may still have to see the row */
  kill(ordinal: number, seq: number, remember: boolean): void {
    if (this.#dead.has(ordinal)) return
    this.#dead.add(ordinal)
    this.#deadCount += 1
    if (remember) this.#deaths.push({ ordinal, seq })
  }

  /** Takes back that a found row is dead. */
  revive(ordinal: number): void {
    if (!this.#dead.has(ordinal)) return
    this.#dead.delete(ordinal)
    this.#deadCount -= 1
  }

  /** The dead rows, as words of a bitmap. */
  get deadWords(): Uint32Array {
    return this.#dead.words
  }

  /** Takes back that found rows are dead, but for those of a bitmap. */
  reviveAllBut(deadWords: Uint32Array): void {
    this.#dead = Bitmap.range(this.#count).and(new Bitmap(deadWords))
    this.#deadCount = this.#dead.count()
  }

  /** All there is to write of the rows, dead ones too. */
  content(): RowsContent {
    const { pieces, pieceRows } = this.#vectors
    const vectors = pieces
      .map((piece, index) =>
        piece.subarray(0, Math.max(0, this.#count - index * pieceRows) * this.dimensions),
      )
      .filter(({ length }) => length > 0)
    const [numbers, seqs] = [this.#numbers.subarray(0, this.#count), this.#seqs.subarray(0, this.#count)]
    this.#scaled.reserve(this.#count)
    return { vectors, numbers, seqs, scaled: this.#scaled.words.subarray(0, (this.#count + 31) >>> 5) }
  }

  /** Forgets when rows died: no view is left that could see them. */
  forgetDeaths(): void {
    if (this.#deaths.length > 0) this.#deaths = []
  }

  /**
   * The rows among the first `count` that a view at `seq` sees, as words of a bitmap; `undefined` when it is all.
   */
  visible(count: number, seq: number): Uint32Array | undefined {
    if (this.#deadCount === 0) return undefined
    const visible = Bitmap.range(count).andNot(this.#dead)
    for (let i = this.#deaths.length - 1; i >= 0; i--) {
      const death = this.#deaths[i] as Death
      if (death.seq <= seq) break
      if (death.ordinal < count) visible.add(death.ordinal)
    }
    return visible.words
  }

  /** Gives up spare capacity. */
  shrink(): void {
    if (this.#numbers.length === this.#count) return
    this.#vectors.shrink(this.#count)
    this.#numbers = this.#numbers.slice(0, this.#count)
    this.#seqs = this.#seqs.slice(0, this.#count)
  }

  #grow(): void {
    this.#vectors.grow()
    const { capacity } = this.#vectors
    const numbers = new Uint32Array(capacity)
    numbers.set(this.#numbers)
    this.#numbers = numbers
    const seqs = new Float64Array(capacity)
    seqs.set(this.#seqs)
    this.#seqs = seqs
  }
}
