import type { BackendSupport, Candidates, IndexBackend, VectorIndex } from '../../lib/index/backend.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'

type BuildInput = Parameters<IndexBackend['build']>[0]
type Open = NonNullable<IndexBackend['open']>
type SearchInput = Parameters<VectorIndex['search']>[0]

interface WaitingBuild {
  readonly input: BuildInput
  readonly resolve: (index: Promise<VectorIndex>) => void
  readonly reject: (error: Error) => void
}

/** A backend over another one: its builds end when the test says, and it keeps every index it ever gave. */
export class ControlledBackend implements IndexBackend {
  readonly kind: string
  readonly supports: BackendSupport
  readonly indexes: ControlledIndex[] = []
  /** Row counts of all builds begun. */
  readonly builds: number[] = []
  /** Builds end by themselves. */
  isAutomatic = false
  /** Told of every index as it is given. */
  onGiven: ((index: ControlledIndex) => void) | undefined
  /** Opens end by themselves. */
  readonly open?: Open
  readonly #inner: IndexBackend
  #waiting: WaitingBuild[] = []

  constructor(inner: IndexBackend, supports: Partial<BackendSupport> = {}, kind = 'controlled') {
    this.kind = kind
    this.#inner = inner
    this.supports = { ...inner.supports, ...supports }
    if (inner.open) this.open = async (input) => this.#given(await (inner.open as Open)(input))
  }

  /** Builds that wait to be ended. */
  get building(): number {
    return this.#waiting.length
  }

  /** Indexes given and not yet disposed. */
  get held(): ControlledIndex[] {
    return this.indexes.filter(({ disposals }) => disposals === 0)
  }

  build(input: BuildInput): Promise<VectorIndex> {
    this.builds.push(input.count)
    return new Promise((resolve, reject) => {
      const waiting = { input, resolve, reject }
      this.#waiting.push(waiting)
      input.signal.addEventListener('abort', () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        reject(input.signal.reason)
      })
      if (this.isAutomatic) this.finish()
    })
  }

  /** Ends the waiting builds well. */
  finish(): void {
    for (const { input, resolve } of this.#takeWaiting()) {
      resolve(this.#inner.build(input).then((inner) => this.#given(inner)))
    }
  }

  /** Ends the waiting builds badly. */
  fail(): void {
    for (const { reject } of this.#takeWaiting()) reject(new Error('out of device memory'))
  }

  #given(inner: VectorIndex): ControlledIndex {
    const index = new ControlledIndex(inner)
    this.indexes.push(index)
    this.onGiven?.(index)
    return index
  }

  #takeWaiting(): WaitingBuild[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}

/** An index that answers one turn of the event loop later, counts its disposals, and can be lost. */
export class ControlledIndex implements VectorIndex {
  readonly bytes = { memory: 1, disk: 1 }
  readonly lost: Promise<string>
  disposals = 0
  searches = 0
  /** Searches it was disposed under. */
  interrupted = 0
  lose: (reason: string) => void = () => {}
  readonly #inner: VectorIndex
  #searching = 0

  constructor(inner: VectorIndex) {
    this.#inner = inner
    this.lost = new Promise((resolve) => {
      this.lose = resolve
    })
  }

  async search(input: SearchInput): Promise<Candidates[]> {
    this.searches += 1
    this.#searching += 1
    try {
      await nodeClock.yield()
      return await this.#inner.search(input)
    } finally {
      this.#searching -= 1
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1
    this.interrupted += this.#searching
    // A device given back counts as lost, as WebGPU has it.
    this.lose('destroyed')
    await this.#inner[Symbol.asyncDispose]()
  }
}

/** An approximate backend without a graph: of what the inner one finds, it misses every fourth row. */
export function forgetful(inner: IndexBackend, mask: boolean): IndexBackend {
  return {
    kind: 'forgetful',
    supports: { ...inner.supports, exact: false, mask },
    async build(input) {
      const index = await inner.build(input)
      return {
        bytes: index.bytes,
        search: async (search) => (await index.search(search)).map(forget),
        [Symbol.asyncDispose]: () => index[Symbol.asyncDispose](),
      }
    },
  }
}

function forget({ ordinals, distances }: Candidates): Candidates {
  const kept = [...ordinals.keys()].filter((i) => (ordinals[i] as number) % 4 !== 1)
  return {
    ordinals: Uint32Array.from(kept, (i) => ordinals[i] as number),
    distances: Float32Array.from(kept, (i) => distances[i] as number),
  }
}
