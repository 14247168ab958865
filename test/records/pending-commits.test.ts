import { describe, expect, test } from 'vitest'
import type { KeyValueWrite } from '../../lib/records/key-value.js'
import { PendingCommits } from '../../lib/records/pending-commits.js'

const write = (name: string): KeyValueWrite => ({ key: Buffer.from(name), value: undefined })
const names = (commits: readonly (readonly KeyValueWrite[])[]) =>
  commits.map((writes) => writes.map(({ key }) => Buffer.from(key).toString()).join('+'))

/** An `apply` that records its calls and finishes when told. */
function applied() {
  const calls: { commits: string[]; resolve(): void; reject(error: Error): void }[] = []
  const pending = new PendingCommits(
    (commits) =>
      new Promise((resolve, reject) => {
        calls.push({ commits: names(commits), resolve, reject })
      }),
  )
  return { calls, pending }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('pending commits', () => {
  test('of one stretch of code share a transaction; later ones wait for it and share the next', async () => {
    const { calls, pending } = applied()
    const done: string[] = []
    const add = (...writes: string[]) =>
      pending.add(writes.map(write)).then(() => {
        done.push(writes.join('+'))
      })
    void add('a', 'b')
    void add('c')
    await turn()
    void add('d')
    void add()
    void add('e')
    await turn()
    expect(calls.map((call) => call.commits)).toEqual([['a+b', 'c']])
    expect(done).toEqual([])
    calls[0]?.resolve()
    await turn()
    expect(calls.map((call) => call.commits)).toEqual([
      ['a+b', 'c'],
      ['d', 'e'],
    ])
    expect(done).toEqual(['a+b', 'c'])
    calls[1]?.resolve()
    await pending.settled()
    expect(done).toEqual(['a+b', 'c', 'd', '', 'e'])
  })

  test('of many writes do not share', async () => {
    const { calls, pending } = applied()
    const many = Array.from({ length: 1_500 }, (_, index) => write(String(index)))
    for (const writes of [many, [write('x')], many, many]) void pending.add(writes)
    for (let call = 0; call < 3; call++) {
      await turn()
      calls[call]?.resolve()
    }
    await pending.settled()
    expect(calls.map(({ commits }) => commits.length)).toEqual([2, 1, 1])
  })

  test('after a failure all fail alike, and nothing more is applied', async () => {
    const { calls, pending } = applied()
    const first = pending.add([write('a')])
    const second = pending.add([write('b')])
    await turn()
    const third = pending.add([write('c')])
    const settled = pending.settled()
    const disk = new Error('disk')
    calls[0]?.reject(disk)
    for (const promise of [first, second, third, settled]) await expect(promise).rejects.toBe(disk)
    expect(pending.failed).toBe(true)
    await expect(pending.add([write('d')])).rejects.toBe(disk)
    await expect(pending.settled()).rejects.toBe(disk)
    expect(calls).toHaveLength(1)
  })
})
