/**
 * Opens damaged copies of a data file, one after the other, reads all of each, writes to it, and prints a line per
 * copy. It is a process of its own because what it looks for is a crash.
 *
 * Argument: a JSON file of `{ directory, cases: [{ name, size?, edits: [[position, byte], …] }] }`, where `directory`
 * holds `data.mdb` and, when that was closed in order, `records.manifest`.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { lmdbKeyValues } from '../../dist/records/lmdb-key-value.js'
import { nodeClock } from '../../dist/runtime/node-clock.js'
import { nodeFiles } from '../../dist/runtime/node-files.js'

const { directory, cases } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const factory = lmdbKeyValues(nodeFiles, nodeClock)
const copy = join(directory, 'copy')

for (const { name, size, edits } of cases) {
  fs.rmSync(copy, { recursive: true, force: true })
  fs.mkdirSync(copy)
  for (const file of ['data.mdb', 'records.manifest']) {
    if (fs.existsSync(join(directory, file))) fs.copyFileSync(join(directory, file), join(copy, file))
  }
  const data = join(copy, 'data.mdb')
  if (size !== undefined) fs.truncateSync(data, size)
  const descriptor = fs.openSync(data, 'r+')
  for (const [position, byte] of edits) fs.writeSync(descriptor, Uint8Array.of(byte), 0, 1, position)
  fs.closeSync(descriptor)
  process.stdout.write(`${JSON.stringify({ name, outcome: await use() })}\n`)
}

/** What came of it: the number of entries and the digest of all, or the code of the refusal. */
async function use() {
  let store
  try {
    store = await factory.open(copy)
    const hash = createHash('sha256')
    let count = 0
    for (const { key, value } of store.range({ start: Uint8Array.of(0), end: new Uint8Array(9).fill(255) })) {
      hash.update(key).update(value)
      count++
    }
    const writes = Array.from({ length: 300 }, (_, index) => ({
      key: Buffer.from(`written ${index}`),
      value: Buffer.alloc(1_500 + index),
    }))
    await store.commit(writes)
    await store.commit(writes.map(({ key }) => ({ key, value: undefined })))
    return `${count} ${hash.digest('hex')}`
  } catch (error) {
    return error.name === 'ReplivecError' ? error.code : String(error)
  } finally {
    await store?.close()
  }
}
