/** The part of the transport suite about how links end. */
import assert from 'node:assert/strict'
import { expectAllFail, expectFrames, expectTransportFailed, type LinkEnd } from './link-end.js'
import { SeededRandom } from './seeded-random.js'
import type { RegisterTest } from './transport-frames.js'
import type { TransportTrial } from './transport-trial.js'

export function endingTests(test: RegisterTest): void {
  test('ends the reading of both sides after a clean close by either', async (trial) => {
    for (const swap of [false, true]) {
      const [near, far] = await connect(trial, swap)
      const reading = [near.readToEnd(), far.readToEnd()]
      await near.link.close()
      assert.deepEqual(await Promise.all(reading), [[], []])
    }
  })

  test('delivers what was sent before a clean close', async (trial) => {
    for (const swap of [false, true]) {
      const random = new SeededRandom(`before ${swap}`)
      const [near, far] = await connect(trial, swap)
      const few = [random.bytes(300), random.bytes(0), random.bytes(3)]
      await near.sendEach(few)
      // Reading begins only after that.
      const [, received] = await Promise.all([near.link.close(), far.readToEnd()])
      expectFrames(received, few)

      const [next, other] = await connect(trial, swap)
      const many = Array.from({ length: 300 }, () => random.bytes(Math.min(10_000, next.link.maxFrameBytes)))
      const reading = other.readToEnd()
      await next.sendEach(many)
      await next.link.close()
      expectFrames(await reading, many)
    }
  })

  test('throws TRANSPORT_FAILED to both readers after a close with a reason', async (trial) => {
    for (const swap of [false, true]) {
      const [near, far] = await connect(trial, swap)
      const reading = [near.readToBreak(), far.readToBreak()]
      await near.link.close(new Error('a reason'))
      await Promise.all(reading)
    }
  })

  test('can be closed more than once, by both sides, and disposed', async (trial) => {
    const [near, far] = await trial.connect()
    await Promise.all([near.link.close(), far.link.close(), near.link.close()])
    await near.link.close(new Error('too late'))
    await near.link[Symbol.asyncDispose]()
    await far.link[Symbol.asyncDispose]()
    // The first close is the one that counts.
    assert.deepEqual(await near.readToEnd(), [])
    const [disposed, other] = await trial.connect()
    const reading = other.readToEnd()
    await disposed.link[Symbol.asyncDispose]()
    assert.deepEqual(await reading, [])
  })

  test('rejects pending sends when it is closed', async (trial) => {
    for (const reason of [undefined, new Error('a reason')]) {
      const [near] = await trial.connect()
      const { pending } = await near.sendUntilHeld('pending')
      await Promise.all([expectAllFail(pending), near.link.close(reason)])
    }
  })

  test('leaves no send pending when the other side closes', async (trial) => {
    for (const reason of [undefined, new Error('a reason')]) {
      const [near, far] = await trial.connect()
      const { pending } = await near.sendUntilHeld('pending')
      await Promise.all([expectNonePending(pending), far.link.close(reason)])
    }
  })

  test('rejects what is sent after the end', async (trial) => {
    const [near, far] = await trial.connect()
    const reading = far.readToEnd()
    await near.link.close()
    await expectAllFail([near.link.send(new Uint8Array(1))])
    await reading
    await expectAllFail([far.link.send(new Uint8Array(1))])
  })

  test('can be iterated once', async (trial) => {
    const [near, far] = await trial.connect()
    await near.link.send(new Uint8Array([1]))
    expectFrames([await far.read()], [new Uint8Array([1])])
    await assert.rejects(async () => far.link[Symbol.asyncIterator]().next(), 'a second iteration must throw')
    await near.link.send(new Uint8Array([2]))
    expectFrames([await far.read()], [new Uint8Array([2])])
  })

  test('throws TRANSPORT_FAILED to both sides when the link is cut, if the pair can cut', async (trial) => {
    const [near, far] = await trial.connect()
    await near.link.send(new Uint8Array([1]))
    expectFrames([await far.read()], [new Uint8Array([1])])
    const { pending } = await near.sendUntilHeld('cut')
    if (!(await trial.cut(near))) return
    await Promise.all([near.readToBreak(), far.readToBreak(), expectAllFail(pending)])
    await expectAllFail([near.link.send(new Uint8Array(1)), far.link.send(new Uint8Array(1))])
  })

  test('never delivers half a frame', async (trial) => {
    const random = new SeededRandom('half')
    for (const arrived of [0, 1, 3]) {
      const [near, far] = await trial.connect()
      const bytes = Math.min(4_000_000, near.link.maxFrameBytes)
      const frames = Array.from({ length: arrived + 3 }, () => random.bytes(bytes))
      const sending = near.sendAll(frames)
      const received = await far.readMany(arrived)
      if (!(await trial.cut(near))) await near.link.close(new Error('a reason'))
      received.push(...(await far.readToBreak()))
      expectFrames(received, frames.slice(0, received.length))
      await Promise.allSettled([near.link.close(), sending])
    }
  })
}

/** Waits until each send has come to an end. Some may be taken yet: to be taken does not mean to be read. */
async function expectNonePending(pending: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(pending)) {
    if (result.status === 'rejected') expectTransportFailed(result.reason)
  }
}

async function connect(trial: TransportTrial, swap: boolean): Promise<readonly [LinkEnd, LinkEnd]> {
  const [near, far] = await trial.connect()
  return swap ? [far, near] : [near, far]
}
