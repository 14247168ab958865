/** What docs/PROTOCOL.md shows is what the code reads and writes, and it leaves out no message, field, or reason. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { decodeCommit, readFrame } from '../../lib/log/frame.js'
import type { Message, Part, WireMessage } from '../../lib/replication/protocol/messages.js'
import { decodeWire, encodeWire } from '../../lib/replication/protocol/wire-codec.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const PAGE = read('docs/PROTOCOL.md')

/** The lines of all `hex` blocks: a kind and its bytes. */
const EXAMPLES = [...PAGE.matchAll(/```hex\n([^`]*)```/g)].flatMap(([, block]) =>
  (block as string)
    .trim()
    .split('\n')
    .map((line) => /^(\S+)\s+([0-9a-f ]+)$/.exec(line) as RegExpExecArray)
    .map(([, kind, hex]) => ({
      kind: kind as string,
      bytes: Buffer.from((hex as string).replaceAll(' ', ''), 'hex'),
    })),
)

const example = (kind: string): WireMessage =>
  decodeWire(EXAMPLES.find((candidate) => candidate.kind === kind)?.bytes as Uint8Array)

describe('the example', () => {
  test.each(EXAMPLES)('$kind is what it says, and what this code would write', ({ kind, bytes }) => {
    const message = decodeWire(bytes)
    expect(message.kind).toBe(kind)
    expect(Buffer.from(encodeWire(message)).toString('hex')).toBe(bytes.toString('hex'))
  })

  test('tells of b, which has three operations of a, and of the fourth', () => {
    const epochs = [{ epoch: 1, nodeId: 'a', firstSeq: 1 }]
    expect(example('hello')).toMatchObject({ versions: [1], nodeId: 'b', clusterId: 'c', role: 'replica' })
    expect(example('challenge')).toMatchObject({ version: 1, nodeId: 'a', clusterId: 'c' })
    expect(example('place')).toMatchObject({ historyId: 'h', epochs, last: { epoch: 1, seq: 3 } })
    expect(example('welcome')).toMatchObject({
      ...{ historyId: 'h', epochs, parent: undefined, fromSeq: 4, snapshotReason: '' },
      ...{ head: { epoch: 1, seq: 4 }, windowBytes: 8 * 1024 * 1024, heartbeatIntervalMs: 1_000 },
    })
    expect(example('ack')).toMatchObject({ receivedSeq: 4, durableSeq: 4, appliedSeq: 4 })
    const operations = example('operations') as Message & { kind: 'operations' }
    expect(operations).toMatchObject({ firstSeq: 4, lastSeq: 4, headSeq: 4 })
    const frame = readFrame(operations.frames, 0)
    expect(frame).toMatchObject({ kind: 'frame', mark: false, end: operations.frames.byteLength })
    const commit = decodeCommit((frame as { body: Uint8Array }).body)
    expect(commit.operations).toMatchObject([{ delete: { collection: 1, id: 'x' } }])
  })

  test('comes back from its parts', () => {
    const parts = EXAMPLES.filter(({ kind }) => kind === 'part').map(({ bytes }) => decodeWire(bytes) as Part)
    expect(parts.map(({ last }) => last)).toEqual([false, true])
    const whole = Buffer.concat(parts.map(({ bytes }) => bytes))
    expect(decodeWire(whole)).toEqual(example('ack'))
  })
})

describe('the page names', () => {
  test('every message and every field of the schema', () => {
    const schema = read('lib/replication/protocol/wire.proto')
    const messages = [...schema.matchAll(/^message (\w+)/gm)].map(([, name]) => name as string)
    const fields = [...schema.matchAll(/^ {2}(?:repeated )?\w+ (\w+) = \d+;/gm)].map(
      ([, name]) => name as string,
    )
    expect(messages.length).toBeGreaterThan(12)
    expect(fields.length).toBeGreaterThan(40)
    const isNamed = (name: string): boolean => new RegExp(`\`(\\d+ )?${name}\`|\\d \`${name}\``).test(PAGE)
    expect([...messages, ...fields].filter((name) => !isNamed(name))).toEqual([])
  })

  test('every reason that a refusal has, and every reason for a snapshot', () => {
    const sources = [
      ...['master-handshake', 'master', 'replica', 'replica-handshake', 'messages'].map(
        (name) => `protocol/${name}`,
      ),
      ...['master-links', 'peer-admission'],
    ].map((name) => read(`lib/replication/${name}.ts`))
    const reasons = sources.flatMap((source) => [
      ...source.matchAll(
        /reason: '([\w-]+)'(?!, (?:host|keyIds))|refuse\(\s*'([\w-]+)'|refusalOf\('([\w-]+)'|return '([\w-]+)'$|^ {2}\| '(\w+)'$/gm,
      ),
    ])
    const words = [...new Set(reasons.map(([, ...groups]) => groups.find(Boolean) as string))]
    expect(words).toEqual(
      expect.arrayContaining([
        'handshake',
        'silence',
        'cluster',
        'trimmed',
        'fresh',
        'halted',
        'secret',
        'busy',
      ]),
    )
    expect(words.filter((word) => !PAGE.includes(`\`${word}\``))).toEqual([])
  })
})
