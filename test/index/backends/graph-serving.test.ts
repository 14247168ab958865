import { existsSync, readFileSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { graphHandlers } from '../../../lib/index/backends/graph-serving.js'
import {
  readAnswer,
  type ThreadAnswer,
  type ThreadGraph,
  unpackError,
  writeTask,
} from '../../../lib/index/backends/graph-tasks.js'
import { type GraphShape, UsearchGraph } from '../../../lib/index/backends/usearch-graph.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { TaskRing } from '../../../lib/runtime/task-ring.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'

const shape: GraphShape = { dimensions: 8, metric: 'cos', scalar: 'bf16' }
const sample = SampleVectors.uniform(new SeededRandom('graph serving'), 'cosine', 300, 8)

/** What a thread does, done here. */
async function serving(
  body: (served: {
    graph: ThreadGraph
    written: UsearchGraph
    posted: ThreadAnswer[]
    tell(message: unknown): void
    ask(graph: number, row: number): number | undefined
    ring: TaskRing
  }) => void,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const graph = { graph: 3, graphPath: `${directory}/g`, emptyPath: `${directory}/e`, shape, count: 300 }
    const written = new UsearchGraph(shape)
    written.save(graph.emptyPath)
    written.add(sample.vectors)
    written.save(graph.graphPath)
    const posted: ThreadAnswer[] = []
    const { message, task } = graphHandlers(nodeClock, (answer) => posted.push(answer))
    const ring = new TaskRing(TaskRing.allocate(1, 4, 1_024))
    const ask = (number: number, row: number) => {
      const slot = ring.reserve() as number
      writeTask(ring, slot, number, sample.vectors.slice(row * 8, row * 8 + 8), 5)
      return task(slot, ring) ? slot : undefined
    }
    body({ graph, written, posted, tell: message, ask, ring })
  })
}

describe('a thread that searches graphs', () => {
  test('answers as the graph does, and lets go of it when told', async () => {
    // Only Linux tells what is mapped.
    const maps = '/proc/self/maps'
    const isMapped = (path: string, otherwise: boolean) =>
      existsSync(maps) ? readFileSync(maps, 'utf8').includes(path) : otherwise
    await serving(({ graph, written, posted, tell, ask, ring }) => {
      tell({ open: graph })
      expect(isMapped(graph.graphPath, false)).toBe(false)
      for (const row of [0, 17, 299]) {
        const slot = ask(3, row) as number
        const { matches } = readAnswer(ring, slot, 8)
        expect(matches).toEqual(written.search(sample.vectors.slice(row * 8, row * 8 + 8), 5))
      }
      expect(isMapped(graph.graphPath, true)).toBe(true)
      tell({ release: 3 })
      expect(isMapped(graph.graphPath, false)).toBe(false)
      tell({ release: 99 })
      expect(posted).toEqual([{ released: 3 }, { released: 99 }])
    })
  })

  test('says why it cannot', async () => {
    await serving(({ graph, posted, tell, ask }) => {
      expect(ask(3, 0)).toBeUndefined()
      tell({ open: { ...graph, count: 299 } })
      expect(ask(3, 0)).toBeUndefined()
      rmSync(graph.graphPath)
      expect(ask(3, 0)).toBeUndefined()
      const errors = posted.map((answer) => ('error' in answer ? unpackError(answer.error) : undefined))
      expect(errors.map((error) => error?.code)).toEqual(Array(3).fill('BACKEND_FAILED'))
      expect(errors.map((error) => error?.message)).toEqual([
        expect.stringContaining('knows of no graph 3'),
        expect.stringContaining('holds 300 vectors of 8 dimensions, not 299 of 8'),
        expect.stringContaining('could not open'),
      ])
    })
  })
})
