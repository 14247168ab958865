/**
 * Resolves once every promise that was ready has been dealt with, and all that became ready by that. Costs half of a turn of the
 * event loop, and gives input, output and timers no chance: whoever calls it for long has to yield now and then.
 */
export function promisesSettled(): Promise<void> {
  // A tick that is asked for from a promise runs when no promise is ready any more.
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))
}
