import type { MessagePort } from 'node:worker_threads'
import type { Link, PeerInfo } from '../replication/link.js'
import { CreditLink, type CreditMessage } from './credit-link.js'
import { isFrame } from './frame-limit.js'

/**
 * A link over a `MessagePort`, to a store in another thread. Both ends of the channel become links this way, and the port belongs
 * to its link from then on. A port has no flow control, so the reader grants its sender credit: about 1 MiB may be on the way
 * unread. Frames have up to 16 MiB and are copied once. The port keeps its thread alive until the link ends.
 *
 * A thread that ends without closing its link, and a port that is closed directly, break the link.
 *
 * @param port - not used by anybody else
 * @param peer - who is at the other end: a port does not say
 *
 * @example
 * ```ts
 * import { MessageChannel, Worker } from 'node:worker_threads'
 * import { portLink } from 'replivec/transport/worker'
 *
 * const { port1, port2 } = new MessageChannel()
 * // There: portLink(workerData, { id: 'main' })
 * const worker = new Worker('./replica.js', { workerData: port2, transferList: [port2] })
 * const link = portLink(port1, { id: `worker ${worker.threadId}` })
 * await link.send(new Uint8Array([1, 2, 3]))
 * await link.close()
 * ```
 */
export function portLink(port: MessagePort, peer: PeerInfo): Link {
  const closed = new Promise<void>((resolve) => port.once('close', () => resolve()))
  const link = new CreditLink(peer, {
    post(message) {
      // The copy that the link made goes over whole, and is not copied again.
      if ('frame' in message) port.postMessage(message, [message.frame.buffer as ArrayBuffer])
      else port.postMessage(message)
    },
    close() {
      port.close()
      return closed
    },
  })
  port.on('message', (message: unknown) => {
    if (isCreditMessage(message)) link.receive(message)
    else link.broke('The other side of the port posted what is no message of a link.')
  })
  port.on('messageerror', (error) => link.broke('A message of the port could not be read.', error))
  port.on('close', () => link.broke('The port was closed, or the thread at its other end has ended.'))
  return link
}

/** Other code may hold the other end of the port, or another version of this. */
function isCreditMessage(message: unknown): message is CreditMessage {
  if (typeof message !== 'object' || message === null) return false
  const { frame, creditBytes, end } = message as Record<string, unknown>
  if (frame !== undefined) return isFrame(frame)
  if (creditBytes !== undefined) return Number.isSafeInteger(creditBytes) && (creditBytes as number) > 0
  return end === 'clean' || end === 'broken'
}
