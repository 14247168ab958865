import type { OpenFile } from '../runtime/files.js'
import { type CommitHead, readCommitHead } from './commit-head.js'
import { FrameReader, type ScanEnd } from './frame-reader.js'
import type { Segment } from './segment.js'
import { openSegmentOf, reading, type SegmentRun } from './segment-run.js'
import { notDecodable, outOfOrder } from './segment-scan.js'
import type { SeqOffsets } from './seq-offsets.js'

/** No more is read for nothing than has to be passed over to find an operation. */
const CHUNK_BYTES = 256 * 1024

/** A commit as it lies in a segment, its operations not decoded. */
export interface RawCommit {
  readonly kind: 'commit'
  readonly head: CommitHead
  readonly lastSeq: number
  /** The whole frame, header included; good until the next one is read. */
  readonly frame: Uint8Array
}

/** The commits of one open segment, in order, each frame checked and none decoded. */
export class SegmentCommits {
  readonly segment: Segment
  readonly #file: OpenFile
  readonly #offsets: SeqOffsets
  readonly #frames: FrameReader
  #expectedSeq: number
  #size: number | undefined

  private constructor(file: OpenFile, segment: Segment, offsets: SeqOffsets, fromSeq: number) {
    const { firstSeq, offset } = offsets.before(fromSeq) ?? {
      firstSeq: segment.firstSeq,
      offset: segment.dataStart,
    }
    this.segment = segment
    this.#file = file
    this.#offsets = offsets
    this.#frames = new FrameReader(file, offset, CHUNK_BYTES, true)
    this.#expectedSeq = firstSeq
  }

  /**
   * Opens a segment at an operation that it holds, or as little before it as is known.
   *
   * @throws as `openSegmentOf`
   */
  static async open(
    run: SegmentRun,
    named: Segment,
    offsets: SeqOffsets,
    fromSeq: number,
  ): Promise<SegmentCommits> {
    const { file, segment } = await openSegmentOf(run, named, fromSeq)
    return new SegmentCommits(file, segment, offsets, fromSeq)
  }

  /** Where a segment ends that is not written to any more. */
  async size(): Promise<number> {
    this.#size ??= await reading(this.segment.path, this.#file.size())
    return this.#size
  }

  /** @param endOffset - as of `FrameReader.next` */
  async next(endOffset: number): Promise<RawCommit | ScanEnd> {
    for (;;) {
      const frame = await reading(this.segment.path, this.#frames.next(endOffset))
      if (frame.kind !== 'frame') return frame
      if (frame.mark) continue
      const { offset } = frame
      const head = readCommitHead(frame.body)
      if (!head) throw notDecodable(this.segment.path, offset)
      const { firstSeq, count } = head
      if (firstSeq !== this.#expectedSeq || count < 1) {
        return { kind: 'damaged', offset, reason: outOfOrder(this.#expectedSeq, firstSeq) }
      }
      this.#offsets.note(firstSeq, offset)
      this.#expectedSeq += count
      return { kind: 'commit', head, lastSeq: this.#expectedSeq - 1, frame: frame.bytes }
    }
  }

  close(): Promise<void> {
    return reading(this.segment.path, this.#file.close())
  }
}
