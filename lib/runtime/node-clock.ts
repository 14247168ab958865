import type { Clock } from './clock.js'

// Node fires a longer timeout at once (with a warning), so a longer wait is made of several timers.
const timeoutMsMax = 2 ** 31 - 1

/** The machine's own time. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(run, delayMs, keepsAlive = false) {
    let timeout: NodeJS.Timeout
    const arm = (leftMs: number) => {
      const waitMs = Math.min(leftMs, timeoutMsMax)
      timeout = setTimeout(() => (leftMs > waitMs ? arm(leftMs - waitMs) : run()), waitMs)
      if (!keepsAlive) timeout.unref()
    }
    arm(delayMs)
    return () => clearTimeout(timeout)
  },
  // An immediate runs after the poll phase, so finished input and output is handled before the promise resolves.
  yield: () =>
    new Promise((resolve) => {
      if (yielding.push(resolve) === 1) setImmediate(resumeNext)
    }),
}

/**
 * Who waits for a turn of the event loop, first come first. Each turn is one's alone: all immediates run in the same
 * turn, so several passes that each keep to a slice of some milliseconds would hold the loop for the sum of them.
 */
const yielding: (() => void)[] = []

function resumeNext(): void {
  const resume = yielding.shift()
  if (yielding.length > 0) setImmediate(resumeNext)
  resume?.()
}
