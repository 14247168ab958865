import { join } from 'node:path'
import { ReplivecError } from '../errors.js'
import { encodeMessage } from '../log/codec.js'
import { OpLog } from '../log/op-log.js'
import type { LogIdentity } from '../log/position.js'
import { replivec } from '../log/schema.js'
import type { KeyValue } from '../records/key-value.js'
import { STATE_KEY } from '../records/record-keys.js'
import { RECORDS_FORMAT } from '../records/record-reader.js'
import { sealValue } from '../records/sealed-value.js'
import type { SnapshotStart, Welcome } from '../replication/protocol/messages.js'
import { BackupDecoder, type EntryRun } from './backup-file.js'
import type { Environment } from './environment.js'

/**
 * A snapshot on its way into a generation of its own, beside the one that answers: what comes is put into its record store at once,
 * a chunk while the next one comes and is decoded, so that no more than two are in memory. It lives as long as the process; a replica
 * that starts anew begins anew.
 */
export class SnapshotIntake {
  readonly id: string
  readonly #environment: Environment
  readonly #directory: string
  readonly #start: SnapshotStart
  readonly #welcome: Welcome
  readonly #keyValues: KeyValue
  readonly #decoder: BackupDecoder
  /** The chunk before, on its way into the record store. */
  #storing: Promise<void> = Promise.resolve()
  /** Why that failed: nothing more is taken then. */
  #failure: { readonly error: unknown } | undefined
  #takenBytes = 0
  /** Where the next bytes lie in the file. */
  #atByte = 0

  private constructor(
    environment: Environment,
    directory: string,
    keyValues: KeyValue,
    start: SnapshotStart,
    welcome: Welcome,
  ) {
    this.id = start.snapshotId
    this.#environment = environment
    this.#directory = directory
    this.#keyValues = keyValues
    this.#start = start
    this.#welcome = welcome
    this.#decoder = new BackupDecoder(`of the snapshot ${start.snapshotId}`, !keyValues.keepsWrites)
  }

  /** @param directory - an empty one */
  static async begin(
    environment: Environment,
    directory: string,
    start: SnapshotStart,
    welcome: Welcome,
  ): Promise<SnapshotIntake> {
    const records = join(directory, 'records')
    await environment.files.makeDirectory(records)
    return new SnapshotIntake(
      environment,
      directory,
      await environment.keyValues.open(records),
      start,
      welcome,
    )
  }

  /** The next bytes are those from here on: what is stored already comes again. */
  resume(fromByte: number): void {
    this.#atByte = fromByte
  }

  /**
   * Takes the next bytes. What they begin to store may fail later: then the next call does, or `finish`.
   *
   * @returns how much of the file came by now
   * @throws `PROTOCOL_VIOLATED` for what is no snapshot, `STORAGE_FAILED`
   */
  async store(bytes: Uint8Array): Promise<number> {
    if (this.#failure) throw this.#failure.error
    const fresh = bytes.subarray(Math.max(0, this.#takenBytes - this.#atByte))
    const runs = this.#decoder.push(fresh)
    for (;;) {
      const { value: run } = decoding(() => runs.next())
      if (!run) break
      await this.#storing
      this.#storing = this.#commit(run)
      this.#storing.catch((error: unknown) => {
        this.#failure = { error }
      })
    }
    this.#takenBytes += fresh.byteLength
    this.#atByte += bytes.byteLength
    return this.#atByte
  }

  async #commit({ entries, endsChunk }: EntryRun): Promise<void> {
    await this.#keyValues.commit(entries.filter(({ key }) => Buffer.compare(key, STATE_KEY) !== 0))
    if (endsChunk) this.#decoder.release()
  }

  /**
   * Everything came: makes a store of it, durably.
   *
   * @param nodeId - whose it is
   * @returns its record store, open
   */
  async finish(nodeId: string): Promise<KeyValue> {
    decoding(() => this.#decoder.finish())
    await this.#storing
    const { files, clock } = this.#environment
    const { position } = this.#start
    const { historyId, parent, epochs } = this.#welcome
    const identity: LogIdentity = {
      ...(parent ? { parent } : {}),
      ...{ historyId, nodeId, epochs: epochs.map((row) => ({ ...row })) },
    }
    const state = encodeMessage(replivec.v1.StoreState, {
      format: RECORDS_FORMAT,
      ...{ historyId, nodeId, parent: parent ?? null, epochs: epochs.map((row) => ({ ...row })) },
      appliedEpoch: position.epoch,
      appliedSeq: position.seq,
    })
    await this.#keyValues.commit([{ key: STATE_KEY, value: sealValue(STATE_KEY, state) }])
    await this.#keyValues.flushed()
    const log = await OpLog.open({
      segmentBytes: Number.MAX_SAFE_INTEGER,
      durableSeq: position.seq,
      create: () => ({ identity, start: position }),
      ...{ files, clock, directory: join(this.#directory, 'log') },
    })
    await log.close()
    await files.syncDirectory(this.#directory)
    return this.#keyValues
  }

  /** Gives up what came; what lies in the directory is of no use. */
  async abandon(): Promise<void> {
    await this.#storing.catch(() => undefined)
    await this.#keyValues.close()
  }
}

/** What came over a link is not what it should be: that is the link's fault, or its other end's. */
function decoding<T>(decode: () => T): T {
  try {
    return decode()
  } catch (cause) {
    if (!ReplivecError.is(cause, 'BACKUP_INVALID')) throw cause
    const reason = String(cause.details.reason)
    throw new ReplivecError('PROTOCOL_VIOLATED', `The snapshot cannot be used: ${reason}.`, {
      cause,
      details: { reason },
    })
  }
}
