import { lmdbKeyValues } from '../records/lmdb-key-value.js'
import type { KeyValueFactory } from '../records/key-value.js'
import { memoryKeyValues } from '../records/memory-key-value.js'
import { openValue } from '../records/sealed-value.js'
import { loadCodecs } from '../replication/compression/codecs.js'
import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
import { memoryFiles } from '../runtime/memory-files.js'
import { nodeClock } from '../runtime/node-clock.js'
import { nodeFiles } from '../runtime/node-files.js'
import { memoryBytes } from '../runtime/platform.js'
import { nodeRandom } from '../runtime/node-random.js'
import { nodeProcesses, type Processes } from '../runtime/process-identity.js'
import type { Random } from '../runtime/random.js'

/** Everything a store takes from the machine. A simulated one runs the same store code on simulated time and disks. */
export interface Environment {
  readonly clock: Clock
  readonly random: Random
  readonly files: Files
  readonly processes: Processes
  readonly keyValues: KeyValueFactory
  /** Finds what this machine can compress with, of what is asked for; nothing where it is not said. */
  readonly codecs?: typeof loadCodecs
  /** Native code can map what `files` holds: they are files of this machine. */
  readonly mapsFiles?: boolean
  /** Where backups go when not to `files`: those of a store in memory go to disk. */
  readonly backupFiles?: Files
  /** Memory of the machine, in bytes; 4 GiB where it is not said. */
  readonly memoryBytes?: number
  /** Size of a log segment, in bytes, when it is not the usual one: a simulation lets segments begin and end often. */
  readonly segmentBytes?: number
}

/** This machine: its clock, its disk, LMDB. */
export function nodeEnvironment(): Environment {
  return {
    clock: nodeClock,
    random: nodeRandom,
    files: nodeFiles,
    processes: nodeProcesses,
    keyValues: lmdbKeyValues(nodeFiles, nodeClock, openValue),
    codecs: loadCodecs,
    mapsFiles: true,
    memoryBytes,
  }
}

/** This machine without its disk: nothing is written anywhere. */
export function memoryEnvironment(): Environment {
  return {
    ...nodeEnvironment(),
    files: memoryFiles(),
    keyValues: memoryKeyValues(),
    mapsFiles: false,
    backupFiles: nodeFiles,
  }
}
