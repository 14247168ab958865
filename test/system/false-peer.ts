/** The other end of a link, in the hands of a test: it says what it likes. */
import type { Link } from '../../lib/index.js'
import type { Message, WireMessage } from '../../lib/replication/protocol/messages.js'
import { proofOf, transcriptOf } from '../../lib/replication/protocol/proof.js'
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

  /** What a master says that knows the secret, up to the challenge. @returns what the replica has */
  async challengeAs(nodeId: string, secret: string, codec = ''): Promise<Place> {
    const said = (await this.hear()) as Message & { kind: 'hello' }
    const challenge = {
      ...{ version: 1, codec, nodeId, clusterId: said.clusterId, nonce: new Uint8Array(32).fill(7) },
      frameCodes: false,
    }
    const transcript = transcriptOf(said, challenge, new Uint8Array(0))
    const proof = proofOf(Buffer.from(secret), 'master', transcript)
    await this.say({ kind: 'challenge', ...challenge, proof })
    await this.hear()
    return (await this.hear()) as Place
  }

  /** The same, and that operations follow from where the replica is. */
  async welcomeAs(nodeId: string, secret: string, codec = ''): Promise<Place> {
    const place = await this.challengeAs(nodeId, secret, codec)
    const { historyId, epochs, last } = place
    await this.say({
      ...{ kind: 'welcome', historyId, epochs, parent: undefined, fromSeq: last.seq + 1, snapshotReason: '' },
      ...{ head: last, windowBytes: 1_000_000, heartbeatIntervalMs: 10_000, sentAtMs: 1, sent: 0 },
    })
    return place
  }
}

type Place = Message & { kind: 'place' }

export function hello(nodeId: string, changes: Partial<Message & { kind: 'hello' }> = {}): Message {
  return {
    ...{ kind: 'hello', versions: [1], codecs: [], nodeId, clusterId: 'default', nonce: new Uint8Array(32) },
    ...{ keyId: '', role: 'replica', instanceId: `instance of ${nodeId}`, frameCodes: false, ...changes },
  }
}
