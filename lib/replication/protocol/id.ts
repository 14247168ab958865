/** What `isId` takes, in words. */
export const ID_RULE = '1 to 128 of the characters A–Z a–z 0–9 . _ -'

/** Ids of nodes and of keys: they appear in file names, logs and metrics. */
export function isId(id: unknown): id is string {
  return typeof id === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(id)
}

/** A text of one line: what others say they are called goes into messages and logs. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && oneLine(name) === name
}

/** What somebody says, as it may go into a log: no line of it begins another one there. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
