import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { orderGraph } from '../../../lib/index/backends/graph-order.js'
import { type GraphShape, UsearchGraph } from '../../../lib/index/backends/usearch-graph.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'

const DIMENSIONS = 16
const random = new SeededRandom('graph order')
const never = () => false

interface Setting {
  readonly graph: UsearchGraph
  readonly vectors: Float32Array
  readonly shape: GraphShape
  readonly from: string
  readonly to: string
}

/** A graph of `count` vectors that was saved to `from`. */
async function withSaved(
  count: number,
  scalar: GraphShape['scalar'],
  body: (setting: Setting) => void,
): Promise<void> {
  const { vectors } = SampleVectors.clustered(random, 'cosine', count, DIMENSIONS)
  const shape = { dimensions: DIMENSIONS, metric: 'cos', scalar } as const
  const graph = new UsearchGraph(shape)
  graph.add(vectors)
  await withTemporaryDirectory(async (directory) => {
    const [from, to] = [join(directory, 'from'), join(directory, 'to')]
    graph.save(from)
    body({ graph, vectors, shape, from, to })
  })
}

/** The keys of a file's vertices, and how many vertices are followed by a neighbour of theirs. */
function readVertices(path: string, count: number, vectorBytes: number) {
  const file = readFileSync(path)
  const headers = 8 + count * vectorBytes + 64
  const [upper, base] = [8, 16].map((at) => Number(file.readBigUInt64LE(headers + at))) as [number, number]
  const levels = headers + 40
  const keys: number[] = []
  let at = levels + 2 * count
  let followed = 0
  for (let slot = 0; slot < count; slot++) {
    keys.push(Number(file.readBigUInt64LE(at)))
    const neighbours = file.readUInt32LE(at + 10)
    for (let i = 1; i <= neighbours; i++) if (file.readUInt32LE(at + 10 + 4 * i) === slot + 1) followed++
    at += 10 + 4 * (1 + base) + file.readInt16LE(levels + 2 * slot) * 4 * (1 + upper)
  }
  expect(at).toBe(file.length)
  return { keys, followed }
}

describe('a graph in another order', () => {
  test.each(['f32', 'bf16', 'i8'] as const)(
    'answers as before, with a neighbour behind most vertices (%s)',
    async (scalar) => {
      const count = 3_000
      await withSaved(count, scalar, ({ graph, vectors, shape, from, to }) => {
        expect(orderGraph(from, to, never)).toBe(true)
        expect(statSync(to).size).toBe(statSync(from).size)
        const ordered = UsearchGraph.view(to, shape, count)
        for (let row = 0; row < count; row += 7) {
          const query = vectors.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS)
          const [found, was] = [ordered.search(query, 40), graph.search(query, 40)]
          expect(found.distances).toEqual(was.distances)
          expect(new Set(found.ordinals)).toEqual(new Set(was.ordinals))
        }
        const vectorBytes = readFileSync(from).readUInt32LE(4)
        const [before, after] = [from, to].map((path) => readVertices(path, count, vectorBytes)) as [
          ReturnType<typeof readVertices>,
          ReturnType<typeof readVertices>,
        ]
        expect(after.keys).not.toEqual(before.keys)
        expect([...after.keys].sort((a, b) => a - b)).toEqual(before.keys)
        expect(before.followed).toBeLessThan(count / 10)
        expect(after.followed).toBeGreaterThan(count / 2)
      })
    },
  )

  test.each([1, 2, 33])('is whole with %i vectors', async (count) => {
    await withSaved(count, 'bf16', ({ graph, vectors, shape, from, to }) => {
      expect(orderGraph(from, to, never)).toBe(true)
      const query = vectors.slice(0, DIMENSIONS)
      const found = UsearchGraph.view(to, shape, count).search(query, count)
      expect(found.distances).toEqual(graph.search(query, count).distances)
      expect([...found.ordinals].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
    })
  })

  test('keeps vertices that nothing leads to', async () => {
    await withSaved(200, 'f32', ({ from, to }) => {
      const file = readFileSync(from)
      const vectorBytes = file.readUInt32LE(4)
      const headers = 8 + 200 * vectorBytes + 64
      const [upper, base] = [8, 16].map((at) => Number(file.readBigUInt64LE(headers + at))) as [
        number,
        number,
      ]
      let at = headers + 40 + 2 * 200
      for (let slot = 0; slot < 200; slot++) {
        file.writeUInt32LE(0, at + 10)
        at += 10 + 4 * (1 + base) + file.readInt16LE(headers + 40 + 2 * slot) * 4 * (1 + upper)
      }
      writeFileSync(from, file)
      expect(orderGraph(from, to, never)).toBe(true)
      const { keys } = readVertices(to, 200, vectorBytes)
      const entry = Number(file.readBigUInt64LE(headers + 32))
      expect(keys).toEqual([entry, ...Array.from({ length: 200 }, (_, i) => i).filter((i) => i !== entry)])
    })
  })

  test('is not made of what is laid out otherwise', async () => {
    await withSaved(100, 'bf16', ({ from, to }) => {
      const file = readFileSync(from)
      const headers = 8 + 100 * file.readUInt32LE(4)
      const graphHeader = headers + 64
      const firstVertex = graphHeader + 40 + 2 * 100
      const changes: [string, (changed: Buffer) => unknown][] = [
        ['another kind', (changed) => changed.write('another', headers)],
        ['more vertices than vectors', (changed) => changed.writeUInt8(101, graphHeader)],
        ['another room for neighbours', (changed) => changed.writeUInt8(33, graphHeader + 16)],
        ['an entry that is none', (changed) => changed.writeUInt8(100, graphHeader + 32)],
        ['a level below the ground', (changed) => changed.writeInt16LE(-1, graphHeader + 40)],
        ['more neighbours than room', (changed) => changed.writeUInt32LE(33, firstVertex + 10)],
        ['a neighbour that is none', (changed) => changed.writeUInt32LE(100, firstVertex + 14)],
      ]
      const refused = (what: string, bytes: Buffer) => {
        writeFileSync(from, bytes)
        expect([what, orderGraph(from, to, never)]).toEqual([what, false])
        expect(existsSync(to)).toBe(false)
      }
      refused('nothing', Buffer.alloc(0))
      refused('no vectors', Buffer.alloc(1_000))
      refused('a byte more', Buffer.concat([file, Buffer.alloc(1)]))
      refused('a byte less', file.subarray(0, -1))
      for (const [what, change] of changes) {
        const changed = Buffer.from(file)
        change(changed)
        refused(what, changed)
      }
    })
  })

  test('stops when nobody wants it any more', async () => {
    await withSaved(5_000, 'i8', ({ from, to }) => {
      let asked = 0
      expect(orderGraph(from, to, () => asked++ === 2)).toBe(false)
      expect(asked).toBe(3)
      expect(() => orderGraph(`${from}-none`, to, never)).toThrow(/ENOENT/)
    })
  })
})
