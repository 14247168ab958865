/** Where unpredictable bytes come from; a seeded one makes a whole run replayable. */
export interface Random {
  /** `length` fresh random bytes. */
  bytes(length: number): Uint8Array
}

/** A fresh random name of `2 * length` hexadecimal digits. */
export function randomName(random: Random, length: number): string {
  return Buffer.from(random.bytes(length)).toString('hex')
}

/** A number from 0 up to, not including, 1. */
export function chanceOf(random: Random): number {
  const bytes = random.bytes(4)
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32
}
