/** A segment has taken the place of what it was built from. */
export interface SegmentEvent {
  /** From new vectors, or from other segments. */
  readonly kind: 'built' | 'merged'
  /** Vectors in the segment. */
  readonly rows: number
  /** Segments of the collection there are now. */
  readonly segments: number
}
