import { dirname, join } from 'node:path'
import type { Abortable, Observable } from '../abortable.js'
import { ReplivecError } from '../errors.js'
import { encodeMessage } from '../log/codec.js'
import { OpLog } from '../log/op-log.js'
import type { LogIdentity } from '../log/position.js'
import { replivec } from '../log/schema.js'
import { STATE_KEY } from '../records/record-keys.js'
import { RECORDS_FORMAT } from '../records/record-reader.js'
import { sealValue } from '../records/sealed-value.js'
import { makeDurableDirectory } from '../runtime/durable-directory.js'
import { progressReporter } from '../runtime/progress.js'
import { randomName } from '../runtime/random.js'
import { BACKUP_NAME, type BackupHeader, BackupReader } from './backup-file.js'
import type { Environment } from './environment.js'
import { assertAbsent, putInPlace } from './new-directory.js'

/**
 * Builds a store from a backup beside its final place and renames it there when it is whole. The first pass only
 * checks, so that a damaged backup writes nothing.
 */
export async function restoreStore(
  environment: Environment,
  backup: string,
  path: string,
  { signal, onProgress }: Abortable & Observable,
): Promise<void> {
  const { files, random } = environment
  const report = progressReporter(onProgress)
  signal?.throwIfAborted()
  await assertAbsent(files, path)
  const source = join(backup, BACKUP_NAME)
  if (!(await files.stat(source))) {
    throw new ReplivecError('BACKUP_INVALID', `There is no backup in ${backup}: ${BACKUP_NAME} is missing.`, {
      details: { path: backup },
    })
  }
  let header: BackupHeader | undefined
  const pass = async (phase: string, use?: (entries: readonly Entry[]) => Promise<void>): Promise<void> => {
    const file = await files.open(source, 'read')
    try {
      const reader = new BackupReader(file, source)
      let done = 0
      for await (const entries of reader.runs()) {
        signal?.throwIfAborted()
        await use?.(entries)
        done += entries.length
        report?.({ done, total: reader.header.entries, phase })
      }
      header = reader.header
    } finally {
      await file.close()
    }
  }
  await pass('verify')
  const temporary = `${path}.partial-${randomName(random, 4)}`
  try {
    await makeDurableDirectory(files, dirname(path))
    await files.makeDirectory(join(temporary, 'records'))
    const identity = newIdentity(header as unknown as BackupHeader, randomName(random, 16))
    const position = { epoch: 1, seq: (header as unknown as BackupHeader).seq }
    const keyValues = await environment.keyValues.open(join(temporary, 'records'))
    try {
      await pass('restore', (entries) =>
        keyValues.commit(entries.filter(({ key }) => Buffer.compare(key, STATE_KEY) !== 0)),
      )
      const state = {
        format: RECORDS_FORMAT,
        ...{ historyId: identity.historyId, nodeId: identity.nodeId, parent: identity.parent ?? null },
        epochs: identity.epochs.map((row) => ({ ...row })),
        appliedEpoch: position.epoch,
        appliedSeq: position.seq,
      }
      const payload = encodeMessage(replivec.v1.StoreState, state)
      await keyValues.commit([{ key: STATE_KEY, value: sealValue(STATE_KEY, payload) }])
      await keyValues.flushed()
    } finally {
      await keyValues.close()
    }
    const log = await OpLog.open({
      ...environment,
      directory: join(temporary, 'log'),
      segmentBytes: Number.MAX_SAFE_INTEGER,
      durableSeq: position.seq,
      create: () => ({ identity, start: position }),
    })
    await log.close()
    await putInPlace(files, temporary, path)
  } catch (error) {
    await files.removeTree(temporary)
    throw error
  }
}

interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A history of its own, which remembers where it comes from. */
function newIdentity({ historyId, nodeId, epoch, seq }: BackupHeader, fresh: string): LogIdentity {
  return {
    historyId: fresh,
    nodeId,
    epochs: [{ epoch: 1, nodeId, firstSeq: seq + 1 }],
    parent: { historyId, epoch, seq },
  }
}
