/**
 * What there is to watch: a replica that falls behind and catches up, and one that goes away for good. The thresholds are much shorter
 * here than by default, so that it takes two seconds.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { VectorStore } from 'replivec'
import { memoryNetwork } from 'replivec/transport/memory'

const network = memoryNetwork()
const thresholds = { heartbeatIntervalMs: 50, laggingAfterMs: 100, disconnectedAfterMs: 1_000 }

const master = await VectorStore.open({
  nodeId: 'master',
  replication: { role: 'master', transport: network.transport('master'), ...thresholds },
})
const seen = []
let drawn = ''
master.on('replication', (event) => {
  const { kind, peerId } = event
  tell(kind === 'status' ? `${peerId} is ${event.status}, was ${event.before}` : `${peerId} ${kind}`)
})
// The two statuses that somebody should hear of are warnings too, and go to the `logger` of the store.
master.on('warning', ({ code, details }) => tell(`warning ${code} for ${details.peerId}`))

const east = await openReplica('east')
const west = await openReplica('west')

// A poll is cheap: it reads counters. What to draw: the lag, and what waits.
const polling = setInterval(poll, 25)
const points = await master.createCollection('points', { dimensions: 2, metric: 'euclidean' })
await points.upsert({ id: 'a', vector: [0, 0] }, { writeConcern: { w: 'all' } })

// A master that pauses sends no operations, so its replicas lag; heartbeats go on, so nobody is taken for dead.
master.replication.pause()
await points.upsert({ id: 'b', vector: [1, 1] })
await until('east is Lagging, was Connected')
await until('west is Lagging, was Connected')
const [behind] = master.replication.getReplicas()
assert.equal(behind.lagOperations, 1)
assert.ok(behind.lagMs > thresholds.laggingAfterMs)
master.replication.resume()
await until('east is Connected, was Lagging')
await until('west is Connected, was Lagging')

// A replica that is gone stays listed as it was last seen, and counts for `w: 'all'`, until it is forgotten.
await west.close()
await until('west is Disconnected, was Connected')
assert.deepEqual(
  master.replication.getReplicas().map(({ id, status }) => [id, status]),
  [
    ['east', 'Connected'],
    ['west', 'Disconnected'],
  ],
)
assert.equal(master.replication.getStats().connectedReplicas, 1)
await points.delete('a')
assert.equal(master.replication.getStats().lagOperations, 1)
master.replication.forget('west')
await until('west forgotten')
await east.replication.waitFor()
assert.equal(master.replication.getStats().lagOperations, 0)

clearInterval(polling)
await east.close()
await master.close()

function openReplica(id) {
  const replication = { role: 'replica', transport: network.transport(id), master: { id: 'master' } }
  return VectorStore.open({ nodeId: id, replication: { ...replication, ...thresholds } })
}

function tell(line) {
  seen.push(line)
  console.log(line)
}

function poll() {
  const { lagMs, lagOperations, connectedReplicas, operationsPending } = master.replication.getStats()
  const late = lagMs > thresholds.laggingAfterMs ? ', late' : ''
  const line = `  ${connectedReplicas} connected, ${lagOperations} behind, ${operationsPending} pending${late}`
  if (line !== drawn) console.log(line)
  drawn = line
}

async function until(line) {
  for (let i = 0; !seen.includes(line); i++) {
    assert.ok(i < 1_000, `This did not happen: ${line}`)
    await sleep(10)
  }
}
