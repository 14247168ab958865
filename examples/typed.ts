/**
 * The same store under TypeScript: metadata, filters and hits are typed, and mistakes do not compile. Run it with
 * `npm run examples -- typed.ts` here, or in a project of your own with a Node that strips types (22.18 and later).
 */
import { type Filter, type Hit, ReplivecError, VectorStore } from 'replivec'

interface Package {
  section: 'editors' | 'games' | 'mail'
  installedSize: number
  tags: string[]
  released?: Date
}

const store = await VectorStore.open()
const packages = await store.createCollection<Package>('packages', {
  dimensions: 2,
  metric: 'cosine',
  indexed: ['section', 'tags'],
})
await packages.upsert([
  { id: 'vim', vector: [1, 0], metadata: { section: 'editors', installedSize: 3_900, tags: ['c'] } },
  { id: 'mutt', vector: [1, 1], metadata: { section: 'mail', installedSize: 6_100, tags: ['c'] } },
])

const filter: Filter<Package> = { section: { $in: ['editors', 'mail'] }, installedSize: { $lt: 5_000 } }
const hits = await packages.search({ vector: [1, 0.2], topK: 5, filter })
for (const hit of hits) console.log(describe(hit))

// A flag changes the type: without metadata there is no `metadata` to read by mistake.
const [bare] = await packages.search({ vector: [1, 0.2], includeMetadata: false, includeVector: true })
console.log(bare?.id, bare?.vector.length)

// @ts-expect-error: 'music' is not a section
await packages.count({ section: 'music' })
// @ts-expect-error: a number has no substring
await packages.count({ installedSize: { $contains: '3' } }).catch(() => undefined)

try {
  await packages.update('emacs', { metadata: { installedSize: 1 } })
} catch (error) {
  if (!ReplivecError.is(error, 'ID_NOT_FOUND')) throw error
  console.log(error.message)
}
await store.close()

function describe({ id, score, metadata }: Pick<Hit<Package>, 'id' | 'score' | 'metadata'>): string {
  return `${id} (${metadata.section}) ${score.toFixed(3)}`
}
