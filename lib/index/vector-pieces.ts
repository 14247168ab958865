/**
 * Rows are held in pieces of about so many bytes: one piece is scanned by one native call, which holds the event loop for a
 * millisecond or two.
 */
const PIECE_BYTES = 32 * 1024 * 1024
/** Pieces hold a multiple of so many rows, so that a bitmap of rows can be cut where they end. */
const PIECE_ROWS_MULTIPLE = 32

/** The vectors of a run of rows, row-major in pieces of equal size, each in a buffer of its own. */
export class VectorPieces {
  readonly dimensions: number
  /** Rows of every piece but the last, which may have fewer: a multiple of 32. */
  readonly pieceRows: number
  readonly #capacityMax: number
  #pieces: Float32Array[] = []
  #capacity = 0

  /**
   * @param capacity - rows to make room for now
   * @param capacityMax - rows there will never be more of
   */
  constructor(dimensions: number, capacity: number, capacityMax = Number.POSITIVE_INFINITY) {
    this.dimensions = dimensions
    this.pieceRows = PIECE_ROWS_MULTIPLE * Math.ceil(PIECE_BYTES / (dimensions * 4 * PIECE_ROWS_MULTIPLE))
    this.#capacityMax = capacityMax
    while (this.#capacity < capacity) this.#add(Math.min(this.pieceRows, capacity - this.#capacity))
  }

  /** Rows there is room for. */
  get capacity(): number {
    return this.#capacity
  }

  get pieces(): readonly Float32Array[] {
    return this.#pieces
  }

  /** The piece that holds a row. */
  pieceOf(ordinal: number): Float32Array {
    return this.#pieces[Math.floor(ordinal / this.pieceRows)] as Float32Array
  }

  /** Where a row starts in its piece, in components. */
  offsetOf(ordinal: number): number {
    return (ordinal % this.pieceRows) * this.dimensions
  }

  /** Writes a row. */
  set(ordinal: number, vector: Float32Array): void {
    this.pieceOf(ordinal).set(vector, this.offsetOf(ordinal))
  }

  /** A row as it lies. */
  at(ordinal: number): Float32Array {
    const offset = this.offsetOf(ordinal)
    return this.pieceOf(ordinal).subarray(offset, offset + this.dimensions)
  }

  /** Makes room for more rows. */
  grow(): void {
    const last = this.#pieces.at(-1)
    const lastRows = last ? last.length / this.dimensions : this.pieceRows
    const roomMax = this.#capacityMax - this.#capacity
    if (!last || lastRows === this.pieceRows) {
      this.#add(Math.min(this.pieceRows, 16, roomMax))
      return
    }
    // By four: copying fewer times is worth more than spare capacity, which costs nothing until it is used.
    const rows = Math.min(this.pieceRows, lastRows + roomMax, Math.max(16, lastRows * 4))
    const grown = new Float32Array(rows * this.dimensions)
    grown.set(last)
    this.#pieces[this.#pieces.length - 1] = grown
    this.#capacity += rows - lastRows
  }

  /** Gives up the room for more than `count` rows. */
  shrink(count: number): void {
    if (count === this.#capacity) return
    const whole = Math.floor(count / this.pieceRows)
    const rest = count % this.pieceRows
    const last = this.#pieces[whole]
    this.#pieces = this.#pieces.slice(0, whole)
    if (last && rest > 0) this.#pieces.push(last.slice(0, rest * this.dimensions))
    this.#capacity = count
  }

  #add(rows: number): void {
    this.#pieces.push(new Float32Array(rows * this.dimensions))
    this.#capacity += rows
  }
}
