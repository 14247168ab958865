/** The stores every contract test runs on: in memory, on disk, and on disk closed and opened between write and read. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'vitest'
import { type Collection, type CollectionOptions, type StoreOptions, VectorStore } from '../../lib/index.js'

export type StoreKind = 'in memory' | 'on disk' | 'on disk, reopened'

export const STORE_KINDS: readonly StoreKind[] = ['in memory', 'on disk', 'on disk, reopened']

/** One store of a kind, fresh for every test, with the collection a test is about. */
export class StoreUnderTest {
  readonly kind: StoreKind
  #store: VectorStore | undefined
  #directory: string | undefined
  #options: StoreOptions = {}

  constructor(kind: StoreKind) {
    this.kind = kind
  }

  get store(): VectorStore {
    return this.#store!
  }

  /** An empty directory of this test. The store is in its folder `store`. */
  get directory(): string {
    return this.#directory!
  }

  get isOnDisk(): boolean {
    return this.kind !== 'in memory'
  }

  async begin(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'replivec-test-'))
    await this.start()
  }

  /** Closes the store and opens it again with other options; a store in memory is then empty. */
  async start(options: StoreOptions = {}): Promise<void> {
    await this.#store?.close()
    this.#options = this.isOnDisk ? { ...options, path: join(this.directory, 'store') } : options
    this.#store = await VectorStore.open(this.#options)
  }

  async end(): Promise<void> {
    await this.#store?.close()
    await rm(this.directory, { recursive: true, force: true })
  }

  create<M extends object = Record<string, unknown>>(
    options: Partial<CollectionOptions<NoInfer<M>>> = {},
    name = 'things',
  ): Promise<Collection<M>> {
    return this.store.createCollection<M>(name, { dimensions: 2, metric: 'euclidean', ...options })
  }

  /** The collection as a later reader finds it: on the reopened kind, the store is closed and opened before. */
  async later<M extends object = Record<string, unknown>>(name = 'things'): Promise<Collection<M>> {
    if (this.kind === 'on disk, reopened') {
      await this.store.close()
      this.#store = await VectorStore.open(this.#options)
    }
    return this.store.openCollection<M>(name)
  }
}

/** Declares the tests of `body` once per kind of store. */
export function describeStores(body: (subject: StoreUnderTest) => void, kinds = STORE_KINDS): void {
  describe.each([...kinds])('a store %s', (kind) => {
    const subject = new StoreUnderTest(kind)
    beforeEach(() => subject.begin())
    afterEach(() => subject.end())
    body(subject)
  })
}
