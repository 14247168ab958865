/**
 * A master and a replica in two processes that prove to each other who they are: by certificates (mutual TLS) and by a secret. Strangers are
 * refused; certificates and the secret are changed while everything runs. This file is both: run it, and it starts itself as the replica.
 *
 * The certificates are made by certificates.mjs beside it, which needs two packages that replivec does not install:
 * npm install @peculiar/x509 reflect-metadata
 * docs/SECURITY.md has the commands for certificates of real nodes.
 */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { VectorStore } from 'replivec'
import { tcp } from 'replivec/transport/tcp'

const [, file, role] = process.argv
if (role === 'replica') await runReplica()
else await runMaster()

async function runMaster() {
  const { createAuthority } = await import('./certificates.mjs')
  const { ca, issue, revoke } = await createAuthority()
  const oldKey = randomBytes(32).toString('base64')

  // With `ca` a listener takes only who has a certificate of that authority, with the node's id as its common name.
  const transport = tcp({
    id: 'master',
    listen: { host: '127.0.0.1', port: 0 },
    tls: { ...(await issue('master')), ca },
  })
  const store = await VectorStore.open({
    nodeId: 'master',
    replication: {
      role: 'master',
      transport,
      secret: { active: 'old', keys: { old: oldKey } },
      authorize: (peer, { nodeId, keyId }) => {
        console.log(
          `${nodeId}: certificate ${peer.authenticated ? 'proved' : 'missing'}, key '${keyId}' proved`,
        )
        return true
      },
    },
  })
  const { address } = transport
  const notes = await store.createCollection('notes', { dimensions: 2, metric: 'cosine' })

  // The replica gets its keys over the pipe to its parent: the arguments of a process are shown to every user of the machine.
  const replica = fork(file, ['replica'])
  const certificate = await issue('replica')
  const secret = { active: 'old', keys: { old: oldKey } }
  await tell(replica, { what: 'open', address, tls: { ...certificate, ca }, secret })
  const write = async (id) => {
    const { acks } = await notes.upsert({ id, vector: [1, 0] }, { writeConcern: { w: 2, timeoutMs: 20_000 } })
    console.log(`${acks} nodes have ${id}`)
  }
  await write('the first note')

  // Without a certificate nobody gets as far as to say a word. Neither does who has one of another authority.
  const another = await (await createAuthority()).issue('stranger')
  for (const [who, tls] of Object.entries({ nobody: { ca }, stranger: { ...another, ca } })) {
    console.log(`${who}: ${await dialed(tcp({ id: who, tls }))}`)
  }

  // With a certificate, and without the right secret.
  const refused = eventOf(store, ({ kind }) => kind === 'refused')
  const guesser = await VectorStore.open({
    nodeId: 'guesser',
    replication: {
      role: 'replica',
      transport: tcp({ id: 'guesser', tls: { ...(await issue('guesser')), ca } }),
      master: { id: 'master', address },
      secret: { active: 'old', keys: { old: randomBytes(32).toString('base64') } },
    },
  })
  const { peerId, reason } = await refused
  await guesser.close()
  console.log(`${peerId}: refused, reason '${reason}'`)

  // New certificates, and the old one of the replica counts no more: connections that begin from here on.
  transport.reloadTls({ ...(await issue('master')), ca, crl: await revoke(certificate) })
  await tell(replica, { what: 'reloadTls', tls: { ...(await issue('replica')), ca } })
  const back = eventOf(store, ({ kind, peerId: id }) => kind === 'connected' && id === 'replica')
  await tell(replica, { what: 'relink' })
  await back
  console.log(
    `replica: linked again with its new certificate; with the old one: ${await dialed(oldReplica())}`,
  )
  await write('the second note')

  // Another secret in three steps: all know both, all use the new one, all forget the old one.
  const keys = { old: oldKey, new: randomBytes(32).toString('base64') }
  for (const next of [
    { active: 'old', keys },
    { active: 'new', keys },
    { active: 'new', keys: { new: keys.new } },
  ]) {
    await tell(replica, { what: 'setSecret', secret: next })
    store.replication.setSecret(next)
    await write(`what was written with the keys ${Object.keys(next.keys)}, '${next.active}' in use`)
  }

  assert.equal(await tell(replica, { what: 'count' }), await notes.count())
  await tell(replica, { what: 'close' })
  await store.close()

  function oldReplica() {
    return tcp({ id: 'replica', tls: { ...certificate, ca } })
  }

  async function dialed(dialer) {
    try {
      const link = await dialer.dial({ id: 'master', address }, { signal: AbortSignal.timeout(10_000) })
      await link.close()
      return 'linked'
    } catch ({ code }) {
      return `refused, ${code}`
    }
  }
}

async function runReplica() {
  let store
  let transport
  const answers = {
    async open({ address, tls, secret }) {
      transport = tcp({ id: 'replica', tls })
      const master = { id: 'master', address }
      store = await VectorStore.open({
        nodeId: 'replica',
        replication: { role: 'replica', transport, master, secret },
      })
      await store.replication.waitFor()
    },
    reloadTls: ({ tls }) => transport.reloadTls(tls),
    relink() {
      store.replication.pause()
      store.replication.resume()
    },
    setSecret: ({ secret }) => store.replication.setSecret(secret),
    count: async () => (await store.openCollection('notes')).count(),
    close: () => store.close(),
  }
  process.on('message', async (order) => {
    process.send({ answer: await answers[order.what](order) })
    if (order.what === 'close') process.disconnect()
  })
  // Also when the master's process ends without a word.
  process.on('disconnect', () => process.exit())
}

/** Has the replica do something; resolves with its answer. */
function tell(child, order) {
  return new Promise((resolve, reject) => {
    const died = (code) => reject(new Error(`The replica ended with exit code ${code}.`))
    child.once('exit', died)
    child.once('message', ({ answer }) => {
      child.off('exit', died)
      resolve(answer)
    })
    child.send(order)
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
