/** The other end of a link, in the hands of a test: it says what it likes. */
import type { Link } from '../../lib/index.js'
import type { Message, WireMessage } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'

export class FalsePeer {
  readonly #link: Link
  readonly #frames: AsyncIterator<Uint8Array>

  constructor(link: Link) {
    this.#link = link
    this.#frames = link[Symbol.asyncIterator]()
  }

  say(message: WireMessage): Promise<void> {
    return this.#link.send(encodeWire(message))
  }

  sayBytes(bytes: Uint8Array): Promise<void> {
    return this.#link.send(bytes)
  }

  /** What is said to it; `undefined` when the link is at its end. */
  async hear(): Promise<WireMessage | undefined> {
    const next = await this.#frames.next().catch(() => ({ done: true, value: undefined }) as const)
    return next.done ? undefined : decodeWire(next.value)
  }

  /** All that is said until the link ends. */
  async hearAll(): Promise<WireMessage[]> {
    const all: WireMessage[] = []
    for (let next = await this.hear(); next; next = await this.hear()) all.push(next)
    return all
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  /** A replica's first words, up to the welcome. */
  async joinAs(
    nodeId: string,
    place: Partial<Message & { kind: 'place' }> = {},
  ): Promise<WireMessage | undefined> {
    await this.say(hello(nodeId))
    await this.hear()
    await this.say({ kind: 'proof', proof: new Uint8Array(0) })
    await this.say({
      ...{ kind: 'place', historyId: 'none', epochs: [], last: { epoch: 1, seq: 0 } },
      ...{ snapshotId: '', snapshotBytes: 0, resync: false, ...place },
    })
    return this.hear()
  }
}

export function hello(nodeId: string, changes: Partial<Message & { kind: 'hello' }> = {}): Message {
  return {
    ...{ kind: 'hello', versions: [1], codecs: [], nodeId, clusterId: 'default', nonce: new Uint8Array(32) },
    ...{ keyId: '', role: 'replica', instanceId: `instance of ${nodeId}`, frameCodes: false, ...changes },
  }
}
