import type { Clock } from '../runtime/clock.js'
import type { ProcessIdentity, Processes } from '../runtime/process-identity.js'
import type { Environment } from '../store/environment.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedClock } from './simulated-clock.js'
import { SimulatedDisk } from './simulated-disk.js'
import { SimulatedKeyValues } from './simulated-key-value.js'

const HOST = 'simulated'
/** How often a look at the clock finds that the process was busy, one of these per process, and for how long. */
const BUSY_PROBABILITIES = [0.02, 0.2, 0.9]
const BUSY_MS_MAX = 8

export interface SimulatedMachineOptions {
  /** Decides every delay, every random byte and what a power cut leaves. */
  readonly seed: number | string
  /** Log segments of this size, in bytes: small ones begin and end often. */
  readonly segmentBytes?: number
  /** A commit or flush of a record store lets other work run at most so many times. */
  readonly recordsDelayYieldsMax?: number
}

/**
 * One machine with a disk, record stores, a clock and processes, all from one seed. It runs one process at a time;
 * when that stops, everything it held is dead and the next one finds what the machine kept.
 */
export class SimulatedMachine {
  readonly clock: SimulatedClock
  readonly disk: SimulatedDisk
  readonly keyValues: SimulatedKeyValues
  readonly #random: SeededRandom
  readonly #segmentBytes: number | undefined
  #boot = 1
  #pid = 0
  #process: SimulatedProcess

  constructor({ seed, segmentBytes, recordsDelayYieldsMax = 3 }: SimulatedMachineOptions) {
    const random = new SeededRandom(seed)
    this.#random = random
    this.#segmentBytes = segmentBytes
    this.clock = new SimulatedClock()
    this.disk = new SimulatedDisk({ seed: `${seed}/disk`, clock: this.clock })
    this.keyValues = new SimulatedKeyValues({
      clock: this.clock,
      random: random.fork('key-values'),
      delayYieldsMax: recordsDelayYieldsMax,
    })
    this.#process = this.#startProcess()
  }

  /** What a store in the running process takes from the machine; ask again after `crash` and `powerCut`. */
  get environment(): Environment {
    return this.#process.environment
  }

  /** The process ends without warning. What it wrote stays, synced or not; another one runs now. */
  crash(): void {
    this.#process.end()
    this.disk.crash()
    this.keyValues.crash()
    this.#process = this.#startProcess()
  }

  /** The machine loses power and starts again: what was not flushed may be lost. */
  powerCut(): void {
    this.#process.end()
    this.disk.powerCut()
    this.keyValues.powerCut(this.#random)
    this.#boot += 1
    this.#process = this.#startProcess()
  }

  #startProcess(): SimulatedProcess {
    this.#pid += 1
    const identity = { host: HOST, pid: this.#pid, startedAt: `${this.#pid}`, boot: `${this.#boot}` }
    return new SimulatedProcess(identity, {
      clock: this.clock,
      random: this.#random.fork(`process-${this.#pid}`),
      files: this.disk.files,
      keyValues: this.keyValues.factory,
      ...(this.#segmentBytes === undefined ? {} : { segmentBytes: this.#segmentBytes }),
    })
  }
}

type Shared = Omit<Environment, 'processes' | 'random'> & { readonly random: SeededRandom }

/** One process: its identity, its timers, and how busy it is. */
class SimulatedProcess {
  readonly environment: Environment
  readonly #timers = new Set<() => void>()
  #busyMs = 0

  constructor(identity: ProcessIdentity, shared: Shared) {
    const clock = this.#clock(shared.clock, shared.random.fork('busy'))
    this.environment = { ...shared, clock, processes: processesOf(identity) }
  }

  /** Its timers never fire any more. */
  end(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** The machine's clock, as a process sees it whose work takes time: a long pass has to pause now and then. */
  #clock(clock: Clock, busy: SeededRandom): Clock {
    const probability = busy.pick(BUSY_PROBABILITIES)
    return {
      now: () => clock.now(),
      monotonic: () => {
        if (busy.chance(probability)) this.#busyMs += busy.int(BUSY_MS_MAX + 1)
        return clock.monotonic() + this.#busyMs
      },
      timer: (run, delayMs) => {
        const cancel = clock.timer(() => {
          this.#timers.delete(cancel)
          run()
        }, delayMs)
        this.#timers.add(cancel)
        return () => {
          this.#timers.delete(cancel)
          cancel()
        }
      },
      yield: () => clock.yield(),
    }
  }
}

/** Only the running process is alive; those of other hosts nobody can tell. */
function processesOf(running: ProcessIdentity): Processes {
  return {
    self: async () => running,
    isAlive: async ({ host, pid, boot }) => {
      if (host !== running.host) return 'unknown'
      return pid === running.pid && boot === running.boot ? 'alive' : 'dead'
    },
  }
}
