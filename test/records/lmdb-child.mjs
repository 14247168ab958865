/**
 * A process that writes to an LMDB store until it is killed or its disk is full. Arguments: the store's directory.
 * Every commit is a round that sets all of 40 keys; each line of output is a fact about what happened.
 */
import { lmdbKeyValues } from '../../dist/records/lmdb-key-value.js'
import { nodeClock } from '../../dist/runtime/node-clock.js'
import { nodeFiles } from '../../dist/runtime/node-files.js'

const say = (fact) => process.stdout.write(`${JSON.stringify(fact)}\n`)
const store = await lmdbKeyValues(nodeFiles, nodeClock).open(process.argv[2])
const write = (round) =>
  store.commit(
    Array.from({ length: 40 }, (_, index) => ({
      key: Buffer.from(`key-${index}`),
      value: Buffer.alloc(3_000, `${round}.`),
    })),
  )
const read = () =>
  Buffer.from(store.get(Buffer.from('key-0')) ?? [])
    .toString()
    .split('.')[0]

process.on('unhandledRejection', (error) => say({ unhandled: String(error) }))
// Other keys each round make the file grow until it may not; so many, too, that lmdb starts before it has them all.
const filler = (round) =>
  store.commit(
    Array.from({ length: 900 }, (_, index) => ({
      key: Buffer.from(`filler-${round}-${index}`),
      value: Buffer.alloc(80, round),
    })),
  )
for (let round = 1; ; round++) {
  const results = await Promise.allSettled([write(round), filler(round), write(round + 0.5), filler(-round)])
  const failed = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason)
  if (failed.length === 0) {
    say({ round })
    continue
  }
  say({ failed: failed.map(({ code, cause }) => ({ code, hasCause: cause instanceof Error })) })
  say({ later: await write(round + 1).catch(({ code }) => code) })
  say({ flushed: await store.flushed().catch(({ code }) => code) })
  say({ read: read() })
  await store.close()
  say({ closed: true })
  break
}
