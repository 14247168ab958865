/** Turns `20ms`, `5s` or `2min` into milliseconds. */
export function milliseconds(text: string): number {
  const match = /^(\d+)(ms|s|min)$/.exec(text)
  if (!match) throw new Error(`'${text}' is no time; write 20ms, 5s or 2min`)
  return Number(match[1]) * ({ ms: 1, s: 1_000, min: 60_000 }[match[2] as string] as number)
}
