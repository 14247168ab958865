/** Where unpredictable bytes come from; a seeded one makes a whole run replayable. */
export interface Random {
  /** `length` fresh random bytes. */
  bytes(length: number): Uint8Array
}
