/** What was sent and not applied by the other side yet, oldest first, in bytes. */
export interface InFlight {
  readonly bytes: number
  readonly batches: readonly { readonly lastSeq: number; readonly bytes: number }[]
}

export const NONE_IN_FLIGHT: InFlight = { bytes: 0, batches: [] }

export function withSent({ bytes, batches }: InFlight, lastSeq: number, sentBytes: number): InFlight {
  return { bytes: bytes + sentBytes, batches: [...batches, { lastSeq, bytes: sentBytes }] }
}

/** Takes off what the other side applied. */
export function withApplied(inFlight: InFlight, appliedSeq: number): InFlight {
  let applied = 0
  let { bytes } = inFlight
  for (const batch of inFlight.batches) {
    if (batch.lastSeq > appliedSeq) break
    applied += 1
    bytes -= batch.bytes
  }
  return applied === 0 ? inFlight : { bytes, batches: inFlight.batches.slice(applied) }
}

/** A limit of bytes a second: a bucket that a send may empty below zero and that has to fill up to zero before the next. */
export interface Rate {
  readonly bytesPerSecond: number
  readonly bytes: number
  readonly atMs: number
}

/** A full bucket holds what may pass in this time. */
const BURST_MS = 100

export function rateOf(bytesPerSecond: number | undefined, nowMs: number): Rate | undefined {
  return bytesPerSecond === undefined ? undefined : { bytesPerSecond, bytes: 0, atMs: nowMs }
}

export function spend(rate: Rate | undefined, bytes: number, nowMs: number): Rate | undefined {
  if (!rate) return undefined
  const { bytesPerSecond } = rate
  const filled = rate.bytes + ((nowMs - rate.atMs) * bytesPerSecond) / 1_000
  return { bytesPerSecond, bytes: Math.min(filled, (BURST_MS * bytesPerSecond) / 1_000) - bytes, atMs: nowMs }
}

/** When something may be sent again; in the past when it may now. */
export function sendableAtMs(rate: Rate | undefined): number {
  if (!rate || rate.bytes >= 0) return Number.NEGATIVE_INFINITY
  return rate.atMs + (-rate.bytes * 1_000) / rate.bytesPerSecond
}
