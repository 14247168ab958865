/** What somebody who sets nodes up for the first time gets wrong, and what the errors and warnings say then. */
import { expect, test } from 'vitest'
import { VectorStore } from '../../lib/index.js'
import { parseAddress } from '../../lib/transport/tcp-options.js'
import { tcp } from '../../lib/transport/tcp.js'
import { describeClusters, OVER_TCP, record, SHAPE, settled, until } from './cluster.js'

describeClusters((cluster) => {
  test('what is handed over is looked at: a link, not a promise of one', async () => {
    const master = await cluster.master()
    const replica = await cluster.replica()
    const [near, far] = await cluster.linkPair('x', 'y')
    const promise = Promise.resolve(near)
    const awaited = 'was given a promise of one; await it first'
    await expect(master.replication.accept(promise as never)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining(awaited),
    })
    expect(() => replica.replication.follow(promise as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(awaited) }),
    )
    for (const wrong of [undefined, null, {}, 'link', { ...near, peer: {} }]) {
      const refused = { code: 'OPTIONS_INVALID', details: { option: 'link' } }
      await expect(master.replication.accept(wrong as never)).rejects.toMatchObject(refused)
      expect(() => replica.replication.follow(wrong as never)).toThrow(expect.objectContaining(refused))
    }
    // What linked them before still does.
    const things = await master.createCollection('things', SHAPE)
    await things.upsert(record(1))
    await settled(master, replica)
    await Promise.all([near.close(), far.close()])
  })

  test('a position that does not come: why there is no link', async () => {
    const master = await cluster.master()
    const { position } = master.replication
    const lonely = await cluster.replica('lonely', { clusterId: 'another' })
    const wanted = { epoch: position.epoch, seq: position.seq + 7 }
    await until('it was refused', () => cluster.node('lonely').events.length > 0)
    await expect(lonely.replication.waitFor(wanted, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/not visible within 50 ms.*no link.*another cluster/),
      cause: expect.objectContaining({ code: 'PEER_REFUSED' }),
      details: { position: wanted, timeoutMs: 50 },
    })
  })

  test('a refusal is a warning, once for each reason', async () => {
    await cluster.master()
    await cluster.replica('lonely', { clusterId: 'another' })
    const refusals = (): number =>
      cluster.node('lonely').events.filter(({ kind }) => kind === 'refused').length
    await until('it was refused three times', () => refusals() >= 3)
    expect(cluster.node('lonely').warnings).toMatchObject([
      { code: 'PEER_REFUSED', details: { reason: 'cluster' } },
    ])
  })

  test('a collection that has not come yet', async () => {
    const replica = await cluster.replica()
    await expect(replica.openCollection('things')).rejects.toMatchObject({
      code: 'COLLECTION_NOT_FOUND',
      message: expect.stringContaining('await store.replication.waitFor()'),
    })
  })
})

describeClusters(
  (cluster) => {
    test('a transport of another name than the node is refused, and the directory stays as it was', async () => {
      const path = cluster.path('named')
      const first = await VectorStore.open({ path })
      await (await first.createCollection('things', SHAPE)).upsert(record(1))
      const { nodeId } = first.getStats()
      await first.close()
      const open = (id: string): Promise<VectorStore> =>
        VectorStore.open({
          path,
          replication: {
            role: 'master',
            transport: tcp({ id, listen: { host: '127.0.0.1', port: 0 } }),
          },
        })
      await expect(open('m')).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining(`Give the transport the id '${nodeId}'`),
        details: { option: 'replication.transport', given: 'm', stored: nodeId },
      })
      const master = await open(nodeId)
      expect(await (await master.openCollection('things')).get(record(1).id)).toMatchObject({
        metadata: record(1).metadata,
      })
      await master.close()
    })

    test('a replica of itself is not opened', async () => {
      await expect(
        cluster.open('r', { role: 'replica', master: { id: 'r', address: '127.0.0.1:1' } }),
      ).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining('must be another node'),
        details: { option: 'replication.master.id', given: 'r' },
      })
    })

    test('a port that is taken is told as that', async () => {
      const master = await cluster.master()
      const { port } = parseAddress(cluster.placeOf('m')?.address)
      const transport = tcp({ id: 'other', listen: { host: '127.0.0.1', port } })
      await expect(cluster.open('other', { role: 'master', transport })).rejects.toMatchObject({
        code: 'TRANSPORT_FAILED',
        message: expect.stringMatching(/Cannot listen at 127\.0\.0\.1:\d+: .*EADDRINUSE/),
      })
      await master.close()
    })

    test.each([
      ['the master has none', undefined, 'one', /has a secret, and this master has none/],
      ['the replica has none', 'one', undefined, /has no secret, and this master asks for one/],
      [
        'the key has another id',
        { active: 'a', keys: { a: 'one' } },
        { active: 'b', keys: { b: 'one' } },
        /with the key 'b', which this master does not know/,
      ],
    ] as const)('where a secret does not fit it is said how: %s', async (_, ofMaster, ofReplica, message) => {
      await cluster.master(ofMaster === undefined ? {} : { secret: ofMaster })
      await cluster.replica('r', ofReplica === undefined ? {} : { secret: ofReplica })
      const warnings = () => cluster.node('r').warnings.filter(({ code }) => code === 'PEER_REFUSED')
      await until('it is warned of', () => warnings().length === 1)
      expect(warnings()).toMatchObject([{ message: expect.stringMatching(message) }])
    })
  },
  [OVER_TCP],
)
