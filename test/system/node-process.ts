import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Position } from '../../lib/index.js'

const NODE = fileURLToPath(new URL('replicated-node.mjs', import.meta.url))
const running = new Set<ChildProcess>()

/** Tests that fail leave no process behind. */
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** What `replicated-node.mjs` is started with. */
export interface NodeSettings {
  readonly path: string
  readonly segmentBytes: number
  /** Of the master, or of what stands in front of it; the master itself has none. */
  readonly address?: string
  readonly replication: object
}

export interface Opened {
  readonly address: string | undefined
  readonly position: Position
}

/** What was asked of a process that was killed before it answered: nobody knows whether it was done. */
export class Killed extends Error {}

/** A store in a process of its own, which can be killed and started again. */
export class NodeProcess {
  readonly id: string
  kills = 0
  readonly #settings: NodeSettings
  readonly #waiting = new Map<
    number,
    { resolve: (answer: unknown) => void; reject: (error: Error) => void }
  >()
  #child: ChildProcess | undefined
  #gone: Promise<void> = Promise.resolve()
  /** What it died of, when nobody killed it. */
  #failure: Error | undefined
  #isWanted = false
  #number = 0
  #onStart: (() => void)[] = []

  constructor(id: string, settings: NodeSettings) {
    this.id = id
    this.#settings = settings
  }

  start(durability: 'sync' | 'buffered'): void {
    const options = JSON.stringify({ id: this.id, durability, ...this.#settings })
    const child = fork(NODE, [options], {
      ...{ serialization: 'advanced', execArgv: [] },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    running.add(child)
    this.#child = child
    this.#isWanted = true
    let complaint = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString()
    })
    child.on('message', ({ number, answer, error }: Message) => {
      const waiting = this.#waiting.get(number)
      this.#waiting.delete(number)
      if (error === undefined) waiting?.resolve(answer)
      else waiting?.reject(Object.assign(new Error(`${this.id}: ${error.message}`), error))
    })
    // What it sent before it died is heard before its channel is seen to end.
    const disconnected = new Promise<void>((resolve) => child.once('disconnect', resolve))
    const exited = new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(`${signal ?? code}`))
    })
    this.#gone = Promise.all([exited, disconnected]).then(([how]) => {
      running.delete(child)
      this.#child = undefined
      if (this.#isWanted) this.#failure = new Error(`${this.id} ended by itself (${how}): ${complaint}`)
      const why = this.#failure ?? new Killed(`${this.id} was killed`)
      for (const { reject } of this.#waiting.values()) reject(why)
      this.#waiting.clear()
    })
    for (const started of this.#onStart.splice(0)) started()
  }

  /** Has it do something, once it has opened its store. @throws Killed */
  ask<T>(action: string, argument?: unknown): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure)
    const child = this.#child
    if (!child || !this.#isWanted) return Promise.reject(new Killed(`${this.id} does not run`))
    this.#number += 1
    const number = this.#number
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (answer: unknown) => void, reject })
      // Where it cannot be sent the process is gone, and everything that waits is told so.
      child.send({ number, action, argument }, () => {})
    })
  }

  /** Resolves when there is a process, which may still be opening its store. */
  started(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#child && this.#isWanted) return Promise.resolve()
    return new Promise((resolve) => this.#onStart.push(resolve))
  }

  opened(): Promise<Opened> {
    return this.ask('opened')
  }

  /** @throws what it died of, when nobody killed it */
  check(): void {
    if (this.#failure) throw this.#failure
  }

  /** With SIGKILL, at once. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.check()
    if (!this.#child || !this.#isWanted) return
    this.#isWanted = false
    this.kills += 1
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  async close(): Promise<void> {
    const answered = this.ask('close')
    this.#isWanted = false
    await answered
    await this.#gone
  }

  /** However it is. */
  async end(): Promise<void> {
    this.#isWanted = false
    this.#child?.kill('SIGKILL')
    await this.#gone
  }
}

interface Message {
  readonly number: number
  readonly answer?: unknown
  readonly error?: { readonly message: string; readonly code: string; readonly details: unknown }
}
