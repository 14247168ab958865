import type { Clock } from '../runtime/clock.js'
import type { Files } from '../runtime/files.js'
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

export interface SimulatedMachineOptions<Time extends Clock = SimulatedClock> {
  /** Decides every delay, every random byte and what a power cut leaves. */
  readonly seed: number | string
  /** Its name, as its processes know it. */
  readonly host?: string
  /** Time that it shares with other machines; one of its own by default. */
  readonly clock?: Time
  /** What its disk and its record stores wait with; its clock by default. Only `yield` is used. */
  readonly deviceClock?: Clock
  /** How often a look at the clock finds that the process was busy, one of these per process. */
  readonly busyProbabilities?: readonly number[]
  /** Log segments of this size, in bytes: small ones begin and end often. */
  readonly segmentBytes?: number
  /** A commit or flush of a record store lets other work run at most so many times. */
  readonly recordsDelayYieldsMax?: number
}

/**
 * One machine with a disk, record stores, a clock and processes, all from one seed. It runs one process at a time;
 * when that stops, everything it held is dead and the next one finds what the machine kept.
 */
export class SimulatedMachine<Time extends Clock = SimulatedClock> {
  readonly clock: Time
  readonly disk: SimulatedDisk
  readonly keyValues: SimulatedKeyValues
  readonly #random: SeededRandom
  readonly #segmentBytes: number | undefined
  readonly #host: string
  readonly #busyProbabilities: readonly number[]
  #boot = 1
  #pid = 0
  #process: SimulatedProcess

  constructor(options: SimulatedMachineOptions<Time>) {
    const { seed, host = HOST, segmentBytes, recordsDelayYieldsMax = 3 } = options
    const random = new SeededRandom(seed)
    this.#random = random
    this.#host = host
    this.#segmentBytes = segmentBytes
    this.#busyProbabilities = options.busyProbabilities ?? BUSY_PROBABILITIES
    // Without a clock that says otherwise, `Time` is the default.
    this.clock = options.clock ?? (new SimulatedClock() as Clock as Time)
    const deviceClock = options.deviceClock ?? this.clock
    this.disk = new SimulatedDisk({ seed: `${seed}/disk`, clock: deviceClock })
    this.keyValues = new SimulatedKeyValues({
      clock: deviceClock,
      random: random.fork('key-values'),
      delayYieldsMax: recordsDelayYieldsMax,
    })
    this.#process = this.#startProcess()
  }

  /** What a store in the running process takes from the machine; ask again after `crash` and `powerCut`. */
  get environment(): Environment {
    return this.#process.environment
  }

  /** How many timers the running process waits for. */
  get pendingTimers(): number {
    return this.#process.pendingTimers
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
    const identity = { host: this.#host, pid: this.#pid, startedAt: `${this.#pid}`, boot: `${this.#boot}` }
    const shared = {
      clock: this.clock,
      random: this.#random.fork(`process-${this.#pid}`),
      files: withRecordStores(this.disk.files, this.keyValues),
      keyValues: this.keyValues.factory,
      ...(this.#segmentBytes === undefined ? {} : { segmentBytes: this.#segmentBytes }),
    }
    return new SimulatedProcess(identity, shared, this.#busyProbabilities)
  }
}

/** Files with which the record stores that lie among them are removed. */
function withRecordStores(files: Files, keyValues: SimulatedKeyValues): Files {
  const removeTree = async (directory: string): Promise<void> => {
    await files.removeTree(directory)
    keyValues.removeTree(directory)
  }
  return new Proxy(files, {
    get: (target, property) => {
      if (property === 'removeTree') return removeTree
      const value = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

type Shared = Omit<Environment, 'processes' | 'random'> & { readonly random: SeededRandom }

/** One process: its identity, its timers, and how busy it is. */
class SimulatedProcess {
  readonly environment: Environment
  readonly #timers = new Set<() => void>()
  #busyMs = 0
  #isOver = false

  constructor(identity: ProcessIdentity, shared: Shared, busyProbabilities: readonly number[]) {
    const busy = shared.random.fork('busy')
    const clock = this.#clock(shared.clock, busy, busy.pick(busyProbabilities))
    this.environment = { ...shared, clock, processes: processesOf(identity) }
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Its timers never fire any more. */
  end(): void {
    this.#isOver = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** The machine's clock, as a process sees it whose work takes time: a long pass has to pause now and then. */
  #clock(clock: Clock, busy: SeededRandom, probability: number): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => {
        if (probability > 0 && busy.chance(probability)) this.#busyMs += busy.int(BUSY_MS_MAX + 1)
        return clock.monotonic() + this.#busyMs
      },
      timer: (run, delayMs) => {
        if (this.#isOver) return () => {}
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
