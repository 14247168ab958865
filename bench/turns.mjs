/**
 * Rates of several works that take turns: whatever else the machine does in a second meets all of them. A turn is long
 * enough for a processor to have forgotten whose turn was before.
 */

const TURN_MS = 150
/** Turns of each work in a repetition. */
const TURNS = 4

/**
 * @param {{ contender: import('./contender.mjs').Contender, request: object }[]} works - what `contender.turn` is asked
 * @param {number} repetitions
 * @param {{ turnMs?: number }} [options] - longer for works that count in tenths of a second
 * @returns {Promise<number[][]>} for each work its answers a second, a sample per repetition; of no use where the contender
 *   is missing by then
 */
export async function ratesByTurns(works, repetitions, { turnMs = TURN_MS } = {}) {
  const rates = works.map(() => [])
  const from = works.map(() => 0)
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const totals = works.map(() => ({ done: 0, ms: 0 }))
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [index, { contender, request }] of works.entries()) {
        const asked = { ...request, from: from[index], ms: turnMs }
        const turned = await contender.attempt(() => contender.turn(asked))
        if (turned === undefined) continue
        from[index] += turned.done
        totals[index].done += turned.done
        totals[index].ms += turned.ms
      }
    }
    for (const [index, { done, ms }] of totals.entries()) rates[index].push(done / (ms / 1_000))
  }
  return rates
}
