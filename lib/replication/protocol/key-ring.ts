/** The secrets that a node knows, by their names: the one it proves itself with, and others that it takes from others. */
export interface KeyRing {
  /** The name of the key that this node proves itself with. */
  readonly activeId: string
  readonly keys: ReadonlyMap<string, Uint8Array>
}

/** Whether a key is there before and after, and the same. */
export function isSameKey(before: KeyRing | undefined, after: KeyRing, keyId: string): boolean {
  const [old, key] = [before?.keys.get(keyId), after.keys.get(keyId)]
  return old !== undefined && key !== undefined && Buffer.compare(old, key) === 0
}

/** The ids of all keys that count, in order. */
export function keyIdsOf({ keys }: KeyRing): string[] {
  return [...keys.keys()].sort()
}
