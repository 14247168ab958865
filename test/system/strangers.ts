/** Connections of strangers to a listener over TCP, TLS or a WebSocket, on which a test says what it likes, byte by byte. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { WebSocket } from 'ws'
import type { Transport } from '../../lib/index.js'
import type { Clock } from '../../lib/runtime/clock.js'
import { encodeHello, encodeHelloMessage } from '../../lib/transport/stream-hello.js'
import { parseAddress } from '../../lib/transport/tcp-options.js'
import { tcp } from '../../lib/transport/tcp.js'
import { webSocket } from '../../lib/transport/websocket.js'
import { CertificateAuthority } from '../transport/certificates.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const MIB = 1024 * 1024

export interface Stranger {
  /** Says some bytes, and that nothing is whole yet. */
  dribble(byte: Uint8Array): void
  /** Says who it is, as far as the transport wants to know. */
  greet(id: string, maxFrameBytes?: number): void
  readonly isOpen: boolean
  leave(): void
}

/** One way to reach a master. */
export interface Door {
  readonly name: string
  listener(id: string, clock: Clock): Transport
  dialer(id: string): Transport
  /** A connection on which nothing was said. */
  knock(address: string): Promise<Stranger>
  /** One that got as far as anybody gets without saying who he is. */
  enter(address: string): Promise<Stranger>
}

const authority = await CertificateAuthority.create()
const { ca } = authority
const identity = await authority.issue('m')

function strangerOn(socket: Socket): Stranger {
  // What is sent to it is read away, or it would not hear of the end.
  socket.on('error', () => {}).resume()
  let isOpen = true
  socket.on('close', () => {
    isOpen = false
  })
  return {
    dribble: (byte) => void socket.write(byte),
    greet: (id, maxFrameBytes = MIB) => void socket.write(encodeHello({ id, maxFrameBytes })),
    get isOpen() {
      return isOpen
    },
    leave: () => void socket.destroy(),
  }
}

async function knock(address: string): Promise<Stranger> {
  const socket = connect(parseAddress(address))
  const stranger = strangerOn(socket)
  // One that is closed at once has connected before.
  await once(socket, 'connect')
  return stranger
}

const overTcp: Door = {
  name: 'TCP',
  listener: (id, clock) => tcp({ id, listen: LOCAL, clock }),
  dialer: (id) => tcp({ id }),
  knock,
  enter: knock,
}

const overTls: Door = {
  name: 'TLS',
  listener: (id, clock) => tcp({ id, listen: LOCAL, tls: identity, clock }),
  dialer: (id) => tcp({ id, tls: { ca } }),
  knock,
  enter: async (address) => {
    const socket = connectTls({ ...parseAddress(address), ca })
    const stranger = strangerOn(socket)
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
    return stranger
  },
}

const overWebSocket: Door = {
  name: 'WebSocket',
  listener: (id, clock) => webSocket({ id, listen: LOCAL, clock }),
  dialer: (id) => webSocket({ id }),
  knock,
  enter: async (address) => {
    const socket = new WebSocket(`ws://${address}/replivec`, 'replivec.1').on('error', () => {})
    await Promise.race([once(socket, 'open'), once(socket, 'close')])
    return {
      dribble: (byte) => void socket.send(byte, { fin: false }, () => {}),
      greet: (id, maxFrameBytes = MIB) =>
        void socket.send(encodeHelloMessage({ id, maxFrameBytes }), () => {}),
      get isOpen() {
        return socket.readyState !== WebSocket.CLOSED
      },
      leave: () => void socket.terminate(),
    }
  },
}

export const DOORS: readonly Door[] = [overTcp, overTls, overWebSocket]
