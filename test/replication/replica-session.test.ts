import { beforeEach, describe, expect, test } from 'vitest'
import type { LogIdentity, Position } from '../../lib/log/position.js'
import type { Message, WireMessage } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'
import { ReplicaSession, type ReplicaSessionOwner } from '../../lib/replication/replica-session.js'
import type { Transport } from '../../lib/replication/link.js'
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
/** Every link that was dialed. */
let dialed: ToyPipe[]
beforeEach(() => {
  clock = new SimulatedClock()
  store = new BusyStore()
  owner = new ToyOwner()
  dialed = []
  session = sessionOf(false)
  session.start()
})

const transport: Transport = {
  dial: async () => {
    dialed.push(new ToyPipe())
    return dialed.at(-1) as ToyPipe
  },
  listen: () => {
    throw new Error('a replica does not listen')
  },
}

function sessionOf(dials: boolean): ReplicaSession {
  return new ReplicaSession({
    config: {
      ...{ nodeId: 'r', clusterId: 'one', instanceId: 'r1', versions: [1], masterId: undefined, dials },
      ...{ discardLocal: false, codecs: [], frameCodes: false, handshakeTimeoutMs: 10_000 },
      ...{ heartbeatIntervalMs: 10_000, silenceMs: 60_000, backoffMs: { first: 100, max: 30_000 } },
      haltedRetryMs: 60_000,
    },
    ...{ clock, random: new SeededRandom(1), store, owner, codecs: new Map(), keys: () => undefined },
    counts: { bytesSent: 0, bytesReceived: 0 },
    compression: { plainBytes: 0, packedBytes: 0, skipped: 0 } as never,
    transport: dials ? transport : undefined,
    master: dials ? { id: 'forger' } : undefined,
  })
}

/** One that dials, and whose store is busy with what the first link brought when that ends. */
async function dialing(): Promise<void> {
  session = sessionOf(true)
  session.start()
  await clock.yield()
  dialed[0]?.arrive(encodeWire(SAMPLES.challenge), encodeWire(WELCOME), operations(1, 1), 'end')
  await clock.yield()
  expect([dialed.length, store.appended, session.state.phase]).toEqual([1, [1], 'waiting'])
}

/** Whether it comes to its end. */
async function closes(): Promise<boolean> {
  let isClosed = false
  void session.close().then(() => {
    isClosed = true
  })
  await clock.advance(10_000)
  return isClosed
}

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

describe('while a link waits to be met', () => {
  test('one that the host handed over is kept, and nobody is dialed', async () => {
    await dialing()
    const handed = new ToyPipe()
    session.follow(handed)
    await clock.advance(1_000)
    store.free()
    await clock.yield()
    expect([dialed.length, kinds(handed), handed.closedWith]).toEqual([1, ['hello'], 'open'])
    expect(await closes()).toBe(true)
    expect(handed.closedWith).not.toBe('open')
  })

  test('one that the host handed over is kept also when a dial succeeds meanwhile', async () => {
    await dialing()
    await clock.advance(0)
    const handed = new ToyPipe()
    session.resync()
    session.follow(handed)
    await clock.advance(1_000)
    store.free()
    await clock.yield()
    expect(kinds(handed)).toEqual(['hello'])
    expect(dialed.slice(1).map(({ closedWith }) => closedWith)).not.toContain('open')
    expect(await closes()).toBe(true)
  })

  test('one that was dialed is as good for other secrets', async () => {
    await dialing()
    await clock.advance(1_000)
    expect(dialed).toHaveLength(2)
    session.renew()
    await clock.advance(10)
    store.free()
    await clock.yield()
    expect(dialed.slice(1).map((pipe) => [kinds(pipe), pipe.closedWith])).toEqual([[['hello'], 'open']])
    expect(session.state.phase).toBe('greeting')
    expect(await closes()).toBe(true)
  })

  test.each(['handed over', 'dialed'])('and ends before, the next is dialed: %s', async (how) => {
    await dialing()
    if (how === 'handed over') {
      const handed = new ToyPipe()
      session.follow(handed)
      await clock.advance(1_000)
      handed.arrive('end')
    } else {
      await clock.advance(1_000)
      dialed[1]?.arrive('end')
    }
    await clock.yield()
    const before = dialed.length
    store.free()
    await clock.advance(1_000)
    expect(dialed.slice(before).map((pipe) => [kinds(pipe), pipe.closedWith])).toEqual([[['hello'], 'open']])
    expect(await closes()).toBe(true)
  })
})
