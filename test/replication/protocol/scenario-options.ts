import type { KeyRing } from '../../../lib/replication/protocol/key-ring.js'
import { milliseconds } from './scenario-times.js'
import type { ToyMasterOptions } from './toy-master.js'
import type { ToyReplicaOptions } from './toy-replica.js'

/** Small numbers, so that a scenario sees every limit: an operation is 100 bytes, a batch 10 of them, a window 40. */
const DEFAULTS: Readonly<Record<string, string>> = {
  cluster: 'one',
  versions: '1',
  handshake: '10s',
  heartbeat: '10s',
  silence: '60s',
  window: '4000',
  batch: '1000',
  operations: '8',
  gather: '0ms',
  snapshot: '2500',
  piece: '1000',
  first: '100ms',
  longest: '30s',
  retry: '30s',
}

const OF_MASTERS =
  'id cluster versions handshake heartbeat silence window batch operations gather rate snapshot piece secret codes locked binding codecs'
const OF_REPLICAS =
  'id cluster versions handshake heartbeat silence first longest retry master handed discardLocal secret codes binding codecs'

type Lookup = (name: string) => string | undefined

/** `window=4000` sets a number, `discardLocal` alone sets a switch. */
function lookup(words: readonly string[], known: string): Lookup {
  const given = new Map(
    words.map((word): [string, string] => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']),
  )
  for (const name of given.keys()) {
    if (!known.split(' ').includes(name)) throw new Error(`'${name}' is no option; there are ${known}`)
  }
  return (name) => given.get(name) ?? DEFAULTS[name]
}

function required(option: Lookup, name: string): string {
  return option(name) as string
}

/** What both sides have. */
function shared(option: Lookup) {
  return {
    clusterId: required(option, 'cluster'),
    versions: required(option, 'versions').split(',').map(Number),
    handshakeTimeoutMs: milliseconds(required(option, 'handshake')),
    heartbeatIntervalMs: milliseconds(required(option, 'heartbeat')),
    silenceMs: milliseconds(required(option, 'silence')),
    frameCodes: option('codes') !== undefined,
    codecs: option('codecs')?.split(',') ?? [],
  }
}

/** `new:beta,old:alpha`: two keys by their ids, of which the first is the active one. */
export function keysOf(secret: string | undefined): KeyRing | undefined {
  if (!secret) return undefined
  const keys = secret
    .split(',')
    .map((pair): [string, Uint8Array] => [pair.split(':')[0] ?? '', Buffer.from(pair.split(':')[1] ?? '')])
  return { activeId: keys[0]?.[0] ?? '', keys: new Map(keys) }
}

function binding(option: Lookup): Uint8Array {
  return Buffer.from(option('binding') ?? '')
}

export function masterOptions(id: string, words: readonly string[]): ToyMasterOptions {
  const option = lookup(words, OF_MASTERS)
  const rate = option('rate')
  return {
    id,
    config: {
      ...shared(option),
      nodeId: option('id') ?? id,
      windowBytes: Number(option('window')),
      batchBytes: Number(option('batch')),
      batchOperations: Number(option('operations')),
      gatherMs: milliseconds(required(option, 'gather')),
      channelBinding: binding(option),
    },
    isLockedOut: option('locked') !== undefined,
    keys: keysOf(option('secret')),
    bytesPerSecond: rate === undefined ? undefined : Number(rate),
    snapshotBytes: Number(option('snapshot')),
    pieceBytes: Number(option('piece')),
  }
}

export function replicaOptions(name: string, master: string, words: readonly string[]): ToyReplicaOptions {
  const option = lookup(words, OF_REPLICAS)
  return {
    name,
    master,
    config: {
      ...shared(option),
      nodeId: option('id') ?? name,
      masterId: option('master'),
      dials: option('handed') === undefined,
      discardLocal: option('discardLocal') !== undefined,
      backoffMs: {
        first: milliseconds(required(option, 'first')),
        max: milliseconds(required(option, 'longest')),
      },
      haltedRetryMs: milliseconds(required(option, 'retry')),
    },
    keys: keysOf(option('secret')),
    channelBinding: binding(option),
  }
}
