/**
 * Opens damaged copies of a data file, one after the other, reads all of each, writes to it, and prints a line per copy.
 * It runs as a process of its own because what it looks for is a crash.
 *
 * Arguments: the built package's directory, then a JSON file of
 * `{ directory, checked, cases: [{ name, size?, edits: [[position, byte], …] }] }`; `directory` holds `data.mdb` and, when it
 * was closed in order, `records.manifest`. Without `checked` the copies go to LMDB unseen.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeSync, closeSync } from 'node:fs'
import { join } from 'node:path'

const [dist, planFile] = process.argv.slice(2)
const { lmdbKeyValues } = await import(`${dist}records/lmdb-key-value.js`)
const { nodeFiles } = await import(`${dist}runtime/node-files.js`)
const { directory, cases } = JSON.parse(readFileSync(planFile, 'utf8'))

const factory = lmdbKeyValues(nodeFiles)
for (const { name, size, edits } of cases) {
  const copy = join(directory, 'copy')
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy)
  for (const file of ['data.mdb', 'records.manifest']) {
    if (existsSync(join(directory, file))) copyFileSync(join(directory, file), join(copy, file))
  }
  const path = join(copy, 'data.mdb')
  if (size !== undefined) truncateSync(path, size)
  const descriptor = openSync(path, 'r+')
  for (const [position, byte] of edits) writeSync(descriptor, Uint8Array.of(byte), 0, 1, position)
  closeSync(descriptor)
  process.stdout.write(`${JSON.stringify({ name, outcome: await use(copy) })}\n`)
}

/** What came of it: the digest of the content, or the code of the refusal. */
async function use(copy) {
  let store
  try {
    store = await factory.open(copy)
    const hash = createHash('sha256')
    let count = 0
    for (const { key, value } of store.range({ start: Uint8Array.of(0), end: new Uint8Array(1_100).fill(255) })) {
      hash.update(key).update(value)
      count++
    }
    const writes = Array.from({ length: 300 }, (_, index) => ({ key: Buffer.from(`written ${index}`), value: Buffer.alloc(1_500 + index) }))
    await store.commit(writes)
    await store.commit(writes.map(({ key }) => ({ key, value: undefined })))
    return `${count} ${hash.digest('hex')}`
  } catch (error) {
    return error.name === 'ReplivecError' ? error.code : String(error)
  } finally {
    await store?.close()
  }
}
