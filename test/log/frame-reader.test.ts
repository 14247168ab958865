import { describe, expect, test } from 'vitest'
import { encodeMarkFrame } from '../../lib/log/frame.js'
import { type FileFrame, FrameReader } from '../../lib/log/frame-reader.js'
import { SimulatedDisk } from '../../lib/testing/simulated-disk.js'
import { sampleCommit, sampleCommits, tell, tellAll } from './sample-log.js'

const CHUNK_BYTES = 1_000

async function fileOf(bytes: Uint8Array) {
  const disk = new SimulatedDisk({ seed: 'frames' })
  const file = await disk.files.open('/frames', 'create')
  await file.write(bytes, 0)
  return { disk, file }
}

describe('FrameReader', () => {
  test('gives every frame as it lies there, from any frame on', async () => {
    const commits = sampleCommits([1, 30, 1, 2, 200, 1], 40)
    const mark = encodeMarkFrame(7)
    const frames = commits.flatMap(({ frame }) => [mark, frame])
    const bytes = Buffer.concat(frames)
    const { file } = await fileOf(bytes)
    const found: FileFrame[] = []
    for (let skipped = 0, offset = 0; skipped < frames.length; offset += frames[skipped++]!.length) {
      const reader = new FrameReader(file, offset, CHUNK_BYTES)
      for (const [index, frame] of frames.slice(skipped).entries()) {
        const reading = (await reader.next(bytes.length)) as FileFrame
        expect(reading).toMatchObject({ kind: 'frame', mark: (skipped + index) % 2 === 0 })
        expect(Buffer.compare(reading.bytes, frame)).toBe(0)
        expect(reading.end - reading.offset).toBe(frame.length)
        found.push(reading)
      }
      const end = { kind: 'end', offset: bytes.length }
      expect([await reader.next(bytes.length), await reader.next(bytes.length)]).toEqual([end, end])
    }
    // What was given stays as it was, whatever was read after it.
    for (const { bytes: frame, offset, end } of found) {
      expect(Buffer.compare(frame, bytes.subarray(offset, end))).toBe(0)
    }
  })

  test('goes on when the content has grown, and reads nothing twice or from beyond', async () => {
    const commits = sampleCommits(new Array(40).fill(1), 40)
    const { disk, file } = await fileOf(Buffer.concat(commits.map(({ frame }) => frame)))
    let reads = 0
    disk.beforeOperation = ({ operation }) => {
      reads += operation === 'read' ? 1 : 0
    }
    const reader = new FrameReader(file, 0, 1_000_000)
    let end = 0
    for (const { frame } of commits) {
      expect(await reader.next(end)).toEqual({ kind: 'end', offset: end })
      end += frame.length
      const reading = (await reader.next(end)) as FileFrame
      expect([tell(reading.bytes), reading.end]).toEqual([tell(frame), end])
    }
    expect(reads).toBe(commits.length)
  })

  test.each([false, true])(
    'tries again from the same place after a disk that did not answer (memory reused: %s)',
    async (isReused) => {
      const commits = sampleCommits([1, 100, 1, 60, 9, 9, 9, 70, 1, 13, 1, 13, 1, 13], 40)
      const bytes = Buffer.concat(commits.map(({ frame }) => frame))
      const { disk, file } = await fileOf(bytes)
      const reader = new FrameReader(file, 0, CHUNK_BYTES, isReused)
      const next = async () => tell(((await reader.next(bytes.length)) as FileFrame).bytes)
      const found: string[] = []
      let failures = 0
      while (found.length < commits.length && failures < 1_000) {
        disk.failNext('read', 'EIO', failures % 3)
        for (let isPending = true; isPending && found.length < commits.length; ) {
          await next().then(
            (frame) => found.push(frame),
            () => {
              isPending = false
              failures += 1
            },
          )
        }
      }
      expect(failures).toBeGreaterThan(2)
      expect(found).toEqual(tellAll(commits))
    },
  )

  test('stays at damage, and says the same of it', async () => {
    const [first, second] = [sampleCommit(1), sampleCommit(2)]
    const bytes = Buffer.concat([first.frame, second.frame])
    const { disk, file } = await fileOf(bytes)
    disk.flipBit('/frames', first.frame.length + 12)
    const reader = new FrameReader(file, 0, CHUNK_BYTES)
    expect(await reader.next(bytes.length)).toMatchObject({ kind: 'frame' })
    const damage = { kind: 'damaged', offset: first.frame.length, reason: 'a frame checksum does not match' }
    expect([await reader.next(bytes.length), await reader.next(bytes.length)]).toEqual([damage, damage])
  })
})
