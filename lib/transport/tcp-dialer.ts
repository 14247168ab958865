import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Link, PeerInfo } from '../replication/link.js'
import { dialFailure } from './dial-failure.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { steadyMemory } from './steady-memory.js'
import { encodeHello, HELLO_MS_MAX, receiveHello } from './stream-hello.js'
import { StreamLink } from './stream-link.js'
import { KEEP_ALIVE_MS } from './tcp-listener.js'
import { parseAddress, type PreparedTcpOptions } from './tcp-options.js'
import { channelBindingOf, checkServer, namesPeer, type PreparedTls, serverNameOf } from './tls-options.js'
import { transportFailure } from './transport-failure.js'

/** Makes a link to a peer over a connection of its own. @throws as `Transport.dial` does */
export async function dial(options: PreparedTcpOptions, peer: PeerInfo, signal: AbortSignal): Promise<Link> {
  const { id, clock, tls } = options
  const { id: peerId, address } = peer
  const { host, port } = parseAddress(address)
  const place = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
  const secured = tls && tlsSocket(place, peerId, tls)
  const socket = secured ?? plainSocket(place)
  const abort = (): void => void socket.destroy()
  const cancel = clock.timer(() => socket.destroy(timedOut()), HELLO_MS_MAX)
  signal.addEventListener('abort', abort)
  // Why it broke is told by its end, and after a handshake an error of TLS is none.
  socket.on('error', (error) => socket.destroy(error))
  let isOpen = false
  try {
    await opened(socket, secured ? 'secureConnect' : 'connect')
    isOpen = true
    const isProven = secured !== undefined && namesPeer(secured.getPeerCertificate(), peerId)
    const channelBinding = secured && channelBindingOf(secured)
    socket.write(encodeHello({ id, maxFrameBytes: FRAME_BYTES_MAX }))
    const hello = await receiveHello(socket)
    signal.throwIfAborted()
    if (hello.id !== peerId) {
      throw transportFailure(peerId, `At ${address} is the peer ${hello.id}, not ${peerId}.`)
    }
    // What the caller says of the peer proves nothing.
    const found = { id: peerId, address: address as string, ...(isProven && { authenticated: true }) }
    const maxFrameBytes = Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX)
    return new StreamLink(socket, found, maxFrameBytes, clock, false, channelBinding)
  } catch (cause) {
    const hasEnded = socket.destroyed || socket.readableEnded
    socket.destroy()
    signal.throwIfAborted()
    const hasCertificate = tls?.contextOptions.cert !== undefined
    const stage = { id, isTls: tls !== undefined, hasCertificate, isOpen, hasEnded }
    throw dialFailure(peer, socket.errored ?? cause, stage)
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}

type Place = TcpNetConnectOpts & { readonly host: string }

function plainSocket(place: Place): Socket {
  const socket: Socket = connect({ onread: steadyMemory(() => socket), ...place })
  return socket
}

function tlsSocket(place: Place, peerId: string, tls: PreparedTls): TLSSocket {
  const name = tls.servername ?? place.host
  const servername = serverNameOf(name)
  const socket: TLSSocket = connectTls({
    secureContext: tls.context,
    // Said, because a variable of the environment would change it.
    rejectUnauthorized: true,
    checkServerIdentity: checkServer(peerId, name),
    onread: steadyMemory(() => socket),
    ...(servername !== undefined && { servername }),
    ...place,
  })
  return socket
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve())
    socket.once('close', () => reject(socket.errored ?? new Error('The connection ended.')))
  })
}

function timedOut(): Error {
  return Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' })
}
