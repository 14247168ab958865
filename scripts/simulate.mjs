/**
 * Runs simulated clusters: `npm run simulate -- [seed] [--seeds N] [--events N] [--long] [--print]`. Without a seed one is drawn
 * and said. Stops at the first broken promise.
 */
import { randomInt } from 'node:crypto'
import { argv } from 'node:process'
import { parseArgs } from 'node:util'
import { simulate } from '../dist/testing/index.js'

/** Calls and faults of a long run. */
const LONG_EVENTS = 2_000
const PROGRESS_MS = 5_000

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1' },
    events: { type: 'string' },
    long: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
})

const first = positionals[0] === undefined ? randomInt(2 ** 31) : Number(positionals[0])
const count = Number(values.seeds)
const events = values.events === undefined ? (values.long ? LONG_EVENTS : undefined) : Number(values.events)
const print = values.print ? console.log : undefined
console.log(count === 1 ? `seed ${first}` : `seeds ${first} to ${first + count - 1}`)

const startedMs = performance.now()
let saidMs = startedMs
let commits = 0
for (let seed = first; seed < first + count; seed++) {
  try {
    const result = await simulate({ seed, events, print })
    commits += result.commits
    if (count === 1) console.log(result)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
    break
  }
  if (performance.now() - saidMs > PROGRESS_MS) {
    saidMs = performance.now()
    console.log(
      `${seed - first + 1} seeds, ${((saidMs - startedMs) / (seed - first + 1)).toFixed(0)} ms each`,
    )
  }
}
if (process.exitCode === undefined && count > 1) {
  const tookMs = performance.now() - startedMs
  console.log(
    `${count} seeds kept every promise: ${commits} commits, ${(tookMs / count).toFixed(0)} ms a seed`,
  )
}
