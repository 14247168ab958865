import type { Part } from './part.js'

/** Rows that searches may return. */
export function liveRows(parts: readonly Part[]): number {
  return parts.reduce((sum, { rows }) => sum + rows.count - rows.deadCount, 0)
}

/** Rows that no search returns any more. */
export function deadRows(parts: readonly Part[]): number {
  return parts.reduce((sum, { rows }) => sum + rows.deadCount, 0)
}

/** Bytes of memory and disk held: rows, indexes, what searches keep. */
export function bytesOf(parts: readonly Part[]): { memory: number; disk: number } {
  let memory = 0
  let disk = 0
  for (const { rows, index, scans, stored } of parts) {
    memory += rows.bytes + (scans?.bytes ?? 0)
    disk += stored?.diskBytes ?? 0
    if (!index) continue
    const { bytes } = index
    memory += bytes.memory - (bytes.shared ?? 0)
    disk += bytes.disk
  }
  return { memory, disk }
}

/** How segments keep vectors. */
export interface PartForms {
  /** Each way once. */
  readonly names: string[]
  /** Why one of them is not the way that was asked for. */
  readonly reason: string | undefined
}

export function formsOf(parts: readonly Part[]): PartForms {
  const forms = parts.flatMap(({ index }) => index?.form ?? [])
  const reason = forms.find((form) => form.reason !== undefined)?.reason
  return { names: [...new Set(forms.map(({ name }) => name))].sort(), reason }
}
