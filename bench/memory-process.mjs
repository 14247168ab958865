/**
 * A process of its own that says what memory it holds: `node memory-process.mjs bare` has loaded the library and no more,
 * `… search <path> <searches>` has opened a store and searched it so many times.
 */
import { readFileSync } from 'node:fs'
import process, { argv } from 'node:process'
import { VectorStore } from '../dist/index.js'

const [, , what, path, searches] = argv

const answer = what === 'bare' ? { held: held() } : await search()
process.send(answer, () => process.disconnect())

async function search() {
  const { loadQueries } = await import('./dataset.mjs')
  const queries = loadQueries()
  const store = await VectorStore.open({ path })
  const packages = await store.openCollection('packages')
  for (let index = 0; index < Number(searches); index++) {
    await packages.search({ vector: queries[index % queries.length], topK: 10 })
  }
  const unasked = held({ collect: false })
  const { kind, pending } = packages.getStats().index
  const after = held()
  await store.close()
  return { held: after, unasked, kind, pending }
}

/**
 * Bytes that no file backs, and bytes of mapped files, which the system takes back when it needs them. `null` where the
 * system does not tell.
 */
function held({ collect = true } = {}) {
  if (collect) globalThis.gc?.()
  let text
  try {
    text = readFileSync('/proc/self/smaps_rollup', 'utf8')
  } catch {
    return null
  }
  const bytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024
  const own = bytes('Anonymous') + bytes('Pss_Shmem')
  return { own, files: bytes('Rss') - own }
}
