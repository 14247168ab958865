import { beforeEach, describe, expect, test } from 'vitest'
import type { LogIdentity, Position } from '../../lib/log/position.js'
import type { Message, WireMessage } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { ReplicaSession, type ReplicaSessionOwner } from '../../lib/replication/replica-session.js'
import type { ReplicaStore } from '../../lib/replication/replica-store.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedClock } from '../../lib/testing/simulated-clock.js'
import { SAMPLES } from './protocol/scenario-nodes.js'
import { ToyPipe } from './toy-pipe.js'

const EPOCHS = [{ epoch: 1, nodeId: 'forger', firstSeq: 1 }]
const WELCOME = { ...SAMPLES.welcome, epochs: EPOCHS, head: { epoch: 1, seq: 9 } }

/** A store that takes operations in when the test says so. */
class BusyStore implements ReplicaStore {
  identity = { historyId: 'forged', nodeId: 'r', epochs: EPOCHS } as LogIdentity
  last: Position = { epoch: 0, seq: 0 }
  readonly durableSeq = 0
  readonly appliedSeq = 0
  readonly hasData = false
  /** The last of each batch. */
  readonly appended: number[] = []
  isBusy = true
  #free: (() => void) | undefined

  append(frames: Uint8Array): Promise<void> | undefined {
    // One operation a byte.
    this.last = { epoch: 1, seq: this.last.seq + frames.byteLength }
    this.appended.push(this.last.seq)
    return this.isBusy ? new Promise((resolve) => (this.#free = resolve)) : undefined
  }

  free(): void {
    this.isBusy = false
    this.#free?.()
  }

  onProgress(): void {}
  async adopt(): Promise<void> {}
  async beginSnapshot(): Promise<void> {}
  async storePiece(): Promise<number> {
    return 0
  }
  async install(): Promise<void> {}
  async discardSnapshot(): Promise<void> {}
}

/** Writes down what it is told. */
class ToyOwner implements ReplicaSessionOwner {
  readonly told: string[] = []
  welcomed(): void {
    this.told.push('welcomed')
  }
  heartbeat({ head }: Message & { kind: 'heartbeat' }): void {
    this.told.push(`heartbeat ${head.seq}`)
  }
  received({ lastSeq }: Message & { kind: 'operations' }): void {
    this.told.push(`received ${lastSeq}`)
  }
  pieceReceived(): void {}
  snapshotStarted(): void {}
  installed(): void {}
  adopted(): void {}
  halted(): void {}
  unlinked(): void {}
  failed(error: Error): void {
    this.told.push(error.message)
  }
}

const operations = (firstSeq: number, lastSeq: number): Uint8Array =>
  encodeWire({
    ...SAMPLES.operations,
    ...{ firstSeq, lastSeq, headSeq: lastSeq, frames: new Uint8Array(lastSeq - firstSeq + 1) },
  })
const heartbeat = (seq: number): Uint8Array => encodeWire({ ...SAMPLES.heartbeat, head: { epoch: 1, seq } })
const kinds = ({ sent }: ToyPipe): WireMessage['kind'][] => sent.map((frame) => decodeWire(frame).kind)

let clock: SimulatedClock
let store: BusyStore
let owner: ToyOwner
let session: ReplicaSession
beforeEach(() => {
  clock = new SimulatedClock()
  store = new BusyStore()
  owner = new ToyOwner()
  session = new ReplicaSession({
    config: {
      ...{
        nodeId: 'r',
        clusterId: 'one',
        instanceId: 'r1',
        versions: [1],
        masterId: undefined,
        dials: false,
      },
      ...{ discardLocal: false, codecs: [], frameCodes: false, handshakeTimeoutMs: 10_000 },
      ...{ heartbeatIntervalMs: 10_000, silenceMs: 60_000, backoffMs: { first: 100, max: 30_000 } },
      haltedRetryMs: 60_000,
    },
    ...{ clock, random: new SeededRandom(1), store, owner, codecs: new Map(), keys: () => undefined },
    counts: { bytesSent: 0, bytesReceived: 0 },
    compression: { plainBytes: 0, packedBytes: 0, skipped: 0 } as never,
    ...{ transport: undefined, master: undefined },
  })
  session.start()
})

/** A link over which the replica follows a master that has written one operation, which the store is taking in. */
async function streaming(): Promise<ToyPipe> {
  const pipe = new ToyPipe()
  session.follow(pipe)
  pipe.arrive(encodeWire(SAMPLES.challenge), encodeWire(WELCOME), operations(1, 1))
  await clock.yield()
  expect(store.appended).toEqual([1])
  return pipe
}

describe('a link that takes the place of another while the store is busy', () => {
  test('is not believed before it is met', async () => {
    await streaming()
    owner.told.length = 0
    const next = new ToyPipe()
    next.arrive(operations(2, 3), heartbeat(2 ** 40))
    session.follow(next)
    await clock.yield()
    expect([store.appended, owner.told, kinds(next)]).toEqual([[1], [], []])
    store.free()
    await clock.yield()
    expect([store.appended, owner.told, kinds(next)]).toEqual([[1], [], ['hello']])
  })

  test('is followed once the store is done', async () => {
    const before = await streaming()
    const next = new ToyPipe()
    session.follow(next)
    before.arrive(operations(2, 2))
    await clock.yield()
    store.free()
    await clock.yield()
    next.arrive(encodeWire(SAMPLES.challenge), encodeWire({ ...WELCOME, fromSeq: 2 }))
    next.arrive(operations(2, 4))
    await clock.yield()
    expect([store.appended, kinds(next).slice(0, 3)]).toEqual([
      [1, 4],
      ['hello', 'proof', 'place'],
    ])
  })
})
