import type { EventEmitter } from 'eventemitter3'
import type { ReplivecError } from '../errors.js'
import { warnProcess } from '../runtime/process-warning.js'
import type { OpenStoreListener } from './open-store.js'
import type { StoreEvents, Warning } from './store-events.js'
import type { Logger } from './store-options.js'

/** Tells the host what happens in its store: as events, and its logger of what went wrong. */
export class EventDelivery {
  readonly #emitter: EventEmitter<StoreEvents>
  readonly #logger: Logger | undefined
  /** Warnings from the open itself, before anybody can listen. */
  #undelivered: Warning[] | undefined = []
  /** The process was told of a listener that threw. */
  #hasWarned = false

  constructor(emitter: EventEmitter<StoreEvents>, logger: Logger | undefined) {
    this.#emitter = emitter
    this.#logger = logger
  }

  /** What a store tells. */
  listener(): OpenStoreListener {
    return {
      onChange: ({ state, kind, versions }, position) => {
        if (this.#emitter.listenerCount('change') === 0) return
        const ids = versions.map(({ id }) => id)
        this.#emitSafely('change', { collection: state.name, kind, ids, position: { ...position } })
      },
      onSegment: (collection, event) => this.#emitSafely('index', { collection, ...event }),
      onReplication: (event) => this.#emitSafely('replication', event),
      onWarning: (error) => this.#warn(error),
    }
  }

  /** From now on somebody can listen. */
  deliverWarnings(): void {
    const warnings = this.#undelivered ?? []
    this.#undelivered = undefined
    for (const warning of warnings) this.#emitSafely('warning', warning)
  }

  #warn(error: ReplivecError): void {
    const { code, message, details } = error
    this.#log('warn', { code, details, err: error }, message)
    // Whoever listens to nothing has to hear of this one.
    if (code === 'LINK_INSECURE' && !this.#logger) warnProcess(message, error)
    const { cause } = error
    const reason = cause instanceof Error ? { cause: cause.message } : {}
    const warning = { code, message, details: { ...reason, ...details } }
    if (this.#undelivered) this.#undelivered.push(warning)
    else this.#emitSafely('warning', warning)
  }

  /** A logger that throws has nobody left to tell. */
  #log(level: 'warn' | 'error', fields: object, message: string): void {
    try {
      this.#logger?.[level](fields, message)
    } catch {}
  }

  /** A listener that throws is the host's mistake; it must not stop the store. */
  #emitSafely<Name extends keyof StoreEvents>(name: Name, payload: Parameters<StoreEvents[Name]>[0]): void {
    try {
      ;(this.#emitter.emit as (name: string, payload: unknown) => boolean).call(this.#emitter, name, payload)
    } catch (error) {
      const message = `A listener of '${name}' threw; the event was delivered to those before it.`
      if (this.#logger) this.#log('error', { err: error, event: name }, message)
      else if (!this.#hasWarned) warnProcess(`${message} Later ones are not told; a logger is.`, error)
      this.#hasWarned = true
    }
  }
}
