import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { graphBackend, graphWorker } from '../../../lib/index/backends/graph.js'
import { readGraph } from '../../../lib/index/backends/graph-files.js'
import { nodeClock } from '../../../lib/runtime/node-clock.js'
import { nodeFiles } from '../../../lib/runtime/node-files.js'
import { SampleVectors } from '../../../lib/testing/sample-vectors.js'
import { SeededRandom } from '../../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../../lib/testing/temporary-directory.js'

const worker = graphWorker()
afterAll(() => worker.close())
const backend = graphBackend({
  ...{ kind: 'graph', scalars: ['bf16'], files: nodeFiles, clock: nodeClock, worker, threads: 1 },
})
const random = new SeededRandom('graph files')
const ROWS = { count: 300, dimensions: 16, metric: 'euclidean' } as const

/** The directory of a graph that was built and let go of. */
async function withBuilt(body: (directory: string) => Promise<void>): Promise<void> {
  const { vectors } = SampleVectors.uniform(random, ROWS.metric, ROWS.count, ROWS.dimensions)
  await withTemporaryDirectory(async (directory) => {
    const { signal } = new AbortController()
    const index = await backend.build({ vectors, ...ROWS, directory, signal })
    await index[Symbol.asyncDispose]()
    await body(directory)
  })
}

describe('the files of a graph', () => {
  test('bring it back with its encoding', async () => {
    await withBuilt(async (directory) => {
      const { coding, diskBytes } = await readGraph(nodeFiles, directory, ROWS)
      expect(coding).toMatchObject({ metric: 'euclidean', scalar: 'bf16' })
      expect(coding.centre).toHaveLength(16)
      expect(diskBytes).toBeGreaterThan(300 * 16 * 2)
      expect(readdirSync(directory).sort()).toEqual(['empty.usearch', 'graph.json', 'graph.usearch'])
    })
  })

  test('are refused after any damage, before the library sees them', async () => {
    await withBuilt(async (directory) => {
      for (const name of readdirSync(directory)) {
        const path = join(directory, name)
        const intact = readFileSync(path)
        for (let round = 0; round < 40; round++) {
          const flipped = Buffer.from(intact)
          const at = random.int(flipped.length - 1)
          flipped[at] = (flipped[at] as number) ^ (1 << random.int(8))
          writeFileSync(path, flipped)
          await expect(backend.open?.({ directory, ...ROWS }), `${name} at ${at}`).rejects.toMatchObject({
            code: expect.stringMatching(/^(BACKEND_FAILED|FORMAT_UNSUPPORTED)$/),
          })
        }
        writeFileSync(path, intact.subarray(0, intact.length - 5))
        await expect(backend.open?.({ directory, ...ROWS })).rejects.toMatchObject({ code: 'BACKEND_FAILED' })
        writeFileSync(path, intact)
      }
      const index = await backend.open?.({ directory, ...ROWS })
      await index?.[Symbol.asyncDispose]()
    })
  })

  test('are refused for other rows, and when one is missing', async () => {
    await withBuilt(async (directory) => {
      for (const other of [{ count: 299 }, { dimensions: 15 }, { metric: 'dot' as const }]) {
        await expect(readGraph(nodeFiles, directory, { ...ROWS, ...other })).rejects.toMatchObject({
          code: 'BACKEND_FAILED',
          details: { reason: 'it was built over other vectors' },
        })
      }
      for (const name of readdirSync(directory)) {
        const path = join(directory, name)
        const intact = readFileSync(path)
        rmSync(path)
        await expect(readGraph(nodeFiles, directory, ROWS)).rejects.toThrow()
        writeFileSync(path, intact)
      }
    })
  })
})
