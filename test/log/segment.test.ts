import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { encodeMessage } from '../../lib/log/codec.js'
import type { LogIdentity } from '../../lib/log/position.js'
import { replivec } from '../../lib/log/schema.js'
import {
  createSegment,
  openSegment,
  SEGMENT_FORMAT,
  segmentFirstSeq,
  segmentName,
} from '../../lib/log/segment.js'
import { memoryFiles } from '../../lib/runtime/memory-files.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { IDENTITY } from './sample-log.js'

const IDENTITY_OF_A_RESTORE: LogIdentity = {
  historyId: 'restored',
  nodeId: 'node-2',
  epochs: [
    { epoch: 1, nodeId: 'node-1', firstSeq: 1 },
    { epoch: 4, nodeId: 'node-2', firstSeq: 900_000_000_000 },
  ],
  parent: { historyId: 'history-1', epoch: 1, seq: 77 },
}

/** A segment file of any format version with a valid checksum. */
function segmentBytes(header: Uint8Array, format = SEGMENT_FORMAT): Uint8Array {
  const bytes = new Uint8Array(16 + header.length)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('RVLG'))
  view.setUint32(4, format, true)
  view.setUint32(8, header.length, true)
  bytes.set(header, 16)
  view.setUint32(12, crc32(header, crc32(bytes.subarray(0, 12))), true)
  return bytes
}

async function openBytes(bytes: Uint8Array, firstSeq: number) {
  const files = memoryFiles()
  const path = segmentName(firstSeq)
  const file = await files.open(path, 'create')
  await file.write(bytes, 0)
  return openSegment(file, path, firstSeq)
}

describe('segment names', () => {
  test('sort like the numbers in them', () => {
    const seqs = [1, 2, 9, 10, 11, 99_999, Number.MAX_SAFE_INTEGER]
    const names = seqs.map(segmentName)
    expect(names.toSorted()).toEqual(names)
    expect(names.map(segmentFirstSeq)).toEqual(seqs)
  })

  test('are told from other names', () => {
    const others = [
      '1.log',
      '0000000000000001.log.tmp',
      '00000000000000001.log',
      'clean-close.json',
      'x.log',
      '',
    ]
    expect(others.map(segmentFirstSeq)).toEqual(others.map(() => undefined))
  })
})

describe('a segment', () => {
  test('brings its identity back, by the handle that made it and by another', async () => {
    const files = memoryFiles()
    for (const identity of [IDENTITY, IDENTITY_OF_A_RESTORE]) {
      const { segment, file } = await createSegment(files, '.', identity, 12, 1_700_000_000_000.75)
      expect(segment).toEqual({ path: './0000000000000012.log', firstSeq: 12, dataStart: await file.size() })
      const again = await files.open(segment.path, 'read')
      expect(await openSegment(again, segment.path, 12)).toEqual({
        ...{ segment, identity },
        createdAtMs: 1_700_000_000_000,
      })
      await files.remove(segment.path)
    }
  })

  test('has its whole header durably from the moment it has its name, at every cut of the power', async () => {
    const found = new Set<string>()
    for (let seed = 0; seed < 40; seed++) {
      for (let at = 1; at <= 6; at++) {
        const disk = new SimulatedDisk({ seed: `${seed}/${at}` })
        disk.beforeOperation = ({ number }) => number === at && disk.powerCut()
        await createSegment(disk.files, '', IDENTITY, 1, 0).catch(() => undefined)
        disk.beforeOperation = undefined
        const names = await disk.files.list('/')
        const file = await disk.files.open('/0000000000000001.log', 'read').catch(() => undefined)
        const opened = file && (await openSegment(file, '/0000000000000001.log', 1))
        expect(opened?.identity ?? IDENTITY, `seed ${seed}, operation ${at}`).toEqual(IDENTITY)
        found.add(names.join())
      }
    }
    expect([...found].sort()).toEqual(['', '0000000000000001.log', '0000000000000001.log.tmp'])
  })

  test('takes the place of what a crash left of an earlier attempt', async () => {
    const files = memoryFiles()
    const left = await files.open('./0000000000000003.log.tmp', 'create')
    await left.write(new Uint8Array(500).fill(9), 0)
    const { segment } = await createSegment(files, '.', IDENTITY, 3, 0)
    expect(await files.list('.')).toEqual(['0000000000000003.log'])
    const file = await files.open(segment.path, 'read')
    expect((await openSegment(file, segment.path, 3)).identity).toEqual(IDENTITY)
  })

  test('carries what a later version wrote into its header on to the next segment, rows included', async () => {
    const unknown = (number: number) => Uint8Array.of(0xf8, 0x01, number)
    const header = encodeMessage(replivec.v1.SegmentHeader, {
      historyId: 'h',
      nodeId: 'n',
      epochs: [{ epoch: 1, nodeId: 'n', firstSeq: 1, $unknowns: [unknown(1)] }],
      firstSeq: 5,
      createdAtMs: 10,
      parent: { historyId: 'p', epoch: 1, seq: 3, $unknowns: [unknown(2)] },
      $unknowns: [unknown(3), unknown(4)],
    })
    const { identity } = await openBytes(segmentBytes(header), 5)
    const files = memoryFiles()
    const { segment, file } = await createSegment(files, '.', identity, 5, 10)
    expect(Buffer.compare(await files.readFile(segment.path), segmentBytes(header))).toBe(0)
    expect((await openSegment(file, segment.path, 5)).identity).toEqual({
      historyId: 'h',
      nodeId: 'n',
      epochs: [{ epoch: 1, nodeId: 'n', firstSeq: 1, unknownFields: [unknown(1)] }],
      parent: { historyId: 'p', epoch: 1, seq: 3, unknownFields: [unknown(2)] },
      unknownFields: [unknown(3), unknown(4)],
    })
  })

  test('of a newer format says so, naming both', async () => {
    await expect(openBytes(segmentBytes(Uint8Array.of(1, 2, 3), 2), 1)).rejects.toMatchObject({
      code: 'FORMAT_UNSUPPORTED',
      details: { path: segmentName(1), format: 2, supported: 1 },
    })
  })

  test('with any bit of its header inverted is LOG_CORRUPT', async () => {
    const files = memoryFiles()
    const { segment } = await createSegment(files, '.', IDENTITY, 1, 99)
    const bytes = await files.readFile(segment.path)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      await expect(openBytes(damaged, 1), `bit ${bit}`).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
        details: { path: segmentName(1), offset: 0 },
      })
    }
  })

  test('cut anywhere in its header is LOG_CORRUPT', async () => {
    const files = memoryFiles()
    const { segment } = await createSegment(files, '.', IDENTITY, 1, 99)
    const bytes = await files.readFile(segment.path)
    for (let length = 0; length < bytes.length; length++) {
      await expect(openBytes(bytes.subarray(0, length), 1), `${length} bytes`).rejects.toMatchObject({
        code: 'LOG_CORRUPT',
      })
    }
  })

  test('under the name of another, or with a header that is no message, is LOG_CORRUPT', async () => {
    const header = encodeMessage(replivec.v1.SegmentHeader, { historyId: 'h', firstSeq: 5 })
    await expect(openBytes(segmentBytes(header), 6)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining('its name and its header disagree'),
    })
    await expect(openBytes(segmentBytes(Uint8Array.of(0x0a)), 5)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      details: { path: segmentName(5), offset: 0 },
    })
  })

  test('that cannot be made leaves no open file behind', async () => {
    for (const operation of ['write', 'sync', 'rename', 'syncDirectory'] as const) {
      const disk = new SimulatedDisk({ seed: operation })
      const closed: string[] = []
      disk.beforeOperation = (event) => event.operation === 'close' && closed.push(event.path)
      disk.failNext(operation, 'EIO')
      await expect(createSegment(disk.files, '', IDENTITY, 1, 0)).rejects.toMatchObject({ code: 'EIO' })
      expect(closed).toEqual(['/0000000000000001.log.tmp'])
    }
  })
})
