import { randomInt } from 'node:crypto'

/** Which seeds a test runs: `REPLIVEC_SEEDS=5000` so many, `REPLIVEC_SEEDS=17-17` only that one. */
export function seedsFor(usual: number): number[] {
  return range(process.env.REPLIVEC_SEEDS ?? String(usual))
}

/** Seeds that nobody ran yet, most likely: they begin somewhere else each time, unless `REPLIVEC_SEEDS` says where. */
export function freshSeeds(usual: number): number[] {
  const first = randomInt(2 ** 31)
  return range(process.env.REPLIVEC_SEEDS ?? `${first}-${first + usual - 1}`)
}

function range(text: string): number[] {
  const [from, to] = text.split('-').map(Number) as [number, number?]
  const [first, last] = to === undefined ? [1, from] : [from, to]
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
