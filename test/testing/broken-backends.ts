import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Candidates, IndexBackend, VectorIndex } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'

type SearchInput = Parameters<VectorIndex['search']>[0]
type BuildInput = Parameters<IndexBackend['build']>[0]

/** One way to be wrong, and the words of the test that must notice. */
export interface BrokenBackend {
  readonly name: string
  readonly caughtBy: string
  /** A fresh backend: some of them remember. */
  make(): IndexBackend
}

/** `plainScan` whose answers go through `spoil`. */
function spoiled(spoil: (candidates: Candidates, input: SearchInput) => Candidates): IndexBackend {
  return withSearch(async (index, input) => {
    const lists = await index.search(input)
    return lists.map((list) => spoil(list, input))
  })
}

function withSearch(search: (index: VectorIndex, input: SearchInput) => Promise<Candidates[]>): IndexBackend {
  return {
    ...plainScan,
    async build(input) {
      const index = await plainScan.build(input)
      return {
        bytes: index.bytes,
        search: (request) => search(index, request),
        async [Symbol.asyncDispose]() {},
      }
    },
  }
}

function withBuild(
  build: (input: BuildInput) => Promise<VectorIndex>,
  supports: Partial<IndexBackend['supports']> = {},
): IndexBackend {
  return { ...plainScan, supports: { ...plainScan.supports, ...supports }, build }
}

/** A persisting plain scan: the whole matrix as one file. */
function persisting(open: (file: Uint8Array) => Float32Array): IndexBackend {
  const opened = async (input: Omit<BuildInput, 'signal'>, disk: number): Promise<VectorIndex> => {
    const index = await plainScan.build({ ...input, signal: new AbortController().signal })
    return {
      bytes: { memory: index.bytes.memory, disk },
      search: (request) => index.search(request),
      async [Symbol.asyncDispose]() {},
    }
  }
  return {
    kind: 'persisting-scan',
    supports: { ...plainScan.supports, persists: true },
    async build(input) {
      input.signal.throwIfAborted()
      await writeFile(join(input.directory ?? '', 'vectors'), new Uint8Array(input.vectors.slice().buffer))
      return opened(input, input.vectors.byteLength)
    },
    async open(input) {
      const file = new Uint8Array(await readFile(join(input.directory, 'vectors')))
      return opened({ ...input, vectors: open(file) }, file.byteLength)
    },
  }
}

/** Persists as it should. */
export const persistingBackend = persisting((file) => new Float32Array(file.slice().buffer))

export const brokenBackends: readonly BrokenBackend[] = [
  {
    name: 'gives the farthest first',
    caughtBy: 'finds the nearest of evenly spread vectors',
    make: () =>
      spoiled(({ ordinals, distances }) => ({
        ordinals: ordinals.slice().reverse(),
        distances: distances.slice().reverse(),
      })),
  },
  {
    name: 'pairs ordinals with the wrong distances',
    caughtBy: 'finds the nearest of clustered vectors',
    make: () => spoiled(({ ordinals, distances }) => ({ ordinals: ordinals.slice().reverse(), distances })),
  },
  {
    name: 'ignores allow',
    caughtBy: 'finds the nearest admitted rows',
    make: () => withSearch(async (index, { queries, count, k }) => index.search({ queries, count, k })),
  },
  {
    name: 'filters by allow only after the search',
    caughtBy: 'finds the nearest admitted rows',
    make: () =>
      withSearch(async (index, { queries, count, k, allow }) => {
        const lists = await index.search({ queries, count, k })
        const admits = (row: number) => !allow || ((allow[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0
        return lists.map(({ ordinals, distances }) => ({
          ordinals: ordinals.filter((row) => admits(row)),
          distances: distances.filter((_, i) => admits(ordinals[i] as number)),
        }))
      }),
  },
  {
    name: 'gives an ordinal that no row has',
    caughtBy: 'finds the nearest of evenly spread vectors',
    make: () =>
      spoiled(({ ordinals, distances }) => ({
        ordinals: ordinals.map((row, i) => (i === 0 ? 4_000_000 : row)),
        distances,
      })),
  },
  {
    name: 'gives one row twice',
    caughtBy: 'finds the nearest of evenly spread vectors',
    make: () =>
      spoiled(({ ordinals, distances }) => ({
        ordinals: ordinals.map((row, i) => (i === 1 ? (ordinals[0] as number) : row)),
        distances,
      })),
  },
  {
    name: 'gives a distance that is NaN',
    caughtBy: 'finds the nearest of evenly spread vectors',
    make: () =>
      spoiled(({ ordinals, distances }) => ({
        ordinals,
        distances: distances.map((distance, i) => (i === 3 ? Number.NaN : distance)),
      })),
  },
  {
    name: 'gives squared distances',
    caughtBy: 'finds the nearest of clustered vectors',
    make: () =>
      spoiled(({ ordinals, distances }) => ({ ordinals, distances: distances.map((d) => d * Math.abs(d)) })),
  },
  {
    name: 'misses the last row',
    caughtBy: 'answers for one, for all and for more than all rows',
    make: () =>
      spoiled(({ ordinals, distances }, { k }) => {
        const last = k > 1 ? Math.max(1, ordinals.length - 1) : 1
        return { ordinals: ordinals.slice(0, last), distances: distances.slice(0, last) }
      }),
  },
  {
    name: 'answers every query like the first',
    caughtBy: 'answers several queries as it answers each alone',
    make: () =>
      withSearch(async (index, input) => {
        const lists = await index.search(input)
        return lists.map(() => lists[0] as Candidates)
      }),
  },
  {
    name: 'mixes two indexes',
    caughtBy: 'keeps two indexes apart',
    make: () => {
      let last: VectorIndex | undefined
      return withBuild(async (input) => {
        const index = await plainScan.build(input)
        last = index
        return {
          bytes: index.bytes,
          search: (request) => (last ?? index).search(request),
          async [Symbol.asyncDispose]() {},
        }
      })
    },
  },
  {
    name: 'mixes concurrent searches',
    caughtBy: 'answers concurrent searches',
    make: () => {
      let latest: SearchInput
      return withSearch(async (index, input) => {
        latest = input
        await Promise.resolve()
        return index.search({ ...latest, k: input.k })
      })
    },
  },
  {
    name: 'answers from memory it uses again',
    caughtBy: 'gives answers that later searches leave alone',
    make: () => {
      const reused = new Uint32Array(10_000)
      return spoiled(({ ordinals, distances }) => {
        reused.set(ordinals)
        return { ordinals: reused.subarray(0, ordinals.length), distances }
      })
    },
  },
  {
    name: 'sorts the vectors it was given',
    caughtBy: 'leaves its input as it was',
    make: () =>
      withBuild(async (input) => {
        const index = await plainScan.build({ ...input, vectors: input.vectors.slice() })
        input.vectors.sort()
        return index
      }),
  },
  {
    name: 'finds half of the nearest, as an approximate backend',
    caughtBy: 'finds the nearest of clustered vectors',
    make: () => ({
      ...spoiled(({ ordinals, distances }) => ({
        ordinals: ordinals.slice(ordinals.length / 2),
        distances: distances.slice(distances.length / 2),
      })),
      supports: { ...plainScan.supports, exact: false },
    }),
  },
  {
    name: 'cannot index a single vector',
    caughtBy: 'indexes a single vector',
    make: () =>
      withBuild(async (input) => {
        if (input.count < 2) throw new Error('need training data')
        return plainScan.build(input)
      }),
  },
  {
    name: 'needs components in fours',
    caughtBy: 'indexes vectors of 1, 3 and 256 components',
    make: () =>
      withBuild(async (input) => {
        if (input.dimensions % 4 !== 0 && input.dimensions !== 5) throw new Error('not aligned')
        return plainScan.build(input)
      }),
  },
  {
    name: 'builds although its signal is aborted',
    caughtBy: 'stops building when its signal is aborted',
    make: () => withBuild((input) => plainScan.build({ ...input, signal: new AbortController().signal })),
  },
  {
    name: 'fails when disposed twice',
    caughtBy: 'can be disposed twice',
    make: () =>
      withBuild(async (input) => {
        const index = await plainScan.build(input)
        let isDisposed = false
        return {
          bytes: index.bytes,
          search: (request) => index.search(request),
          async [Symbol.asyncDispose]() {
            if (isDisposed) throw new Error('freed twice')
            isDisposed = true
          },
        }
      }),
  },
  {
    name: 'brings back other vectors than it wrote',
    caughtBy: 'brings back what it wrote',
    make: () => persisting((file) => new Float32Array(file.slice().buffer).reverse()),
  },
  {
    name: 'claims to occupy nothing',
    caughtBy: 'reports plausible bytes',
    make: () =>
      withBuild(async (input) => {
        const index = await plainScan.build(input)
        return {
          bytes: { memory: 0, disk: 0 },
          search: (request) => index.search(request),
          async [Symbol.asyncDispose]() {},
        }
      }),
  },
  {
    name: 'has no metric at all',
    caughtBy: 'has the members of the interface',
    make: () => withBuild(plainScan.build, { metrics: [] }),
  },
]
