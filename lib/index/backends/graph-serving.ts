import type { Clock } from '../../runtime/clock.js'
import type { TaskHandlers } from '../../runtime/task-serving.js'
import type { TaskRing } from '../../runtime/task-ring.js'
import {
  copyQuery,
  packError,
  readTask,
  type ThreadAnswer,
  type ThreadGraph,
  type ThreadMessage,
  writeAnswer,
} from './graph-tasks.js'
import { UsearchGraph } from './usearch-graph.js'

/** A graph in this thread: its file is mapped by the first query for it. */
interface ServedGraph extends ThreadGraph {
  readonly query: Float32Array
  view?: UsearchGraph
}

/** Searches graphs in a thread of a pool. */
export function graphHandlers(clock: Clock, post: (answer: ThreadAnswer) => void): TaskHandlers {
  const graphs = new Map<number, ServedGraph>()
  return {
    message(posted) {
      const message = posted as ThreadMessage
      if ('open' in message) {
        const { open } = message
        graphs.set(open.graph, { ...open, query: new Float32Array(open.shape.dimensions) })
        return
      }
      const graph = graphs.get(message.release)
      graph?.view?.release(graph.emptyPath)
      graphs.delete(message.release)
      post({ released: message.release })
    },
    task(slot, ring) {
      try {
        search(graphs, ring, slot, clock)
        return true
      } catch (error) {
        post({ failed: slot, error: packError(error) })
        return false
      }
    },
  }
}

function search(graphs: Map<number, ServedGraph>, ring: TaskRing, slot: number, clock: Clock): void {
  const { graph: number, k } = readTask(ring, slot)
  const graph = graphs.get(number)
  if (!graph) throw new Error(`this thread knows of no graph ${number}`)
  graph.view ??= UsearchGraph.view(graph.graphPath, graph.shape, graph.count)
  copyQuery(ring, slot, graph.query)
  const startMs = clock.monotonic()
  const matches = graph.view.search(graph.query, k)
  writeAnswer(ring, slot, graph.shape.dimensions, matches, clock.monotonic() - startMs)
}
