/** Whom a transport does not let in is counted and told of by the store, though it never had a link. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import type { ReplicationEvent } from '../../lib/index.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { parseAddress } from '../../lib/transport/tcp-options.js'
import { tcp } from '../../lib/transport/tcp.js'
import { webSocket } from '../../lib/transport/websocket.js'
import { CertificateAuthority } from '../transport/certificates.js'
import { describeClusters, IN_MEMORY, SHAPE, until } from './cluster.js'

const LOCAL = { host: '127.0.0.1', port: 0 }

describeClusters(
  (cluster) => {
    const refusals = (): ReplicationEvent[] =>
      cluster.node('m').events.filter(({ kind }) => kind === 'refused')

    test('over TCP: noise, silence, and not those who just leave', async () => {
      const clock = new SimulatedClock()
      const transport = tcp({ id: 'm', listen: LOCAL, clock })
      const { store } = await cluster.open('m', { role: 'master', transport })
      const noise = connect(parseAddress(transport.address))
      noise.on('error', () => {}).resume()
      noise.write('GET / HTTP/1.1\r\n\r\n')
      await once(noise, 'close')
      const silent = connect(parseAddress(transport.address))
      silent.on('error', () => {}).resume()
      await once(silent, 'connect')
      await until('it is waited for', () => clock.pendingTimers > 0)
      await clock.advance(10_000)
      const leaving = connect(parseAddress(transport.address))
      await once(leaving, 'connect')
      leaving.end()
      await once(leaving.resume(), 'close')
      await until('both are told', () => refusals().length === 2)
      expect(refusals()).toEqual([
        {
          ...{ kind: 'refused', peerId: '', reason: 'protocol' },
          message: expect.stringContaining('does not speak this protocol'),
          address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        },
        {
          ...{
            kind: 'refused',
            peerId: '',
            reason: 'handshake',
            message: expect.stringContaining('too long'),
          },
          address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        },
      ])
      expect(store.replication.getStats()?.refused).toBe(2)
    })

    test('over TLS: strangers, and certificates of somebody else', async () => {
      const authority = await CertificateAuthority.create()
      const other = await CertificateAuthority.create('other')
      const { ca } = authority
      const [m, r, x] = [await authority.issue('m'), await authority.issue('r'), await other.issue('r')]
      const transport = tcp({ id: 'm', listen: LOCAL, tls: { ...m, ca } })
      const { store } = await cluster.open('m', { role: 'master', transport })
      const master = { id: 'm', address: transport.address as string }
      await cluster.open('r', { role: 'replica', master, transport: tcp({ id: 'r', tls: { ...r, ca } }) })
      await cluster.open('r2', { role: 'replica', master, transport: tcp({ id: 'r2', tls: { ...r, ca } }) })
      await cluster.open('r3', { role: 'replica', master, transport: tcp({ id: 'r3', tls: { ...x, ca } }) })
      await (await store.createCollection('things', SHAPE)).upsert(
        { id: 'x', vector: [1, 2, 3, 4] },
        { writeConcern: { w: 2 } },
      )
      await until('both are told', () => refusals().length >= 2)
      const told = refusals().map((event) => event.kind === 'refused' && [event.peerId, event.reason])
      expect(told).toContainEqual(['r2', 'unauthorized'])
      expect(told).toContainEqual(['', 'unauthorized'])
      expect(store.replication.getReplicas()?.map(({ id }) => id)).toEqual(['r'])
    })

    test.each(['tcp', 'webSocket'] as const)(
      'over TLS by %s: everybody by where he is and why, in one line',
      async (kind) => {
        const make = kind === 'tcp' ? tcp : webSocket
        const authority = await CertificateAuthority.create()
        const { ca } = authority
        const [m, x] = [
          await authority.issue('m'),
          await (await CertificateAuthority.create('other')).issue('r'),
        ]
        const old = await authority.issue({ subject: 'r', notAfter: new Date(Date.now() - 60_000) })
        const transport = make({ id: 'm', listen: LOCAL, tls: { ...m, ca } })
        const { store } = await cluster.open('m', { role: 'master', transport })
        const leave = (socket: Socket): Promise<void> =>
          new Promise((resolve) =>
            socket
              .on('error', () => {})
              .on('close', () => resolve())
              .resume(),
          )
        const place = { ...parseAddress(transport.address), ca, checkServerIdentity: () => undefined }
        await leave(connectTls(place))
        await leave(connectTls({ ...place, cert: x.cert, key: x.key }))
        await leave(connectTls({ ...place, cert: old.cert, key: old.key }))
        await leave(connect(parseAddress(transport.address)).end('this is no TLS at all, whatever it is\n'))
        await until('all are told', () => refusals().length === 4)
        const words = [
          /showed no certificate/,
          /authority that is not believed/,
          /has expired/,
          /does not speak TLS/,
        ]
        expect(refusals()).toEqual(
          words.map((message) => ({
            ...{ kind: 'refused', peerId: '', reason: 'unauthorized' },
            message: expect.stringMatching(message),
            address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
          })),
        )
        for (const event of refusals()) expect(event.kind === 'refused' && event.message).not.toMatch(/\n/)
        expect(new Set(refusals().map((event) => event.kind === 'refused' && event.address)).size).toBe(4)
        expect(store.replication.getStats()?.refused).toBe(4)
      },
    )

    test('over HTTP: what is none, and what is asked for at another path', async () => {
      const transport = webSocket({ id: 'm', listen: LOCAL })
      const { store } = await cluster.open('m', { role: 'master', transport })
      for (const said of [
        'this is no HTTP\r\n\r\n',
        'GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      ]) {
        const socket = connect(parseAddress(transport.address))
        socket.write(said)
        await once(socket.on('error', () => {}).resume(), 'close')
      }
      await until('both are told', () => refusals().length === 2)
      expect(refusals()).toMatchObject([
        { reason: 'protocol', message: expect.stringContaining('does not speak HTTP') },
        { reason: 'protocol', message: 'Nothing is served at this path.' },
      ])
      expect(store.replication.getStats()?.refused).toBe(2)
    })

    test('over WebSocket: pages in browsers, and what speaks another language', async () => {
      const transport = webSocket({ id: 'm', listen: LOCAL })
      const { store } = await cluster.open('m', { role: 'master', transport })
      const url = `http://${transport.address}/replivec`
      const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
      const ask = async (headers: Record<string, string>): Promise<void> => {
        const socket = connect(parseAddress(transport.address))
        const lines = Object.entries({
          ...upgrade,
          'Sec-WebSocket-Key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
          ...headers,
        })
        socket.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nHost: x\r\n`)
        socket.end(`${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`)
        await once(socket.on('error', () => {}).resume(), 'close')
      }
      await ask({ Origin: 'https://evil.example', 'Sec-WebSocket-Protocol': 'replivec.1' })
      await ask({ 'Sec-WebSocket-Protocol': 'chat' })
      await until('both are told', () => refusals().length === 2)
      expect(refusals().map((event) => event.kind === 'refused' && event.reason)).toEqual([
        'protocol',
        'protocol',
      ])
      expect(store.replication.getStats()?.refused).toBe(2)
    })
  },
  [IN_MEMORY],
)
