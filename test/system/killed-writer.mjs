/**
 * A process that writes from many callers at once until it is killed. Its argument is JSON: `{ path, seed, run,
 * durability, retentionBytes, backup? }`. Each line of output is an answer that a caller got: its number, the number of
 * the call, the position and the count; or `backup`, its directory and its position.
 */
import { writeSync } from 'node:fs'
import { VectorStore } from '../../dist/index.js'
import { CALLERS, callOf, DIMENSIONS } from './killed-calls.mjs'

const { path, seed, run, durability, retentionBytes, backup } = JSON.parse(process.argv[2])

/** On the pipe before anything else happens: a line that was handed over outlives this process. */
function say(line) {
  const bytes = Buffer.from(`${line}\n`)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

const store = await VectorStore.open({
  path,
  durability,
  replication: { role: 'standalone', retention: { bytes: retentionBytes } },
})
const collection = await store.getOrCreateCollection('records', {
  dimensions: DIMENSIONS,
  metric: 'euclidean',
  indexed: ['group', 'owner'],
})

function make(caller, call) {
  if (call.kind === 'upsert') return collection.upsert(call.records)
  if (call.kind === 'update') return collection.update(call.id, call.patch)
  if (call.kind === 'delete') return collection.delete(call.ids)
  return collection.delete({ filter: { owner: caller, group: call.group } })
}

async function callAll(caller) {
  for (let index = 0; ; index++) {
    try {
      const { position, count } = await make(caller, callOf(seed, run, caller, index))
      say(`${caller} ${index} ${position.seq} ${count}`)
    } catch (error) {
      if (error.code !== 'ID_NOT_FOUND') throw error
      say(`${caller} ${index} 0 0`)
    }
  }
}

async function backUp() {
  for (let number = 0; ; number++) {
    const { position } = await store.backup(`${backup}-${number}`)
    say(`backup ${backup}-${number} ${position.seq}`)
  }
}

await Promise.all([
  ...Array.from({ length: CALLERS }, (_, caller) => callAll(caller)),
  ...(backup ? [backUp()] : []),
])
