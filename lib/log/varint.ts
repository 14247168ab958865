/** How long a whole number from 0 to 2^53 − 1 is as a varint of Protocol Buffers. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += 1
  return bytes
}

/** @returns where the next byte goes */
export function writeVarint(bytes: Uint8Array, value: number, offset: number): number {
  let at = offset
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80
  bytes[at++] = rest
  return at
}
