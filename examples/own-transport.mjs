/**
 * A transport of your own, in under sixty lines: stores reach each other over Unix domain sockets (named pipes on Windows), with the
 * links of own-link.mjs. It passes the conformance suite of `replivec/testing`, and then a store is replicated over it.
 */
import assert from 'node:assert/strict'
import { on, once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { VectorStore } from 'replivec'
import { testTransport } from 'replivec/testing'
import { failed, framesOf, StreamLink } from './own-link.mjs'

/** @param path - where it listens; a transport that only dials has none */
function socketTransport(id, path) {
  return {
    async dial(peer, { signal }) {
      signal.throwIfAborted()
      const socket = connect(peer.address)
      await once(socket, 'connect', { signal }).catch((error) => {
        socket.destroy()
        throw signal.aborted ? signal.reason : failed(error)
      })
      const link = new StreamLink(socket, peer)
      await link.send(Buffer.from(id)) // says who it is
      return link
    },

    listen({ signal }) {
      if (signal.aborted) return (async function* () {})()
      const untaken = new Set()
      const server = createServer(async (socket) => {
        untaken.add(socket.on('error', () => {}))
        const late = setTimeout(() => socket.destroy(), 5_000)
        const frames = framesOf(socket, 128)
        const { value } = await frames.next().catch(() => ({}))
        clearTimeout(late)
        if (value) server.emit('link', new StreamLink(socket, { id: String(Buffer.from(value)) }, frames))
        else untaken.delete(socket.destroy())
      })
      server.maxConnections = 1_000
      const stop = () => {
        server.close()
        for (const socket of untaken) socket.destroy()
      }
      signal.addEventListener('abort', stop)
      const arrivals = on(server, 'link', { signal })
      const ready = once(server.listen(path), 'listening', { signal })
      ready.catch(() => {}) // who only iterates hears of it there
      return Object.assign(links(), { ready })

      async function* links() {
        try {
          for await (const [link] of arrivals) {
            if (signal.aborted) return
            untaken.delete(link.stream)
            yield link
          }
        } catch (error) {
          if (!signal.aborted) throw failed(error)
        } finally {
          stop()
        }
      }
    },
  }
}

let pairs = 0
function makePair() {
  const address = addressOf(`pair-${++pairs}`)
  return {
    listener: socketTransport('a', address),
    dialer: socketTransport('b'),
    peer: () => ({ id: 'a', address }),
    dialerId: 'b',
    cut: (link) => link.stream.destroy(),
  }
}
testTransport('Unix domain sockets', makePair, { describe, test })

test('replicates a store', async () => {
  const address = addressOf('master')
  const master = await VectorStore.open({
    nodeId: 'master',
    replication: { role: 'master', transport: socketTransport('master', address) },
  })
  const replica = await VectorStore.open({
    nodeId: 'replica',
    replication: {
      role: 'replica',
      transport: socketTransport('replica'),
      master: { id: 'master', address },
    },
  })
  const notes = await master.createCollection('notes', { dimensions: 2, metric: 'cosine' })
  const { position } = await notes.upsert({ id: 'a', vector: [1, 0] })
  await replica.replication.waitFor(position)
  const found = await (await replica.openCollection('notes')).search({ vector: [1, 0.1], topK: 1 })
  assert.equal(found[0].id, 'a')
  await replica.close()
  await master.close()
})

function addressOf(name) {
  return process.platform === 'win32' ? `\\\\.\\pipe\\replivec-${process.pid}-${name}` : `${name}.socket`
}
