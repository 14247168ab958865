import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { parseAddress } from '../../lib/transport/tcp-options.js'

/** Stands between two peers, so that a test can break what goes through it. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target = ''
  #cuts = 0

  private constructor() {
    this.#server = createServer((near) => {
      const far = connect(parseAddress(this.#target))
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
  }

  static async listen(): Promise<TcpProxy> {
    const proxy = new TcpProxy()
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** Where to connect for reaching `target`. */
  addressFor(target: string): string {
    this.#target = target
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** Ends every connection, by turns with a reset and as if by an end of its sender. */
  cut(): void {
    const isReset = this.#cuts++ % 2 === 0
    for (const socket of this.#sockets) isReset ? socket.resetAndDestroy() : socket.destroy()
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
