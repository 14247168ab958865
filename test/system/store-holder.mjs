/**
 * Opens the store of a directory in a process or a worker thread of its own, says how that went, and holds it until
 * told to close or killed. Process: the directory is the argument, answers are lines. Worker: both are messages.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { VectorStore } from '../../dist/index.js'

const path = isMainThread ? process.argv[2] : workerData
const say = (fact) =>
  isMainThread ? process.stdout.write(`${JSON.stringify(fact)}\n`) : parentPort.postMessage(fact)

try {
  const store = await VectorStore.open({ path })
  const notes = await store.getOrCreateCollection('notes', { dimensions: 2, metric: 'dot' })
  await notes.upsert({ id: `held-by-${isMainThread ? 'process' : 'worker'}`, vector: [1, 2] })
  const close = () => store.close().then(() => say({ closed: true }))
  if (isMainThread) process.stdin.once('data', () => close().then(() => process.exit()))
  else parentPort.once('message', () => close())
  say({ opened: true })
} catch (error) {
  say({ name: error.name, code: error.code, message: error.message, details: error.details })
}
