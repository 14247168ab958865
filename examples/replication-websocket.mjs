/**
 * A master on an ordinary HTTP server, beside a route that says how it is, and a replica that follows it over a WebSocket. It needs the
 * package `ws`: npm install ws
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { VectorStore } from 'replivec'
import { webSocket } from 'replivec/transport/websocket'

// The server is the host's: it can have any routes, and other WebSockets on other paths.
const server = createServer((request, response) => {
  if (request.method !== 'GET' || request.url !== '/health') return response.writeHead(404).end()
  const replicas = master.replication.getReplicas().filter(({ linked }) => linked).length
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ replicas }))
})
// Before the store is opened, which waits until replicas can connect.
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()

const master = await VectorStore.open({
  nodeId: 'a',
  replication: { role: 'master', transport: webSocket({ id: 'a', listen: { server } }) },
})
const animals = await master.createCollection('animals', { dimensions: 3, metric: 'cosine' })
await animals.upsert({ id: 'cat', vector: [0.9, 0.1, 0] })

const replica = await VectorStore.open({
  nodeId: 'b',
  replication: {
    role: 'replica',
    transport: webSocket({ id: 'b' }),
    master: { id: 'a', address: `ws://127.0.0.1:${port}/replivec` },
  },
})
const { acks } = await animals.upsert({ id: 'dog', vector: [0.1, 0.9, 0] }, { writeConcern: { w: 2 } })
const there = await replica.openCollection('animals')
const [nearest] = await there.search({ vector: [0, 1, 0], topK: 1 })
console.log(`${acks} nodes have the dog; the replica finds the ${nearest.id}`)

const health = await (await fetch(`http://127.0.0.1:${port}/health`)).json()
assert.deepEqual(health, { replicas: 1 })
console.log('GET /health answers', health)

await replica.close()
await master.close()
// It was left open.
assert.ok(server.listening)
server.closeAllConnections()
server.close()
