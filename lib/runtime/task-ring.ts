/** Where the words of a task ring lie; all are 32 bits wide and only changed atomically. */
const BELL = 0
const OFFERED = 1
const TAKEN = 2
const DONE = 3
const HALT = 4
const TOLD = 5
const THREADS = 8

/** What a thread is doing. It enters native code only as `CALLING`, and that only while nobody has called a halt. */
const AWAKE = 0
const ASLEEP = 1
const CALLING = 2

/** What becomes of a slot: free, `offered` under a ticket, `TAKEN_BY + thread` while somebody works on it, done, free again. */
const SLOT_FREE = 0
const SLOT_DONE = 1
const TAKEN_BY = 16
/** Each ticket has its own, so that who comes late with an old one does not take what was offered under a newer one. */
const offered = (ticket: number): number => ~(ticket & 0x3fffffff)

/** Numbers that go with a task, beside its bytes. */
const NUMBERS = 4
const WORDS_A_SLOT = 16

/** The memory of a ring, as a worker thread is given it. */
export interface RingMemory {
  readonly words: SharedArrayBuffer
  readonly bytes: SharedArrayBuffer
  readonly threads: number
}

/**
 * Tasks in shared memory: one thread offers them, any thread takes them, in the order they were offered. Taking and
 * answering needs no message and no event loop of the taker, which sleeps while there is nothing to do.
 *
 * A task lies in a slot, and its slot's number in a ring of tickets. Who changes the slot's state from offered to taken has
 * it: the counters only say where to look next. So a thread that dies anywhere on the way takes one slot with it at most, and
 * `takenBy` tells which.
 */
export class TaskRing {
  /** A power of two, so that tickets may wrap around. */
  readonly slots: number
  readonly slotBytes: number
  readonly memory: RingMemory
  readonly #words: Int32Array
  readonly #numbers: readonly Int32Array[]
  readonly #free: number[]
  readonly #inUse = new Set<number>()

  /** @param memory - that `allocate` gave, here or in another thread */
  constructor(memory: RingMemory) {
    this.memory = memory
    this.#words = new Int32Array(memory.words)
    this.slots = (this.#words.length - THREADS - memory.threads) / (WORDS_A_SLOT + 1)
    this.slotBytes = memory.bytes.byteLength / this.slots
    this.#numbers = Array.from({ length: this.slots }, (_, slot) =>
      this.#words.subarray(this.#stateAt(slot) + 1, this.#stateAt(slot) + 1 + NUMBERS),
    )
    this.#free = Array.from({ length: this.slots }, (_, index) => this.slots - 1 - index)
  }

  /**
   * @param threads - how many threads take tasks, beside the one that offers them
   * @param slots - a power of two
   * @param slotBytes - the largest task. The system gives memory only for what is written to
   */
  static allocate(threads: number, slots: number, slotBytes: number): RingMemory {
    return {
      words: new SharedArrayBuffer(4 * (THREADS + threads + slots * (WORDS_A_SLOT + 1))),
      bytes: new SharedArrayBuffer(slots * slotBytes),
      threads,
    }
  }

  /** The numbers of a task. */
  numbers(slot: number): Int32Array {
    return this.#numbers[slot] as Int32Array
  }

  /** Floats of a task, from the given byte of its slot on. */
  floats(slot: number, offset: number, length: number): Float32Array {
    return new Float32Array(this.memory.bytes, slot * this.slotBytes + offset, length)
  }

  /** Whole numbers of a task, from the given byte of its slot on. */
  ordinals(slot: number, offset: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.bytes, slot * this.slotBytes + offset, length)
  }

  // The thread that offers

  /** A slot to write a task into; `undefined` when all are in use. */
  reserve(): number | undefined {
    return this.#free.pop()
  }

  /** Offers the task written into a reserved slot. */
  offer(slot: number): void {
    const words = this.#words
    const ticket = Atomics.load(words, OFFERED)
    words[this.#ticketAt(ticket)] = slot
    Atomics.store(words, this.#stateAt(slot), offered(ticket))
    Atomics.store(words, OFFERED, (ticket + 1) | 0)
    this.#inUse.add(slot)
    Atomics.add(words, BELL, 1)
    if (this.asleep > 0) Atomics.notify(words, BELL, 1)
  }

  /** Wakes every thread, to look for messages that were posted to it. */
  tell(): void {
    Atomics.add(this.#words, TOLD, 1)
    Atomics.add(this.#words, BELL, 1)
    Atomics.notify(this.#words, BELL)
  }

  /** Tasks nobody has taken yet. */
  get waiting(): number {
    return (Atomics.load(this.#words, OFFERED) - Atomics.load(this.#words, TAKEN)) | 0
  }

  /** Threads with nothing to do, also while they are being woken. */
  get asleep(): number {
    let count = 0
    for (let thread = 0; thread < this.memory.threads; thread++) {
      if (Atomics.load(this.#words, THREADS + thread) === ASLEEP) count++
    }
    return count
  }

  /** Slots of tasks that were done and not freed yet. */
  finished(): number[] {
    return this.#inState(SLOT_DONE)
  }

  /** Slots of tasks that a thread took and has not done: when it is dead, those it never will. */
  takenBy(thread: number): number[] {
    return this.#inState(TAKEN_BY + thread)
  }

  /** Makes a slot free for another task. */
  free(slot: number): void {
    Atomics.store(this.#words, this.#stateAt(slot), SLOT_FREE)
    this.#inUse.delete(slot)
    this.#free.push(slot)
  }

  /** How often a task was done, to hand to `whenDone`. */
  get doneCount(): number {
    return Atomics.load(this.#words, DONE)
  }

  /**
   * Resolves when a task is done that `doneCount` did not count yet; `undefined` when one has been meanwhile. Does not keep
   * the process alive.
   */
  whenDone(doneCount: number): Promise<unknown> | undefined {
    const waiting = Atomics.waitAsync(this.#words, DONE, doneCount)
    return waiting.async ? waiting.value : undefined
  }

  /** Resolves whoever awaits `whenDone`. */
  giveUpWaiting(): void {
    Atomics.notify(this.#words, DONE)
  }

  /** A thread that ended does nothing any more. */
  ended(thread: number): void {
    Atomics.store(this.#words, THREADS + thread, AWAKE)
    // It may have taken a ticket and not counted it: the slot is freed, and the ticket must not wait for a taker.
    const words = this.#words
    for (let ticket = Atomics.load(words, TAKEN); ticket !== Atomics.load(words, OFFERED); ) {
      const slot = words[this.#ticketAt(ticket)] as number
      if (Atomics.load(words, this.#stateAt(slot)) === offered(ticket)) return
      Atomics.compareExchange(words, TAKEN, ticket, (ticket + 1) | 0)
      ticket = Atomics.load(words, TAKEN)
    }
  }

  /**
   * Lets no thread enter native code again, and waits until none is in it: the process is about to end, and ending a thread
   * there aborts it. Blocks this thread.
   */
  halt(timeoutMs: number): void {
    const words = this.#words
    Atomics.store(words, HALT, 1)
    for (let thread = 0; thread < this.memory.threads; thread++) {
      if (Atomics.load(words, THREADS + thread) === CALLING) {
        Atomics.wait(words, THREADS + thread, CALLING, timeoutMs)
      }
    }
  }

  // Any thread

  /**
   * The oldest task that nobody has taken; `undefined` when there is none.
   *
   * @param taker - the number of the thread, or one beyond for the thread that offers
   */
  take(taker: number): number | undefined {
    const words = this.#words
    for (;;) {
      const ticket = Atomics.load(words, TAKEN)
      if (ticket === Atomics.load(words, OFFERED)) return undefined
      const slot = words[this.#ticketAt(ticket)] as number
      const state = this.#stateAt(slot)
      const mine =
        Atomics.compareExchange(words, state, offered(ticket), TAKEN_BY + taker) === offered(ticket)
      Atomics.compareExchange(words, TAKEN, ticket, (ticket + 1) | 0)
      if (mine) return slot
    }
  }

  /** The slot that `take` would look at first; `undefined` when there is none. */
  peek(): number | undefined {
    const ticket = Atomics.load(this.#words, TAKEN)
    if (ticket === Atomics.load(this.#words, OFFERED)) return undefined
    return this.#words[this.#ticketAt(ticket)]
  }

  // The threads that take

  /** Says that a task is done. Its numbers and bytes have the answer. */
  done(slot: number): void {
    Atomics.store(this.#words, this.#stateAt(slot), SLOT_DONE)
    Atomics.add(this.#words, DONE, 1)
    Atomics.notify(this.#words, DONE)
  }

  /** How often the threads were told to look for messages. */
  get told(): number {
    return Atomics.load(this.#words, TOLD)
  }

  /** How often the bell was rung, to hand to `sleep`: look for work between the two. */
  get bell(): number {
    return Atomics.load(this.#words, BELL)
  }

  /** Blocks the thread until the bell rings, unless it has meanwhile. */
  sleep(thread: number, bell: number): void {
    Atomics.store(this.#words, THREADS + thread, ASLEEP)
    Atomics.wait(this.#words, BELL, bell)
    Atomics.store(this.#words, THREADS + thread, AWAKE)
  }

  /** Runs what may enter native code; never returns once a halt was called. */
  calling(thread: number, run: () => void): void {
    const words = this.#words
    Atomics.store(words, THREADS + thread, CALLING)
    if (Atomics.load(words, HALT) === 0) run()
    Atomics.store(words, THREADS + thread, AWAKE)
    if (Atomics.load(words, HALT) === 0) return
    Atomics.notify(words, THREADS + thread)
    Atomics.wait(words, HALT, 1)
  }

  #inState(state: number): number[] {
    const found: number[] = []
    for (const slot of this.#inUse) {
      if (Atomics.load(this.#words, this.#stateAt(slot)) === state) found.push(slot)
    }
    return found
  }

  #ticketAt(ticket: number): number {
    return THREADS + this.memory.threads + (ticket & (this.slots - 1))
  }

  #stateAt(slot: number): number {
    return THREADS + this.memory.threads + this.slots + slot * WORDS_A_SLOT
  }
}
