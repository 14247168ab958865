import { describe, expect, test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { Locations } from '../../lib/index/locations.js'
import { admit, type Part, type PinnedPart } from '../../lib/index/part.js'
import { Rows } from '../../lib/index/rows.js'
import { admitSparsely } from '../../lib/index/sparse-admission.js'

/** Two parts of a hundred rows; records 0 to 99 lie in the first, 100 to 199 in the second. */
class TwoParts {
  readonly locations = new Locations()
  readonly parts: Part[] = [1, 2].map((id) => ({
    rows: new Rows(id, 1, 100),
    index: undefined,
    largestNorm: 0,
  }))

  constructor() {
    for (let number = 0; number < 200; number++) this.put(number, 1 + number, number < 100 ? 0 : 1)
  }

  put(number: number, seq: number, into: number): void {
    this.remove(number, seq)
    const { rows } = this.parts[into] as Part
    this.locations.set(number, rows.id, rows.append(number, seq))
  }

  remove(number: number, seq: number): void {
    const part = this.parts.find(({ rows }) => rows.id === this.locations.rowsOf(number))
    part?.rows.kill(this.locations.ordinalOf(number), seq, true)
    this.locations.delete(number)
  }

  pin(): PinnedPart[] {
    return this.parts.map((part) => ({ part, count: part.rows.count }))
  }

  sparsely(view: readonly PinnedPart[], seq: number, numbers: readonly number[]) {
    return admitSparsely(view, seq, Bitmap.of(numbers), numbers.length, this.locations)
  }

  /** What going through all rows says. */
  fully(view: readonly PinnedPart[], seq: number, numbers: readonly number[]) {
    return view.map((pinned) => admit(pinned, seq, Bitmap.of(numbers)))
  }
}

describe('sparse admission', () => {
  test('says what going through all rows says', () => {
    const two = new TwoParts()
    two.remove(3, 201)
    two.put(150, 202, 1)
    const view = two.pin()
    for (const numbers of [[], [0], [99, 100, 150, 199], [1, 2, 4, 40]]) {
      expect(two.sparsely(view, 202, numbers)).toEqual(two.fully(view, 202, numbers))
    }
  })

  test('leaves many records to going through all rows', () => {
    const two = new TwoParts()
    const numbers = Array.from({ length: 26 }, (_, i) => i)
    expect(two.sparsely(two.pin(), 200, numbers)).toBeUndefined()
    expect(two.sparsely(two.pin(), 200, numbers.slice(1))).toBeDefined()
  })

  test.each<[string, (two: TwoParts) => void]>([
    ['deleted', (two) => two.remove(7, 201)],
    ['written anew', (two) => two.put(7, 201, 1)],
    // Filling an index appends what older operations wrote.
    ['appended as of an older operation', (two) => two.put(7, 5, 0)],
    ['moved to a part that the view does not know', (two) => two.locations.set(7, 99, 7)],
  ])('does not answer when a record was %s since', (_, change) => {
    const two = new TwoParts()
    const view = two.pin()
    change(two)
    expect(two.sparsely(view, 200, [7, 8])).toBeUndefined()
    expect(two.sparsely(view, 200, [8])).toEqual(two.fully(view, 200, [8]))
  })
})
