/**
 * Rates of several works that take turns: whatever else the machine does in a second meets all of them. Whose turn was before
 * has the caches of the processor: nobody is counted from the start of a turn, and the order is another one every time.
 */

const TURN_MS = 150
const LEAD_MS = 30
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
  const random = seededRandom(works.length)
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const totals = works.map(() => ({ done: 0, ms: 0 }))
    for (let turn = 0; turn < TURNS; turn++) {
      for (const index of shuffled(works.length, random)) {
        const { contender, request } = works[index]
        const asked = { ...request, from: from[index], leadMs: LEAD_MS, ms: turnMs }
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

function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = order[last]
    order[last] = order[other]
    order[other] = moved
  }
  return order
}

/** The same order in every run. */
function seededRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
