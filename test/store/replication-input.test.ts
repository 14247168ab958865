import { describe, expect, test } from 'vitest'
import { prepareReplication } from '../../lib/store/replication-input.js'
import { memoryNetwork } from '../../lib/transport/memory.js'

const transport = memoryNetwork().transport('a')
const MASTER = { role: 'master' }
const secret = 'a secret of thirty-two characters'

describe('options of replication that are wrong are named', () => {
  test.each<[string, object]>([
    ['role', { role: 'leader' }],
    ['role', { role: undefined }],
    ['transport', { ...MASTER, transport: { dial: () => {} } }],
    ['master', { ...MASTER, master: { id: 'b' } }],
    ['master', { role: 'replica', transport }],
    ['master.id', { role: 'replica', transport, master: { id: 'a b' } }],
    ['master.address', { role: 'replica', transport, master: { id: 'b', address: 7 } }],
    ['clusterId', { ...MASTER, clusterId: '' }],
    ['clusterId', { ...MASTER, clusterId: 'ä'.repeat(65) }],
    ['clusterId', { ...MASTER, clusterId: 'a\nb' }],
    ['clusterId', { ...MASTER, clusterId: 7 }],
    ['members', { ...MASTER, members: [] }],
    ['members', { ...MASTER, members: ['a', 'a'] }],
    ['members', { ...MASTER, members: ['a', ''] }],
    ['authorize', { ...MASTER, authorize: true }],
    ['secret', { ...MASTER, secret: '' }],
    ['secret.active', { ...MASTER, secret: { active: 'b', keys: { a: secret } } }],
    ['authenticateFrames', { ...MASTER, authenticateFrames: true }],
    ['authenticateFrames', { ...MASTER, secret, authenticateFrames: 1 }],
    ['attemptLimit.perMinute', { ...MASTER, attemptLimit: { perMinute: 0 } }],
    ['attemptLimit.perMinute', { ...MASTER, attemptLimit: { perMinute: 10_001 } }],
    ['attemptLimit.lockoutMs', { ...MASTER, attemptLimit: { lockoutMs: Number.NaN } }],
    ['compression', { ...MASTER, compression: 'zstd' }],
    ['compression.codecs', { ...MASTER, compression: { codecs: [] } }],
    ['compression.codecs', { ...MASTER, compression: { codecs: ['gzip'] } }],
    ['compression.codecs', { ...MASTER, compression: { codecs: ['lz4', 'lz4'] } }],
    ['heartbeatIntervalMs', { ...MASTER, heartbeatIntervalMs: 0 }],
    ['laggingAfterMs', { ...MASTER, laggingAfterMs: -1 }],
    ['disconnectedAfterMs', { ...MASTER, disconnectedAfterMs: '1' }],
    ['maxInFlightBytes', { ...MASTER, maxInFlightBytes: Number.POSITIVE_INFINITY }],
    ['maxQueuedBytes', { ...MASTER, maxQueuedBytes: null }],
    ['maxBytesPerSecond', { ...MASTER, maxBytesPerSecond: 0 }],
    ['retention.bytes', { ...MASTER, retention: { bytes: -1 } }],
    ['retention.ageMs', { ...MASTER, retention: { ageMs: Number.NaN } }],
    ['discardLocal', { ...MASTER, discardLocal: 'yes' }],
  ])('%s: %j', (option, replication) => {
    expect(() => prepareReplication(replication, false)).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        message: expect.stringContaining(`The option replication.${option} must be `),
        details: expect.objectContaining({ option: `replication.${option}` }),
      }),
    )
  })

  test.each<[string, object]>([
    ['secert', { ...MASTER, secert: secret }],
    ['perSecond', { ...MASTER, attemptLimit: { perSecond: 3 } }],
    ['codec', { ...MASTER, compression: { codec: 'lz4' } }],
    ['days', { ...MASTER, retention: { days: 3 } }],
  ])('%s, which there is not', (name, replication) => {
    expect(() => prepareReplication(replication, false)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(`"${name}"`) }),
    )
  })
})

describe('options that are left out', () => {
  test('are those of the documentation', () => {
    const { options, ...others } = prepareReplication({ role: 'master' }, false)
    expect(others).toEqual({
      ...{ role: 'master', writeConcern: undefined },
      ...{ retentionBytes: 256 * 1024 * 1024, retentionAgeMs: Number.POSITIVE_INFINITY },
    })
    expect(options).toMatchObject({
      ...{ clusterId: 'default', heartbeatIntervalMs: 10_000, laggingAfterMs: 1_000 },
      ...{ disconnectedAfterMs: 60_000, maxInFlightBytes: 8 * 1024 * 1024 },
      ...{ maxQueuedBytes: 32 * 1024 * 1024, maxBytesPerSecond: undefined, discardLocal: false },
      ...{ attemptLimit: { perMinute: 60, lockoutMs: 300_000 }, compresses: false },
      ...{ keys: undefined, authenticateFrames: false },
    })
    expect(prepareReplication(undefined, true)).toMatchObject({
      role: 'standalone',
      options: undefined,
      retentionBytes: 0,
    })
  })

  test('of a compression are those of a replica that takes whatever its master chooses, or all', () => {
    const of = (compression: unknown) => prepareReplication({ role: 'master', compression }, false).options
    const all = of(undefined)?.codecNames
    expect(all).toEqual(expect.arrayContaining(['deflate', 'lz4']))
    expect(of(true)).toMatchObject({ compresses: true, codecNames: all })
    expect(of(false)).toMatchObject({ compresses: false, codecNames: [] })
    expect(of({ codecs: ['lz4'] })).toMatchObject({ compresses: true, codecNames: ['lz4'] })
  })
})
