/**
 * A master and a replica in two processes, over TCP. The replica is killed and started again: it goes on from where it was, without
 * a snapshot. This file is both: run it, and it starts itself as the replica.
 */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toWireStatus, VectorStore } from 'replivec'
import { tcp } from 'replivec/transport/tcp'

const [, file, role, address] = process.argv
if (role === 'replica') await runReplica()
else await runMaster()

async function runMaster() {
  // In a new folder, so that the example can run again.
  const directory = mkdtempSync(join(tmpdir(), 'replivec-example-'))
  process.chdir(directory)

  // Port 0 lets the system pick one. Only this machine can reach it: over TCP nothing is encrypted or proved unless
  // there are `tls` and a `secret`, as in replication-mtls.mjs.
  const transport = tcp({ id: 'master', listen: { host: '127.0.0.1', port: 0 } })
  const store = await VectorStore.open({
    path: './master',
    nodeId: 'master',
    replication: { role: 'master', transport },
  })
  const notes = await store.createCollection('notes', { dimensions: 64, metric: 'cosine' })
  await notes.upsert(Array.from({ length: 500 }, (_, i) => note(i)))

  // A store that has nothing takes a snapshot of everything, and then what is written from there on.
  let replica = await startReplica(transport.address)
  const first = await ask(replica, { what: 'stats' })
  const { bytesSent: bytesBefore } = store.replication.getStats()
  console.log(`a fresh replica took ${bytesBefore} bytes, for the reason '${first.snapshotReason}'`)

  // Replication does not wait for the replica, so a read there may be too early; with `after` it waits for the write.
  const { position } = await notes.update('note-7', { metadata: { title: 'changed' } })
  const seen = await ask(replica, { what: 'get', id: 'note-7', after: position })
  assert.deepEqual(seen.metadata, { title: 'changed' })
  console.log(`the replica has operation ${position.seq}:`, seen.metadata)

  // A write can also wait until the replica has it. Two nodes are the master and one replica.
  const { acks } = await notes.delete('note-8', { writeConcern: { w: 2, level: 'durable' } })
  assert.equal(acks, 2)
  console.log(`${acks} nodes have the next one on stable storage`)

  // The replica dies. The master goes on, and its log keeps what the replica lacks.
  const disconnected = eventOf(store, ({ kind }) => kind === 'disconnected')
  replica.kill('SIGKILL')
  await disconnected
  for (let i = 500; i < 520; i++) await notes.upsert(note(i))
  const [behind] = store.replication.getReplicas()
  console.log(`killed: linked ${behind.linked}, ${behind.lagOperations} operations behind`)
  assert.equal(behind.lagOperations, 20)

  const connected = eventOf(store, ({ kind }) => kind === 'connected')
  const bytesAtReturn = store.replication.getStats().bytesSent
  replica = await startReplica(transport.address)
  assert.equal((await connected).snapshotReason, null)
  assert.equal(await ask(replica, { what: 'count' }), await notes.count())
  const bytesToReturn = store.replication.getStats().bytesSent - bytesAtReturn
  assert.ok(bytesToReturn < bytesBefore / 10)
  console.log(`it is back with ${bytesToReturn} bytes, and without a snapshot`)

  console.log(JSON.stringify(toWireStatus(store.replication.getStatus()), null, 2))
  await ask(replica, { what: 'close' })
  await store.close()
  process.chdir(tmpdir())
  rmSync(directory, { recursive: true })
}

async function runReplica() {
  const store = await VectorStore.open({
    path: './replica',
    nodeId: 'replica',
    replication: { role: 'replica', transport: tcp({ id: 'replica' }), master: { id: 'master', address } },
  })
  // `open` does not wait for the master; this does, until the replica has what the master had when it was asked.
  await store.replication.waitFor()
  const notes = await store.openCollection('notes')
  const answers = {
    get: ({ id, after }) => notes.get(id, { after }),
    count: () => notes.count(),
    stats: () => store.replication.getStats(),
    close: () => store.close(),
  }
  process.on('message', async (question) => {
    process.send({ answer: await answers[question.what](question) })
    if (question.what === 'close') process.disconnect()
  })
  // Also when the master's process ends without a word.
  process.on('disconnect', () => process.exit())
  process.send('ready')
}

function note(i) {
  const vector = Float32Array.from({ length: 64 }, (_, j) => Math.sin(1 + i * 64 + j))
  return { id: `note-${i}`, vector, metadata: { title: `note ${i}` } }
}

/** Starts this file as the replica; resolves when that has caught up. */
async function startReplica(masterAddress) {
  const child = fork(file, ['replica', masterAddress])
  await answerOf(child)
  return child
}

async function ask(child, question) {
  child.send(question)
  return (await answerOf(child)).answer
}

/** What the replica says next. */
function answerOf(child) {
  return new Promise((resolve, reject) => {
    const died = (code) => reject(new Error(`The replica ended with exit code ${code}.`))
    child.once('exit', died)
    child.once('message', (message) => {
      child.off('exit', died)
      resolve(message)
    })
  })
}

/** The next event of replication that is meant. */
function eventOf(store, isMeant) {
  return new Promise((resolve) => {
    store.on('replication', function listener(event) {
      if (!isMeant(event)) return
      store.off('replication', listener)
      resolve(event)
    })
  })
}
