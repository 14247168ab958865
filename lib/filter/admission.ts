import { Bitmap } from '../bitmap.js'

/** What indexes know of a condition: the records it may match. Sets are owned, so they are combined in place. */
export interface Admission {
  /** The records that may match or, when `inverted`, the only ones that cannot. */
  readonly set: Bitmap
  readonly inverted: boolean
  /** Every record admitted does match. */
  readonly exact: boolean
}

/** Admits the records of `set`. No admission is more exact than one of nothing. */
export function only(set: Bitmap, exact: boolean): Admission {
  return { set, inverted: false, exact: exact || set.isEmpty() }
}

/** Admits every record that is not in `set`. */
export function allBut(set: Bitmap, exact: boolean): Admission {
  return { set, inverted: true, exact }
}

/** Admits nothing, so there is no need to look further into a conjunction. */
export function admitsNothing(admission: Admission): boolean {
  return !admission.inverted && admission.set.isEmpty()
}

/** The records that both admit. */
export function intersect(a: Admission, b: Admission): Admission {
  const exact = a.exact && b.exact
  if (a.inverted) {
    return b.inverted ? allBut(a.set.or(b.set), exact) : only(b.set.andNot(a.set), exact)
  }
  return only(b.inverted ? a.set.andNot(b.set) : a.set.and(b.set), exact)
}

/** The records that either admits. */
export function unite(a: Admission, b: Admission): Admission {
  const exact = a.exact && b.exact
  if (a.inverted) {
    return allBut(b.inverted ? a.set.and(b.set) : a.set.andNot(b.set), exact)
  }
  return b.inverted ? allBut(b.set.andNot(a.set), exact) : only(a.set.or(b.set), exact)
}

/** The other records; only of an exact admission, because a superset has no useful complement. */
export function invert({ set, inverted }: Admission): Admission {
  return { set, inverted: !inverted, exact: true }
}

/** Admits every record, and rightly. */
export function everything(): Admission {
  return allBut(new Bitmap(), true)
}

/** Admits no record. */
export function nothing(): Admission {
  return only(new Bitmap(), true)
}
