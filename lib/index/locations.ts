/** The rows id of a record that has no vector in the index. */
const NOWHERE = 0

/** Where each record's current vector lies: rows id and ordinal by record number. */
export class Locations {
  #rows = new Uint32Array(0)
  #ordinals = new Uint32Array(0)

  /** The rows id of a record, or 0 when it has no vector in the index. */
  rowsOf(number: number): number {
    return this.#rows[number] ?? NOWHERE
  }

  ordinalOf(number: number): number {
    return this.#ordinals[number] as number
  }

  set(number: number, rows: number, ordinal: number): void {
    if (number >= this.#rows.length) this.#grow(number + 1)
    this.#rows[number] = rows
    this.#ordinals[number] = ordinal
  }

  delete(number: number): void {
    if (number < this.#rows.length) this.#rows[number] = NOWHERE
  }

  get bytes(): number {
    return this.#rows.byteLength + this.#ordinals.byteLength
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.#rows.length * 2, 64)
    const rows = new Uint32Array(capacity)
    rows.set(this.#rows)
    this.#rows = rows
    const ordinals = new Uint32Array(capacity)
    ordinals.set(this.#ordinals)
    this.#ordinals = ordinals
  }
}
