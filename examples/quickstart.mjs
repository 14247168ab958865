/** The program of the README: a store in a directory, one collection, one filtered search. */
import { VectorStore } from 'replivec'

const store = await VectorStore.open({ path: './data' })
const animals = await store.getOrCreateCollection('animals', { dimensions: 3, metric: 'cosine' })
await animals.upsert([
  { id: 'cat', vector: [0.9, 0.1, 0], metadata: { legs: 4 } },
  { id: 'dog', vector: [0.7, 0.3, 0.1], metadata: { legs: 4 } },
  { id: 'hen', vector: [0.8, 0.2, 0.1], metadata: { legs: 2 } },
])
console.log(await animals.search({ vector: [0.8, 0.2, 0], topK: 2, filter: { legs: 4 } }))
await store.close()
