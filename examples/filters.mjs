/** Every filter operator on a handful of books, with the ids that match, and what an index changes. */
import assert from 'node:assert/strict'
import { VectorStore } from 'replivec'

const store = await VectorStore.open()
const books = await store.createCollection('books', {
  dimensions: 2,
  metric: 'euclidean',
  indexed: ['language', 'pages', 'tags', 'author.born'],
})
await books.upsert([
  book('dune', { pages: 412, tags: ['desert', 'politics'], language: 'en', author: { born: 1920 } }),
  book('solaris', { pages: 204, tags: ['ocean'], language: 'pl', author: { born: 1921 } }),
  book('emma', { pages: 474, tags: [], language: 'en', published: new Date('1815-12-23') }),
  book('momo', { pages: 304, tags: ['time', 'desert'], language: null, prizes: [{ name: 'A', year: 1974 }] }),
])

await expect({ language: 'en' }, ['dune', 'emma'])
await expect({ language: { $ne: 'en' } }, ['momo', 'solaris'])
await expect({ language: { $in: ['pl', null] } }, ['momo', 'solaris'])
await expect({ language: { $nin: ['pl', null] } }, ['dune', 'emma'])
await expect({ pages: { $gt: 204, $lte: 412 } }, ['dune', 'momo'])
await expect({ published: { $lt: new Date('1900-01-01') } }, ['emma'])
await expect({ author: { $exists: true } }, ['dune', 'solaris'])
await expect({ author: null }, ['emma', 'momo'])
await expect({ 'author.born': { $gte: 1921 } }, ['solaris'])
await expect({ tags: 'desert' }, ['dune', 'momo'])
await expect({ tags: { $all: ['desert', 'time'] } }, ['momo'])
await expect({ tags: { $size: 0 } }, ['emma'])
await expect({ tags: { $contains: 'ocean' } }, ['solaris'])
await expect({ tags: { $regex: '^pol', $options: 'i' } }, ['dune'])
await expect({ prizes: { $elemMatch: { name: 'A', year: { $lt: 1980 } } } }, ['momo'])
await expect({ pages: { $not: { $gt: 300 } } }, ['solaris'])
await expect({ $or: [{ language: 'pl' }, { pages: { $gt: 450 } }] }, ['emma', 'solaris'])
await expect({ $nor: [{ language: 'en' }, { tags: 'ocean' }] }, ['momo'])
await expect({ $and: [{ tags: 'desert' }, { tags: 'time' }] }, ['momo'])
await expect({}, ['dune', 'emma', 'momo', 'solaris'])

// What an index covers is looked up; the rest of the filter is evaluated on what is left.
await books.configure({ indexed: ['language'] })
const plan = await books.explain({ vector: [0, 0], filter: { language: 'en', pages: { $gt: 450 } } })
console.log(`\n${plan.reason}`)
await store.close()

function book(id, metadata) {
  return { id, vector: [id.length, metadata.pages], metadata }
}

/** Prints a filter with the ids that match it, in the order of a scan. */
async function expect(filter, ids) {
  const found = []
  for await (const { id } of books.scan({ filter })) found.push(id)
  assert.deepEqual(found, ids)
  assert.equal(await books.count(filter), ids.length)
  console.log(`${JSON.stringify(filter).padEnd(62)} ${found.join(' ')}`)
}
