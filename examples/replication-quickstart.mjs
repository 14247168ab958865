/** The second program of the README: a master, a replica, and a write that both have. */
import { VectorStore } from 'replivec'
import { memoryNetwork } from 'replivec/transport/memory'

const network = memoryNetwork() // between processes and machines: tcp of 'replivec/transport/tcp'
const master = await VectorStore.open({
  nodeId: 'a',
  replication: { role: 'master', transport: network.transport('a') },
})
const replica = await VectorStore.open({
  nodeId: 'b',
  replication: { role: 'replica', transport: network.transport('b'), master: { id: 'a' } },
})
const animals = await master.createCollection('animals', { dimensions: 3, metric: 'cosine' })
const { acks } = await animals.upsert({ id: 'cat', vector: [0.9, 0.1, 0] }, { writeConcern: { w: 2 } })
const there = await replica.openCollection('animals')
console.log(`${acks} nodes have`, await there.search({ vector: [1, 0, 0], topK: 1 }))
await replica.close()
await master.close()
