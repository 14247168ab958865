import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectSecurely, type ConnectionOptions } from 'node:tls'

/** A proxy through which connections go out by CONNECT, and the agent that a host would use with it. */
export class ConnectProxy {
  /** Where it was asked to connect to, as it was written. */
  readonly asked: string[] = []
  readonly #server: Server = createServer()
  readonly #sockets = new Set<Duplex>()

  static async listen(): Promise<ConnectProxy> {
    const proxy = new ConnectProxy()
    proxy.#server.on('connect', (asking, near) => {
      proxy.asked.push(asking.url ?? '')
      const [host, port] = (asking.url ?? '').split(':')
      const far = connect(Number(port), host)
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.#sockets.add(socket)
        socket.on('error', () => {}).on('close', () => other.destroy())
      }
      far.once('connect', () => {
        near.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        near.pipe(far).pipe(near)
      })
    })
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** What makes connections through it, as packages for that do. */
  agent(): Agent {
    const { port } = this.#server.address() as AddressInfo
    const agent = new Agent()
    const createConnection = (
      options: ConnectionOptions & { secureEndpoint?: boolean },
      created: (error: Error | null, socket?: Duplex) => void,
    ): void => {
      const path = `${options.host}:${options.port}`
      const asking = request({ host: '127.0.0.1', port, method: 'CONNECT', path }).end()
      asking.on('error', created)
      asking.on('connect', (_, socket: Socket) => {
        const isSecure = options.checkServerIdentity !== undefined
        created(null, isSecure ? connectSecurely({ ...options, socket }) : socket)
      })
    }
    // With a protocol of its own, an agent for `http:` would be refused for `wss:`.
    return Object.assign(agent, { createConnection, protocol: undefined })
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
