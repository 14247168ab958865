/**
 * A transport of your own, whole, in under sixty lines: stores reach each other over Unix domain sockets (named pipes on Windows).
 * It passes the conformance suite of `replivec/testing`, and then a store is replicated over it. own-link.mjs does without
 * `streamLink`, for pipes that are no stream of Node.
 */
import assert from 'node:assert/strict'
import { on, once } from 'node:events'
import { connect, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { ReplivecError, VectorStore } from 'replivec'
import { testTransport } from 'replivec/testing'
import { streamLink } from 'replivec/transport/stream'

/** @param path - where it listens; a transport that only dials has none */
function socketTransport(id, path) {
  return {
    async dial(peer, { signal }) {
      signal.throwIfAborted()
      const socket = tracked(connect(peer.address))
      await once(socket, 'connect', { signal }).catch((error) => {
        socket.destroy()
        throw signal.aborted ? signal.reason : failed(error)
      })
      return streamLink(socket, { id, peer, signal })
    },

    listen({ signal }) {
      if (signal.aborted) return (async function* () {})()
      const untaken = new Set()
      const stopped = new AbortController()
      const server = createServer(async (socket) => {
        const link = await streamLink(tracked(socket), { id, signal: stopped.signal }).catch(() => undefined)
        if (!link) return // whoever it was said nothing, or something else
        untaken.add(link)
        server.emit('link', link)
      })
      server.maxConnections = 1_000
      const stop = () => {
        stopped.abort()
        server.close()
        for (const link of untaken) void link.close()
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
            untaken.delete(link)
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

function failed(cause) {
  return new ReplivecError('TRANSPORT_FAILED', `No link: ${cause?.message}`, { cause })
}

/** So that the suite can break links from outside. */
const sockets = new Set()
function tracked(socket) {
  return socket.once('close', () => sockets.delete(socket)) && sockets.add(socket) && socket
}

let pairs = 0
function makePair() {
  const address = addressOf(`pair-${++pairs}`)
  return {
    listener: socketTransport('a', address),
    dialer: socketTransport('b'),
    peer: () => ({ id: 'a', address }),
    dialerId: 'b',
    cut: () => sockets.forEach((socket) => socket.destroy()),
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
