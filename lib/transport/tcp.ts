import { connect, type Socket } from 'node:net'
import type { Link, PeerInfo, Transport } from '../replication/link.js'
import { systemErrorCode } from '../runtime/system-error.js'
import { invalid } from './checked-options.js'
import { FRAME_BYTES_MAX } from './frame-limit.js'
import { encodeHello, HELLO_MS_MAX, receiveHello } from './stream-hello.js'
import { StreamLink } from './stream-link.js'
import { KEEP_ALIVE_MS, TcpListener } from './tcp-listener.js'
import { parseAddress, type PreparedTcpOptions, prepareTcpOptions, type TcpOptions } from './tcp-options.js'
import { transportFailure } from './transport-failure.js'

export type { TcpListenOptions, TcpOptions } from './tcp-options.js'

/** Memory that a link reads into. */
const READ_BYTES = 256 * 1024

/** Links over TCP. */
export interface TcpTransport extends Transport {
  /** `host:port` while it listens, with the port that the system picked if it was asked to. */
  readonly address?: string | undefined
}

/**
 * Links over TCP, for networks in which everybody is trusted: nothing is encrypted, and the id a peer gives is only a claim.
 * `peer.address` is `host:port`, or `[::1]:port`. Frames have up to 16 MiB. A dial fails after 10 seconds at most. A clean
 * `close` waits up to 3 seconds for the other side to take what was sent.
 *
 * @param options - `listen` names the place where other peers reach this one; without it the transport only dials
 * @throws `OPTIONS_INVALID`; `listen()` too, without that option, and `dial` for an address that is none. Else `dial` rejects
 *   with `TRANSPORT_FAILED`, also when another peer answers than was asked for
 *
 * @example
 * ```ts
 * import { tcp } from 'replivec/transport/tcp'
 *
 * const { signal } = new AbortController()
 * const server = tcp({ id: 'a', listen: { host: '127.0.0.1', port: 0 } })
 * const listening = server.listen({ signal })
 * await listening.ready
 *
 * const link = await tcp({ id: 'b' }).dial({ id: 'a', address: server.address! }, { signal })
 * await link.send(new Uint8Array([1, 2, 3]))
 * await link.close()
 * ```
 */
export function tcp(options: TcpOptions): TcpTransport {
  const prepared = prepareTcpOptions(options)
  let listener: TcpListener | undefined
  return {
    nodeId: prepared.id,
    get address() {
      return listener?.address
    },
    async dial(peer, { signal }) {
      signal.throwIfAborted()
      return dial(prepared, peer, signal)
    },
    listen({ signal }) {
      const { listen } = prepared
      if (listen === undefined) throw invalid('listen', 'given to tcp() for a transport that listens')
      if (listener?.isStopped === false) {
        throw transportFailure(
          prepared.id,
          'This transport listens already; abort the signal it was given first.',
        )
      }
      listener = new TcpListener(prepared, listen, signal)
      return listener
    },
  }
}

async function dial({ id, clock }: PreparedTcpOptions, peer: PeerInfo, signal: AbortSignal): Promise<Link> {
  const { host, port } = parseAddress(peer.address)
  const socket = steadySocket(host, port)
  const abort = (): void => void socket.destroy()
  const cancel = clock.timer(() => socket.destroy(timedOut()), HELLO_MS_MAX)
  signal.addEventListener('abort', abort)
  // Why it broke is told by its end.
  socket.on('error', () => {})
  try {
    await connected(socket)
    socket.write(encodeHello({ id, maxFrameBytes: FRAME_BYTES_MAX }))
    const hello = await receiveHello(socket)
    signal.throwIfAborted()
    if (hello.id !== peer.id) {
      throw transportFailure(peer.id, `At ${peer.address} is the peer ${hello.id}, not ${peer.id}.`)
    }
    return new StreamLink(socket, peer, Math.min(hello.maxFrameBytes, FRAME_BYTES_MAX), clock, false)
  } catch (cause) {
    socket.destroy()
    signal.throwIfAborted()
    const error = socket.errored ?? cause
    // Where several addresses of a name were tried, only the code says why.
    const why = (error as Error).message || systemErrorCode(error)
    throw transportFailure(peer.id, `Cannot reach ${peer.id} at ${peer.address}: ${why}`, error)
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}

/**
 * A socket that reads into the same memory again and again, and gives that as its `data`: who dials is mostly a replica, to which nearly
 * everything comes. With memory of its own for each read, which the collector has to find, a snapshot took 20 MiB more.
 */
function steadySocket(host: string, port: number): Socket {
  const socket = connect({
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (bytes, memory) => {
        // Past the stream's own buffer: whoever has it must listen, or have it paused.
        socket.emit('data', Buffer.from(memory.buffer, memory.byteOffset, bytes))
        return true
      },
    },
    ...{ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
  })
  return socket
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('close', () => reject(socket.errored ?? new Error('The connection ended.')))
  })
}

function timedOut(): Error {
  return Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' })
}
