import { join } from 'node:path'
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { withTemporaryDirectory } from '../../lib/testing/temporary-directory.js'

const DIMENSIONS = 64
const [GROUPS, MEMBERS] = [150, 30]
/** Members of a group differ by this share of a component: bf16 rounds by up to twice as much. */
const APART = 1 / 512
const RECALL_MIN = 0.98

/** Groups of vectors that are nearer to each other than compact rows can tell, as copies of one text are. */
function groups(random: SeededRandom): Float32Array[] {
  const vectors: Float32Array[] = []
  for (let group = 0; group < GROUPS; group++) {
    const centre = Array.from({ length: DIMENSIONS }, () => random.next() - 0.5)
    for (let member = 0; member < MEMBERS; member++) {
      vectors.push(Float32Array.from(centre, (x) => x * (1 + APART * (random.next() - 0.5))))
    }
  }
  return vectors
}

test.each(['cosine', 'euclidean', 'dot'] as const)(
  'the nearest of near duplicates are found, and after an open the plan is still that of the graph (%s)',
  (metric) =>
    withTemporaryDirectory(async (directory) => {
      const path = join(directory, 'store')
      const random = new SeededRandom(`near duplicates ${metric}`)
      const vectors = groups(random)
      const store = await VectorStore.open({ path })
      const texts = await store.createCollection('texts', { dimensions: DIMENSIONS, metric })
      await texts.upsert(vectors.map((vector, i) => ({ id: `t${i}`, vector })))
      await texts.flush()
      expect(texts.getStats().index).toMatchObject({ forms: ['bf16'], indexed: vectors.length })
      let [found, wanted] = [0, 0]
      for (let i = 0; i < 60; i++) {
        const near = vectors[i * 71] as Float32Array
        const vector = near.map((x) => x * (1 + APART * (random.next() - 0.5)))
        const exact = await texts.search({ vector, exact: true })
        const limit = exact.at(-1)?.distance as number
        const hits = await texts.search({ vector })
        wanted += exact.length
        found += hits.filter(({ distance }) => distance <= limit).length
      }
      // So few rows are added by one thread, so that every build finds the same.
      expect(found / wanted).toBeGreaterThanOrEqual(RECALL_MIN)
      await store.close()

      const again = await VectorStore.open({ path })
      const reopened = await again.openCollection('texts')
      const plan = await reopened.explain({ vector: vectors[0] as Float32Array })
      expect(plan).toMatchObject({ vectors: 'index', index: { segments: 1 } })
      await again.close()
    }),
)
