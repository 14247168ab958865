/** Asks a pool in a process of its own: `node graph-pool-child.mjs <directory> <what>`. */
import process from 'node:process'
import { GraphPool } from '../../../dist/index/backends/graph-pool.js'
import { UsearchGraph } from '../../../dist/index/backends/usearch-graph.js'
import { nodeClock } from '../../../dist/runtime/node-clock.js'

const [directory, what] = process.argv.slice(2)
const shape = { dimensions: 8, metric: 'cos', scalar: 'f32' }
const [graphPath, emptyPath] = [`${directory}/graph`, `${directory}/empty`]
const count = 3_000
const written = new UsearchGraph(shape)
written.save(emptyPath)
written.add(Float32Array.from({ length: count * 8 }, (_, i) => Math.sin(i * i)))
written.save(graphPath)
const pool = new GraphPool({ clock: nodeClock, threads: 2 })
const graph = pool.open({ graphPath, emptyPath, shape, count })
const ask = (k) => graph.search(new Float32Array(8).fill(1), k)
const askMany = (k) => Promise.all(Array.from({ length: 64 }, () => ask(k)))

if (what === 'idle') {
  await ask(5)
  const answers = await askMany(5)
  // Nothing is closed: the process ends because nobody waits.
  console.log(answers.length, pool.threads)
} else if (what === 'asked') {
  // Nothing but the pool keeps the process alive until these are answered.
  for (let round = 0; round < 50; round++) await askMany(5)
  console.log('answered')
  await Promise.all([graph.release(), askMany(5)])
  console.log('released')
  await pool.close()
  console.log('closed')
} else if (what === 'exit') {
  while (pool.threads === 0) await askMany(5)
  for (let round = 0; round < 20; round++) await askMany(5)
  void askMany(count)
  setTimeout(() => process.exit(7), 5)
}
