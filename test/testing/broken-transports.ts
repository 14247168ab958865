import type { Link, Listening, PeerInfo, Transport } from '../../lib/replication/link.js'
import type { LinkPair, TransportPair } from '../../lib/testing/transport-pair.js'
import { type MemoryNetwork, memoryNetwork } from '../../lib/transport/memory.js'

/** One way to be wrong, and the words of the test that must notice. */
export interface BrokenTransport {
  readonly name: string
  readonly caughtBy: string
  make(): TransportPair | LinkPair | Promise<TransportPair | LinkPair>
}

/** Two transports in memory, as they should be. */
export function soundPair(network: MemoryNetwork = memoryNetwork()): TransportPair {
  return {
    listener: network.transport('a'),
    dialer: network.transport('b'),
    peer: () => ({ id: 'a' }),
    dialerId: 'b',
  }
}

/** Two ends of a link in memory. */
export async function soundLinks(): Promise<LinkPair> {
  const { dialer, listener, peer } = soundPair()
  const stop = new AbortController()
  const links = listener.listen(stop)[Symbol.asyncIterator]()
  const near = await dialer.dial(peer(), stop)
  return { ends: [near, (await links.next()).value], close: () => stop.abort() }
}

/** Parts of a link that stand in for its own. */
type Spoil = (link: Link) => Partial<Link>

/** A pair whose links are all spoiled. */
function spoiled(spoil: Spoil): TransportPair {
  const pair = soundPair()
  return {
    ...pair,
    dialer: {
      ...pair.dialer,
      dial: async (peer, options) => wrap(await pair.dialer.dial(peer, options), spoil),
    },
    listener: {
      ...pair.listener,
      listen: (options) => mapped(pair.listener.listen(options), (link) => wrap(link, spoil)),
    },
  }
}

/** A pair whose links break at frames of more bytes than `limit` makes of what they are asked for. */
function limited(limit: (beforeBytes: number, askedBytes: number) => number): TransportPair {
  return spoiled((link) => {
    let mostBytes = Number.POSITIVE_INFINITY
    return {
      limitReceived: (bytes) => {
        mostBytes = limit(mostBytes, bytes)
      },
      async *[Symbol.asyncIterator]() {
        for await (const frame of link) {
          if (frame.byteLength <= mostBytes) yield frame
          else await link.close(new Error('too large'))
        }
      },
    }
  })
}

function wrap(link: Link, spoil: Spoil): Link {
  return {
    peer: link.peer,
    maxFrameBytes: link.maxFrameBytes,
    send: (frame) => link.send(frame),
    close: (reason) => link.close(reason),
    [Symbol.asyncIterator]: () => link[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
    ...spoil(link),
  }
}

function mapped(listening: Listening, map: (link: Link) => Link): Listening {
  return {
    ...(listening.ready === undefined ? {} : { ready: listening.ready }),
    async *[Symbol.asyncIterator]() {
      for await (const link of listening) yield map(link)
    },
  }
}

/** Reading that sees each frame through `map`. */
function withFrames(map: (frame: Uint8Array, number: number) => Uint8Array[]): TransportPair {
  return spoiled((link) => ({
    async *[Symbol.asyncIterator]() {
      let number = 0
      for await (const frame of link) yield* map(frame, number++)
    },
  }))
}

function withTransport(change: (pair: TransportPair) => Partial<TransportPair>): TransportPair {
  const pair = soundPair()
  return { ...pair, ...change(pair) }
}

/** A link that keeps all it is sent until somebody reads: no bound, and frames are handed over as they are. */
function unboundedLinks(copy: (frame: Uint8Array) => Uint8Array): LinkPair {
  const queues: Uint8Array[][] = [[], []]
  const wakes: (() => void)[] = []
  let closed: Error | 'clean' | undefined
  const end = (own: number): Link => ({
    peer: { id: String(1 - own) },
    maxFrameBytes: 1024 * 1024,
    async send(frame) {
      if (closed) throw Object.assign(new Error('closed'), { code: 'TRANSPORT_FAILED' })
      queues[1 - own]!.push(copy(frame))
      wakes[1 - own]?.()
    },
    async close(reason) {
      closed ??= reason ?? 'clean'
      for (const wake of wakes) wake?.()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (queues[own]!.length > 0) yield queues[own]!.shift()!
        if (closed === 'clean') return
        if (closed) throw Object.assign(new Error('broken'), { code: 'TRANSPORT_FAILED' })
        await new Promise<void>((resolve) => {
          wakes[own] = resolve
        })
      }
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  })
  return { ends: [end(0), end(1)] }
}

export const brokenTransports: readonly BrokenTransport[] = [
  {
    name: 'swaps two frames now and then',
    caughtBy: 'delivers thousands of frames in order, each way',
    make: () => {
      const held: Uint8Array[] = []
      return withFrames((frame, number) => {
        if (number % 100 === 50) {
          held.push(frame)
          return []
        }
        return [frame, ...held.splice(0)]
      })
    },
  },
  {
    name: 'loses a frame in a thousand',
    caughtBy: 'delivers thousands of frames in order, each way',
    make: () => withFrames((frame, number) => (number === 1_000 ? [] : [frame])),
  },
  {
    name: 'delivers a frame twice',
    caughtBy: 'delivers thousands of frames in order, each way',
    make: () => withFrames((frame, number) => (number === 1_000 ? [frame, frame] : [frame])),
  },
  {
    name: 'flips a bit',
    caughtBy: 'delivers thousands of frames in order, each way',
    make: () =>
      withFrames((frame, number) => {
        if (number === 1_000 && frame.byteLength > 0) frame[0]! ^= 1
        return [frame]
      }),
  },
  {
    name: 'joins frames that wait together',
    caughtBy: 'delivers thousands of frames in order, each way',
    make: () => {
      let joined: Uint8Array | undefined
      return withFrames((frame, number) => {
        if (number % 500 === 499) {
          joined = frame
          return []
        }
        const whole = Buffer.concat([joined ?? new Uint8Array(0), frame])
        joined = undefined
        return [whole]
      })
    },
  },
  {
    name: 'reads every frame into the same memory',
    caughtBy: 'delivers thousands of frames in order, each way',
    make: () => {
      const memory = new Uint8Array(17 * 1024 * 1024)
      return withFrames((frame) => {
        memory.set(frame)
        return [memory.subarray(0, frame.byteLength)]
      })
    },
  },
  {
    name: 'swallows empty frames',
    caughtBy: 'carries frames of 0, 1 and maxFrameBytes bytes',
    make: () => withFrames((frame) => (frame.byteLength === 0 ? [] : [frame])),
  },
  {
    name: 'cuts the largest frames in two',
    caughtBy: 'carries frames of 0, 1 and maxFrameBytes bytes',
    make: () =>
      withFrames((frame) =>
        frame.byteLength > 10_000_000 ? [frame.subarray(0, 10_000_000), frame.subarray(10_000_000)] : [frame],
      ),
  },
  {
    name: 'promises larger frames than it carries',
    caughtBy: 'carries frames of 0, 1 and maxFrameBytes bytes',
    make: () => spoiled(({ maxFrameBytes }) => ({ maxFrameBytes: maxFrameBytes + 1 })),
  },
  {
    name: 'breaks for a frame that is too large',
    caughtBy: 'refuses a frame over maxFrameBytes',
    make: () =>
      spoiled((link) => ({
        async send(frame) {
          if (frame.byteLength > link.maxFrameBytes) await link.close(new Error('too large'))
          await link.send(frame)
        },
      })),
  },
  {
    name: 'refuses a large frame with another code',
    caughtBy: 'refuses a frame over maxFrameBytes',
    make: () =>
      spoiled((link) => ({
        async send(frame) {
          if (frame.byteLength > link.maxFrameBytes) throw new RangeError('too large')
          await link.send(frame)
        },
      })),
  },
  {
    name: 'takes what its receiver does not want',
    caughtBy: 'takes frames up to the limit',
    make: () => spoiled(() => ({ limitReceived: () => {} })),
  },
  {
    name: 'never takes more again than it once was told to',
    caughtBy: 'takes frames up to the limit',
    make: () => limited((before, asked) => Math.min(before, asked)),
  },
  {
    name: 'takes a little less than its receiver wants',
    caughtBy: 'takes frames up to the limit',
    make: () => limited((_, asked) => asked - 1),
  },
  {
    name: 'takes the memory of a frame away',
    caughtBy: 'leaves the sender its frame as it was',
    make: () =>
      spoiled((link) => ({
        async send(frame) {
          await link.send(frame)
          const { buffer } = frame
          if (frame.byteLength !== buffer.byteLength)
            structuredClone(buffer, { transfer: [buffer as ArrayBuffer] })
        },
      })),
  },
  {
    name: 'masks frames where they lie',
    caughtBy: 'leaves the sender its frame as it was',
    make: () =>
      spoiled((link) => ({
        async send(frame) {
          await link.send(frame)
          for (let i = 0; i < frame.byteLength; i++) frame[i]! ^= 0x55
        },
      })),
  },
  {
    name: 'hands the memory of the sender to the receiver',
    caughtBy: 'leaves the sender its frame as it was',
    make: () => unboundedLinks((frame) => frame),
  },
  {
    name: 'delivers from the memory of the sender after send resolved',
    caughtBy: 'delivers what a frame was, when the sender uses its memory again',
    make: () => unboundedLinks((frame) => frame),
  },
  {
    name: 'takes all that nobody reads',
    caughtBy: 'holds the sender back while nobody reads',
    make: () => unboundedLinks((frame) => frame.slice()),
  },
  {
    name: 'never lets a sender that was held back go on',
    caughtBy: 'holds the sender back while nobody reads',
    make: () =>
      spoiled((link) => {
        let sentBytes = 0
        return {
          async send(frame) {
            sentBytes += frame.byteLength
            return sentBytes > 1_000_000 ? new Promise<void>(() => {}) : link.send(frame)
          },
        }
      }),
  },
  {
    name: 'sends in one direction at a time',
    caughtBy: 'carries frames both ways at once',
    make: () => {
      const held = new Set<Link>()
      return spoiled((link) => ({
        async send(frame) {
          while (held.size > 0 && !held.has(link)) await new Promise((resolve) => setImmediate(resolve))
          held.add(link)
          await link.send(frame)
        },
      }))
    },
  },
  {
    name: 'mixes its links up',
    caughtBy: 'keeps many links apart',
    make: () => {
      const all: Link[] = []
      return withTransport((pair) => ({
        dialer: {
          ...pair.dialer,
          async dial(peer, options) {
            const link = await pair.dialer.dial(peer, options)
            const number = all.push(link)
            return wrap(link, () => ({
              send: (frame) => all[number > 20 ? number - 2 : number - 1]!.send(frame),
            }))
          },
        },
      }))
    },
  },
  {
    name: 'never ends the reading of the other side',
    caughtBy: 'ends the reading of both sides',
    make: () => spoiled((link) => ({ close: async (reason) => (reason ? link.close(reason) : undefined) })),
  },
  {
    name: 'drops what is on the way when it closes',
    caughtBy: 'delivers what was sent before a clean close',
    make: () => {
      const later: (() => Promise<void>)[] = []
      return spoiled((link) => ({
        async send(frame) {
          later.push(() => link.send(frame))
          while (later.length > 20) await later.shift()!()
        },
      }))
    },
  },
  {
    name: 'ends cleanly after a close with a reason',
    caughtBy: 'throws TRANSPORT_FAILED to both readers',
    make: () => spoiled((link) => ({ close: () => link.close() })),
  },
  {
    name: 'throws something else after a close with a reason',
    caughtBy: 'throws TRANSPORT_FAILED to both readers',
    make: () =>
      spoiled((link) => ({
        async *[Symbol.asyncIterator]() {
          try {
            yield* link
          } catch {
            throw new Error('ECONNRESET')
          }
        },
      })),
  },
  {
    name: 'cannot be closed twice',
    caughtBy: 'can be closed more than once',
    make: () =>
      spoiled((link) => {
        let isClosed = false
        return {
          async close(reason) {
            if (isClosed) throw new Error('closed already')
            isClosed = true
            await link.close(reason)
          },
        }
      }),
  },
  {
    name: 'leaves pending sends pending when it is closed',
    caughtBy: 'rejects pending sends when it is closed',
    make: () =>
      spoiled((link) => ({ send: (frame) => link.send(frame).catch(() => new Promise<void>(() => {})) })),
  },
  {
    name: 'takes pending sends for sent when it is closed',
    caughtBy: 'rejects pending sends when it is closed',
    make: () => spoiled((link) => ({ send: (frame) => link.send(frame).catch(() => {}) })),
  },
  {
    name: 'leaves sends pending when the other side closes',
    caughtBy: 'leaves no send pending when the other side closes',
    make: () =>
      spoiled((link) => ({ send: (frame) => link.send(frame).catch(() => new Promise<void>(() => {})) })),
  },
  {
    name: 'takes frames after the end',
    caughtBy: 'rejects what is sent after the end',
    make: () => spoiled((link) => ({ send: (frame) => link.send(frame).catch(() => {}) })),
  },
  {
    name: 'shares its frames between two iterations',
    caughtBy: 'can be iterated once',
    make: () =>
      spoiled((link) => {
        const iterator = link[Symbol.asyncIterator]()
        return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }
      }),
  },
  {
    name: 'ends cleanly when it is cut',
    caughtBy: 'throws TRANSPORT_FAILED to both sides when the link is cut',
    make: () => ({ ...soundPair(), cut: (link: Link) => link.close() }),
  },
  {
    name: 'delivers what it has of a frame when it breaks',
    caughtBy: 'never delivers half a frame',
    make: () =>
      spoiled((link) => ({
        async *[Symbol.asyncIterator]() {
          try {
            yield* link
          } catch (error) {
            yield new Uint8Array(100)
            throw error
          }
        },
      })),
  },
  {
    name: 'does not know who dialed',
    caughtBy: 'names the peer at the other end',
    make: () => spoiled(({ peer }) => ({ peer: peer.id === 'b' ? { id: '127.0.0.1:50000' } : peer })),
  },
  {
    name: 'accepts one link of several dials',
    caughtBy: 'yields a link for every dial',
    make: () =>
      withTransport((pair) => {
        let last: Promise<Link> | undefined
        return {
          dialer: {
            ...pair.dialer,
            dial(peer: PeerInfo, options: { signal: AbortSignal }) {
              last ??= pair.dialer.dial(peer, options)
              return last
            },
          },
        }
      }),
  },
  {
    name: 'dials whether aborted or not',
    caughtBy: 'rejects an aborted dial with the reason',
    make: () =>
      withTransport((pair) => ({
        dialer: {
          ...pair.dialer,
          dial: (peer) => pair.dialer.dial(peer, { signal: new AbortController().signal }),
        },
      })),
  },
  {
    name: 'rejects an aborted dial with an error of its own',
    caughtBy: 'rejects an aborted dial with the reason',
    make: () =>
      withTransport((pair) => ({
        dialer: {
          ...pair.dialer,
          async dial(peer, options) {
            if (options.signal.aborted) throw new Error('aborted')
            return pair.dialer.dial(peer, options)
          },
        },
      })),
  },
  {
    name: 'closes a link whose dial is aborted afterwards',
    caughtBy: 'keeps a link whose dial is aborted afterwards',
    make: () =>
      withTransport((pair) => ({
        dialer: {
          ...pair.dialer,
          async dial(peer, options) {
            const link = await pair.dialer.dial(peer, options)
            options.signal.addEventListener('abort', () => void link.close())
            return link
          },
        },
      })),
  },
  {
    name: 'listens on after it was told to stop',
    caughtBy: 'stops listening when that is aborted',
    make: () =>
      withTransport((pair) => ({
        listener: {
          ...pair.listener,
          listen: () => pair.listener.listen({ signal: new AbortController().signal }),
        },
      })),
  },
  {
    name: 'closes its links when it stops listening',
    caughtBy: 'stops listening when that is aborted',
    make: () =>
      withTransport((pair) => ({
        listener: {
          ...pair.listener,
          listen: ({ signal }) =>
            mapped(pair.listener.listen({ signal }), (link) => {
              signal.addEventListener('abort', () => void link.close())
              return link
            }),
        },
      })),
  },
  {
    name: 'leaves a timer for every link',
    caughtBy: 'leaves nothing open',
    make: () => {
      const timers: NodeJS.Timeout[] = []
      return {
        ...spoiled(() => {
          timers.push(setTimeout(() => {}, 1_000_000))
          return {}
        }),
        close: () => timers.forEach(clearTimeout),
      }
    },
  },
  {
    name: 'leaves a listener on the signal of every dial',
    caughtBy: 'leaves nothing open',
    make: () =>
      withTransport((pair): { dialer: Transport } => ({
        dialer: {
          ...pair.dialer,
          dial(peer, options) {
            options.signal.addEventListener('abort', () => {})
            return pair.dialer.dial(peer, options)
          },
        },
      })),
  },
]
