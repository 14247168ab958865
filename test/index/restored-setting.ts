import { expect } from 'vitest'
import type { ReplivecError } from '../../lib/errors.js'
import type { IndexBackend } from '../../lib/index/backend.js'
import { plainScan } from '../../lib/index/backends/plain-scan.js'
import { checkedBackend } from '../../lib/index/checked-backend.js'
import { CollectionIndex } from '../../lib/index/collection-index.js'
import type { IndexView } from '../../lib/index/index-search.js'
import { SegmentStore } from '../../lib/index/segment-store.js'
import type { Files } from '../../lib/runtime/files.js'
import { nodeClock } from '../../lib/runtime/node-clock.js'
import { ControlledBackend, forgetful } from './controlled-backend.js'
import { persisting } from './persisting-backend.js'
import { RestlessClock } from './restless-clock.js'

export const DIRECTORY = '/index/1'
export const approximate = forgetful(plainScan, true)

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await nodeClock.yield()
}

/** One index over the files of a disk: another one over the same files stands for the next open. */
export class RestoredSetting {
  readonly clock = new RestlessClock()
  readonly failures: ReplivecError[] = []
  readonly backend: ControlledBackend
  readonly storage: SegmentStore
  readonly index: CollectionIndex
  readonly files: Files

  constructor(files: Files, inner: IndexBackend = persisting(approximate, files), kind?: string) {
    this.files = files
    this.backend = new ControlledBackend(inner, {}, kind)
    this.backend.isAutomatic = true
    this.storage = new SegmentStore({
      ...{ files, clock: this.clock, directory: DIRECTORY, historyId: 'this' },
      logSynced: () => undefined,
    })
    this.index = new CollectionIndex({
      ...{ dimensions: 1, metric: 'euclidean', clock: this.clock, storage: this.storage, restores: true },
      backend: checkedBackend(this.backend),
      onSegment: () => {},
      onFailure: (error) => this.failures.push(error),
    })
  }

  /** Puts records at the places of their numbers, by operations 1 above these. */
  put(from: number, to: number): void {
    for (let number = from; number < to; number++) {
      this.index.put(number, number + 1, Float32Array.of(number))
    }
  }

  async nearest(view: IndexView, place: number, k = 1): Promise<number[]> {
    const query = { vector: Float32Array.of(place), k, ef: undefined, exact: false, allow: undefined }
    return (await this.index.search(view, query, undefined)).map(({ number }) => number)
  }

  async nearestNow(place: number, k = 1): Promise<number[]> {
    const view = this.index.pin(1_000_000)
    try {
      return await this.nearest(view, place, k)
    } finally {
      view.release()
    }
  }

  async names(): Promise<number[]> {
    const { files } = this
    return (await files.stat(DIRECTORY)) ? (await files.list(DIRECTORY)).map(Number) : []
  }

  get counts(): { indexed: number; pending: number; segments: number; builds: number } {
    const { indexed, pending, segments } = this.index
    return { indexed, pending, segments, builds: this.backend.builds.length }
  }
}

/** An index of two segments, of records 0 to 99 and 100 to 149, was closed. */
export async function written(files: Files): Promise<void> {
  const setting = new RestoredSetting(files)
  setting.put(0, 100)
  await setting.index.flush()
  setting.put(100, 150)
  await setting.index.flush()
  await setting.index.close()
  expect(setting.failures).toEqual([])
  expect(await setting.names()).toEqual([1, 2])
}

export async function restored(files: Files): Promise<RestoredSetting> {
  const setting = new RestoredSetting(files)
  await setting.index.restore(0)
  return setting
}
