import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Files } from './files.js'

/** On which line of the two the checksum stands. Every format of a file keeps it, so that damage is told from a newer format. */
export type ChecksumLine = 'first' | 'last'

/** Writes a record durably under a name of its own: a line of JSON, and one with the CRC-32 of the other. */
export async function writeCheckedJson(
  files: Files,
  path: string,
  record: object,
  checksum: ChecksumLine = 'last',
): Promise<void> {
  const body = JSON.stringify(record)
  const crc = JSON.stringify({ crc: crc32(body) })
  const text = checksum === 'first' ? `${crc}\n${body}\n` : `${body}\n${crc}\n`
  const temporary = `${path}.tmp`
  if (await files.stat(temporary)) await files.remove(temporary)
  const file = await files.open(temporary, 'create')
  try {
    await file.write(new TextEncoder().encode(text), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(temporary, path)
  await files.syncDirectory(dirname(path))
}

/** Reads a record that `writeCheckedJson` wrote; `undefined` when it does not match its own checksum. */
export async function readCheckedJson(
  files: Files,
  path: string,
  checksum: ChecksumLine = 'last',
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const lines = new TextDecoder().decode(await files.readFile(path)).split('\n')
  const [crc, body] = checksum === 'first' ? [lines[0], lines[1]] : [lines[1], lines[0]]
  const record = parse(body)
  return record && parse(crc)?.crc === crc32(body ?? '') ? record : undefined
}

function parse(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
