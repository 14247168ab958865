/** Exits in the middle of a build: `node exit-child.mjs <directory>`. */
import process from 'node:process'
import { VectorStore } from '../../dist/index.js'

const DIMENSIONS = 128
const store = await VectorStore.open({ path: process.argv[2], durability: 'buffered' })
const points = await store.createCollection('points', { dimensions: DIMENSIONS, metric: 'cosine' })
for (let batch = 0; batch < 20; batch++) {
  await points.upsert(
    Array.from({ length: 1_000 }, (_, i) => ({
      id: `${batch * 1_000 + i}`,
      vector: Float32Array.from({ length: DIMENSIONS }, (_, j) =>
        Math.sin((batch * 1_000 + i + 1) * (j + 1)),
      ),
    })),
  )
}
await points.flush({
  onProgress: ({ done, total }) => {
    if (done === 0 || done === total) return
    console.log(`exits after ${done} of ${total}`)
    process.exit(7)
  },
})
