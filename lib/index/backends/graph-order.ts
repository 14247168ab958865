import { BlockingReader, BlockingWriter } from '../../runtime/blocking-files.js'

/** The parts of a graph file that usearch 2 writes: the vectors; two headers; the level of each vertex; the vertices. */
const MATRIX_HEADER_BYTES = 8
const DENSE_HEADER_BYTES = 64
const GRAPH_HEADER_BYTES = 40
const LEVEL_BYTES = 2
const MAGIC = 'usearch'
/** A vertex: its key and level, then for each level how many neighbours it has and room for as many as it may have. */
const VERTEX_HEADER_BYTES = 10
const SLOT_BYTES = 4
/** Vertices copied between two looks at whether the order is still wanted. */
const VERTICES_A_STEP = 4_096

/** A graph file but for its vectors, which may be much larger than memory. */
interface Layout {
  readonly count: number
  readonly vectorBytes: number
  /** All that follows the vectors. */
  readonly tail: Buffer
  /** Where in `tail` the levels begin. */
  readonly levelsAt: number
  /** Where in `tail` each vertex begins, and the last one ends. */
  readonly vertexAt: Float64Array
  readonly entry: number
  /** Bytes of a vertex's neighbours at level 0, and at each level above. */
  readonly baseBytes: number
  readonly upperBytes: number
}

/**
 * Copies a graph so that vertices lie where searches look for them: depth first from the entry, a vertex is followed by a
 * neighbour. Every search finds what it found before, in the same steps, but more of them on a page that was just read. (What
 * orders of vertices are worth: Coleman and others, "Graph Reordering for Cache-Efficient Near Neighbor Search", 2021.)
 *
 * @param from - a file that usearch saved; it is read where it lies but for the neighbours, about 140 bytes a vertex
 * @param to - a file to create
 * @param isStopped - asked every few thousand vertices
 * @returns `false` where the file is laid out in a way not known here, or when it was stopped; `to` is of no use then
 * @throws what the file system throws
 */
export function orderGraph(from: string, to: string, isStopped: () => boolean): boolean {
  const source = new BlockingReader(from)
  try {
    const layout = readLayout(source)
    if (!layout) return false
    const target = new BlockingWriter(to)
    try {
      return writeOrdered(layout, depthFirst(layout), source, target, isStopped)
    } finally {
      target.close()
    }
  } finally {
    source.close()
  }
}

function readLayout(file: BlockingReader): Layout | undefined {
  const { size } = file
  if (size < MATRIX_HEADER_BYTES + DENSE_HEADER_BYTES + GRAPH_HEADER_BYTES) return undefined
  const matrix = file.read(0, MATRIX_HEADER_BYTES)
  const [count, vectorBytes] = [matrix.readUInt32LE(0), matrix.readUInt32LE(4)]
  const headersAt = MATRIX_HEADER_BYTES + count * vectorBytes
  const levelsAt = DENSE_HEADER_BYTES + GRAPH_HEADER_BYTES
  if (count === 0 || headersAt + levelsAt + count * LEVEL_BYTES > size) return undefined
  const tail = file.read(headersAt, size - headersAt)
  if (tail.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
  const numbers = Array.from({ length: 5 }, (_, i) =>
    Number(tail.readBigUInt64LE(DENSE_HEADER_BYTES + 8 * i)),
  )
  const [stored, upper, base, , entry] = numbers as [number, number, number, number, number]
  if (stored !== count || entry >= count) return undefined
  const [baseBytes, upperBytes] = [SLOT_BYTES * (1 + base), SLOT_BYTES * (1 + upper)]
  const vertexAt = new Float64Array(count + 1)
  let at = levelsAt + count * LEVEL_BYTES
  for (let slot = 0; slot < count; slot++) {
    const level = tail.readInt16LE(levelsAt + slot * LEVEL_BYTES)
    if (level < 0) return undefined
    vertexAt[slot] = at
    at += VERTEX_HEADER_BYTES + baseBytes + level * upperBytes
  }
  vertexAt[count] = at
  if (at !== tail.length) return undefined
  const layout = { count, vectorBytes, tail, levelsAt, vertexAt, entry, baseBytes, upperBytes }
  return hasOnlyNeighbours(layout) ? layout : undefined
}

/** Whether what is taken for neighbours can be that. */
function hasOnlyNeighbours(layout: Layout): boolean {
  const { count, tail } = layout
  for (let slot = 0; slot < count; slot++) {
    for (const { at, bytes } of neighbourLists(layout, slot)) {
      const end = at + SLOT_BYTES * (1 + tail.readUInt32LE(at))
      if (end > at + bytes) return false
      for (let next = at + SLOT_BYTES; next < end; next += SLOT_BYTES) {
        if (tail.readUInt32LE(next) >= count) return false
      }
    }
  }
  return true
}

/** Where in the tail the neighbours of a vertex stand, level by level from 0. */
function* neighbourLists(
  { vertexAt, baseBytes, upperBytes }: Layout,
  slot: number,
): Generator<{ at: number; bytes: number }> {
  const end = vertexAt[slot + 1] as number
  let bytes = baseBytes
  for (let at = (vertexAt[slot] as number) + VERTEX_HEADER_BYTES; at < end; at += bytes) {
    if (at !== (vertexAt[slot] as number) + VERTEX_HEADER_BYTES) bytes = upperBytes
    yield { at, bytes }
  }
}

/** The vertices in the order in which a search in depth comes to them by the neighbours of level 0. */
function depthFirst({ count, tail, vertexAt, entry }: Layout): Uint32Array {
  const order = new Uint32Array(count)
  const isSeen = new Uint8Array(count)
  const path = new Uint32Array(count)
  /** How many neighbours of a vertex were looked at. */
  const looked = new Uint32Array(count)
  let found = 0
  let depth = 0
  const come = (slot: number): void => {
    isSeen[slot] = 1
    order[found++] = slot
    path[depth++] = slot
  }
  // What the entry does not lead to begins anew, in the order in which it was added.
  for (let start = -1; start < count; start++) {
    const root = start < 0 ? entry : start
    if (isSeen[root] === 1) continue
    come(root)
    while (depth > 0) {
      const slot = path[depth - 1] as number
      const at = (vertexAt[slot] as number) + VERTEX_HEADER_BYTES
      const next = looked[slot] as number
      if (next === tail.readUInt32LE(at)) {
        depth -= 1
        continue
      }
      looked[slot] = next + 1
      const neighbour = tail.readUInt32LE(at + SLOT_BYTES * (1 + next))
      if (isSeen[neighbour] === 0) come(neighbour)
    }
  }
  return order
}

function writeOrdered(
  layout: Layout,
  order: Uint32Array,
  source: BlockingReader,
  target: BlockingWriter,
  isStopped: () => boolean,
): boolean {
  const { count, vectorBytes, tail, levelsAt, vertexAt, entry } = layout
  const slotOf = new Uint32Array(count)
  for (const [place, slot] of order.entries()) slotOf[slot] = place
  target.write(source.read(0, MATRIX_HEADER_BYTES))
  const vector = Buffer.alloc(vectorBytes)
  for (const [place, slot] of order.entries()) {
    if (place % VERTICES_A_STEP === 0 && isStopped()) return false
    source.readInto(vector, MATRIX_HEADER_BYTES + slot * vectorBytes)
    target.write(vector)
  }
  const headers = Buffer.from(tail.subarray(0, levelsAt))
  headers.writeBigUInt64LE(BigInt(slotOf[entry] as number), DENSE_HEADER_BYTES + 32)
  target.write(headers)
  for (const slot of order) {
    const at = levelsAt + slot * LEVEL_BYTES
    target.write(tail.subarray(at, at + LEVEL_BYTES))
  }
  for (const [place, slot] of order.entries()) {
    if (place % VERTICES_A_STEP === 0 && isStopped()) return false
    for (const { at } of neighbourLists(layout, slot)) {
      const end = at + SLOT_BYTES * (1 + tail.readUInt32LE(at))
      for (let next = at + SLOT_BYTES; next < end; next += SLOT_BYTES) {
        tail.writeUInt32LE(slotOf[tail.readUInt32LE(next)] as number, next)
      }
    }
    target.write(tail.subarray(vertexAt[slot], vertexAt[slot + 1]))
  }
  target.flush()
  return true
}
