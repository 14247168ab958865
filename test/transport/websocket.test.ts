import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { describe, test } from 'vitest'
import { testTransport } from '../../lib/testing/index.js'
import { webSocket } from '../../lib/transport/websocket.js'
import { CertificateAuthority } from './certificates.js'
import { TcpProxy } from './tcp-proxy.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const authority = await CertificateAuthority.create()
const identities = { a: await authority.issue('a'), b: await authority.issue('b') }

testTransport(
  'WebSocket',
  () => {
    const listener = webSocket({ id: 'a', listen: LOCAL })
    return {
      listener,
      dialer: webSocket({ id: 'b' }),
      peer: () => ({ id: 'a', address: listener.address! }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

testTransport(
  'WebSocket with mutual TLS',
  () => {
    const { ca } = authority
    const listener = webSocket({ id: 'a', listen: LOCAL, tls: { ca, ...identities.a } })
    return {
      listener,
      dialer: webSocket({ id: 'b', tls: { ca, ...identities.b } }),
      peer: () => ({ id: 'a', address: `wss://${listener.address}` }),
      dialerId: 'b',
    }
  },
  { describe, test },
)

testTransport(
  'WebSocket on a server of the host',
  async () => {
    const server = await listening(createServer((_, response) => response.writeHead(404).end()))
    const listener = webSocket({ id: 'a', listen: { server }, path: '/links' })
    return {
      listener,
      dialer: webSocket({ id: 'b' }),
      peer: () => ({ id: 'a', address: `ws://${listener.address}/links` }),
      dialerId: 'b',
      close: () => void server.close(),
    }
  },
  { describe, test },
)

testTransport(
  'WebSocket through something that cuts',
  async () => {
    const listener = webSocket({ id: 'a', listen: LOCAL })
    const proxy = await TcpProxy.listen()
    return {
      listener,
      dialer: webSocket({ id: 'b' }),
      peer: () => ({ id: 'a', address: proxy.addressFor(listener.address!) }),
      dialerId: 'b',
      cut: () => proxy.cut(),
      close: () => proxy.close(),
    }
  },
  { describe, test },
)

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
