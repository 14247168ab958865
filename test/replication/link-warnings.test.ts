import { beforeEach, describe, expect, test } from 'vitest'
import { ReplivecError } from '../../lib/errors.js'
import { LinkWarnings } from '../../lib/replication/link-warnings.js'

const PATIENCE_MS = 1_000
const unreachable = (why: string) => new ReplivecError('TRANSPORT_FAILED', `Cannot reach m: ${why}`)
const refused = (reason: string) =>
  new ReplivecError('PEER_REFUSED', `Refused: ${reason}`, { details: { reason } })

let told: string[]
let warnings: LinkWarnings
beforeEach(() => {
  told = []
  warnings = new LinkWarnings(PATIENCE_MS, 0, ({ message }) => told.push(message))
})

describe('a master that is not reached', () => {
  test('is told of after a while, once, and again for another reason', () => {
    for (const atMs of [10, 300, 999]) warnings.failed(unreachable('refused'), atMs)
    expect(told).toEqual([])
    for (const atMs of [1_000, 2_000, 3_000]) warnings.failed(unreachable('refused'), atMs)
    warnings.failed(unreachable('expired'), 4_000)
    warnings.failed(unreachable('refused'), 5_000)
    expect(told).toEqual(['Cannot reach m: refused', 'Cannot reach m: expired'])
  })

  test('is told of anew after there was a link', () => {
    warnings.failed(unreachable('refused'), 1_000)
    warnings.joined()
    warnings.left(50_000)
    warnings.failed(unreachable('broke'), 50_000)
    warnings.failed(unreachable('refused'), 50_999)
    expect(told).toHaveLength(1)
    warnings.failed(unreachable('refused'), 51_000)
    expect(told).toEqual(['Cannot reach m: refused', 'Cannot reach m: refused'])
  })

  test('is told of eight times at most, however many reasons there are', () => {
    for (let count = 0; count < 100; count++) warnings.failed(unreachable(`port ${count}`), 2_000 + count)
    expect(told).toHaveLength(8)
  })

  test('is no news to who closes', () => {
    warnings.failed(new ReplivecError('CLOSED', 'The store was closed.'), 5_000)
    expect(told).toEqual([])
  })
})

describe('a refusal', () => {
  test('is told of at once and once, whatever its words', () => {
    warnings.failed(refused('secret'), 1)
    warnings.failed(refused('secret'), 2)
    warnings.failed(refused('cluster'), 3)
    expect(told).toEqual(['Refused: secret', 'Refused: cluster'])
  })

  test.each(['replaced', 'forgotten', 'busy', 'rotated'])('that passes is not: %s', (reason) => {
    warnings.failed(refused(reason), 5_000)
    expect(told).toEqual([])
  })
})
