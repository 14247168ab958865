/** The time of simulated machines passes as far as a test needs it to, and no further. */
import type { SimulatedMachine } from '../../lib/testing/simulated-machine.js'

const TURNS_MAX = 20_000
const TURN_MS = 10

/** Lets time pass until something holds. @param machines - their times pass in turn; fails with `stuck` after 200 seconds of all together */
export async function passTime(machines: readonly SimulatedMachine[], holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn > TURNS_MAX) throw new Error('stuck')
    for (const { clock } of machines) await clock.advance(TURN_MS / machines.length)
  }
}

/** Lets time pass until work has ended. @returns what it resolved with @throws what it rejected with */
export async function drive<T>(machines: readonly SimulatedMachine[], work: Promise<T>): Promise<T> {
  let isDone = false
  const finished = work.finally(() => {
    isDone = true
  })
  finished.catch(() => undefined)
  await passTime(machines, () => isDone)
  return finished
}
