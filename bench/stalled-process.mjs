/**
 * A master in a process of its own that is written to at full speed: `node stalled-process.mjs <path> <whether a replica is
 * stalled> <seconds>`. It reports the most memory it took.
 */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process, { argv, kill } from 'node:process'
import { loadDataset } from './dataset.mjs'
import { openMaster, startReplica } from './replicas.mjs'
import { watchMemory } from './resident.mjs'

const [, , path, whether, seconds] = argv
const CALLERS = 16
const data = loadDataset(5_000)
const { store, address } = await openMaster(join(path, 'master'))
const collection = await store.createCollection('packages', { dimensions: 256, metric: 'cosine' })
for (const batch of data.batches(1_000)) await collection.upsert(batch)
let replica
if (whether === 'a stalled replica') {
  replica = startReplica(path, 'replica', address)
  await replica.ask('open')
  await replica.ask('waitFor')
  kill(replica.pid, 'SIGSTOP')
}
const memory = watchMemory()
const started = performance.now()
let next = 0
const caller = async () => {
  while (performance.now() - started < Number(seconds) * 1_000) await collection.upsert(data.record(next++))
}
await Promise.all(Array.from({ length: CALLERS }, caller))
const rate = next / ((performance.now() - started) / 1_000)
const most = memory.end()
const [info] = store.replication.getReplicas()
const { lagOperations = 0, queuedBytes = 0, inFlightBytes = 0 } = info ?? {}
if (replica) await replica.kill()
await store.close()
process.send({ most, rate, lagOperations, queuedBytes, inFlightBytes }, () => process.disconnect())
