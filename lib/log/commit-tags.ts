/** Tags of the fields of a commit and of the puts in it: number << 3 | wire type, as in log/replivec.proto. */
export const Tag = {
  epoch: 0x08,
  originId: 0x12,
  firstSeq: 0x18,
  count: 0x20,
  committedAtMs: 0x28,
  operations: 0x32,
  put: 0x0a,
  collection: 0x08,
  id: 0x12,
  vector: 0x1a,
  metadata: 0x22,
} as const
