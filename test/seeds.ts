/** Which seeds a test runs: `REPLIVEC_SEEDS=5000` so many, `REPLIVEC_SEEDS=17-17` only that one. */
export function seedsFor(usual: number): number[] {
  const [first, last] = rangeOf(process.env.REPLIVEC_SEEDS ?? String(usual))
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function rangeOf(text: string): [number, number] {
  const [from, to] = text.split('-').map(Number) as [number, number?]
  return to === undefined ? [1, from] : [from, to]
}
