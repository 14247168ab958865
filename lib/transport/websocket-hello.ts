import { decodeHelloMessage, HELLO_BYTES_MAX, type StreamHello } from './stream-hello.js'
import { transportFailure } from './transport-failure.js'
import type { WebSocketConnection } from './websocket-package.js'

/**
 * What may come without a hello in it. The package gathers messages of up to 16 MiB before it tells of them, so bytes are counted; beside
 * the hello there is room for its frame, and for what a gateway in between may say.
 */
const UNNAMED_BYTES_MAX = 4 * HELLO_BYTES_MAX

/**
 * Waits for the other side's hello.
 *
 * @param welcome - called with it before anything else is read: messages may follow in the same piece
 * @returns what `welcome` returns
 * @throws `TRANSPORT_FAILED` when something else comes, or the connection ends; what `welcome` throws
 */
export function receiveWebSocketHello<T>(
  { webSocket, socket }: WebSocketConnection,
  welcome: (hello: StreamHello) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let heardBytes = 0
    const finish = (): void => {
      webSocket.off('message', read).off('error', fail).off('close', close)
      socket.off('data', count)
    }
    const fail = (error: Error): void => {
      finish()
      reject(error)
    }
    const read = (data: unknown, isBinary: boolean): void => {
      finish()
      try {
        if (!isBinary) throw transportFailure(undefined, 'The other side does not speak this protocol.')
        resolve(welcome(decodeHelloMessage(data as Buffer)))
      } catch (error) {
        reject(error)
      }
    }
    // Called after the package has read the piece. A promise that is settled stays so.
    const count = (piece: Buffer): void => {
      heardBytes += piece.byteLength
      if (heardBytes > UNNAMED_BYTES_MAX)
        fail(transportFailure(undefined, 'The other side does not speak this protocol.'))
    }
    const close = (code: number): void => {
      const how = code === 1006 ? 'The connection ended' : `The connection was closed with the code ${code}`
      const message = `${how} before the other side said who it is.`
      fail(transportFailure(undefined, message, socket.errored ?? undefined))
    }
    webSocket.on('message', read).on('error', fail).on('close', close)
    socket.on('data', count)
  })
}
