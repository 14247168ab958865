import { violated } from './wire-violation.js'

/** What decoding would cost, from the outside of a message: which kind it is and how large. Nothing is decoded for that. */

/** Kinds that carry data; all others are small. */
const BULKY_FIELDS: ReadonlySet<number> = new Set([6, 10, 12, 13])
/** The field of `Message` for each kind (`wire.proto`). */
const LAST_KIND_FIELD = 13
/** Everything but the data itself: no message needs more, and decoding so much takes milliseconds. */
export const SMALL_BYTES_MAX = 1024 * 1024
/** Fields of a message that carries data. Later versions may have more than this one's eight. */
const BULKY_FIELD_COUNT_MAX = 64

/**
 * Checks a message before it is decoded, because decoding makes objects of what it reads: a mebibyte of a packed list becomes a
 * list of a million numbers, and a message of a hundred such lists would fill the memory before anybody could count them.
 *
 * @throws `PROTOCOL_VIOLATED` for what is no message, for two kinds in one, and for what is larger than its kind may be
 */
export function checkOutline(bytes: Uint8Array): void {
  let kind: number | undefined
  let otherBytes = 0
  let before = 0
  eachField(bytes, 0, bytes.byteLength, (field, start, end, isBytes) => {
    const isKind = field <= LAST_KIND_FIELD && isBytes
    if (isKind && kind !== undefined) throw violated('it is of two kinds')
    if (isKind) kind = field
    if (isKind && BULKY_FIELDS.has(field)) checkBulky(bytes, start, end)
    else otherBytes += end - before
    before = end
    if (otherBytes > SMALL_BYTES_MAX) throw violated(`more than ${SMALL_BYTES_MAX} bytes that are no data`)
  })
}

/** Its data may be large; it may not be many things. */
function checkBulky(bytes: Uint8Array, start: number, end: number): void {
  let fields = 0
  eachField(bytes, start, end, () => {
    fields += 1
    if (fields > BULKY_FIELD_COUNT_MAX) throw violated('it has too many fields')
  })
}

/** Walks over the fields of a message: Protocol Buffers, "Encoding". */
function eachField(
  bytes: Uint8Array,
  from: number,
  end: number,
  visit: (field: number, start: number, end: number, isBytes: boolean) => void,
): void {
  let at = from
  let varint = 0
  /** Reads a varint of at most 64 bits into `varint`; more than 32 bits of it mean nothing here. */
  const read = (): void => {
    varint = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw violated('it is cut short')
      const byte = bytes[at++] as number
      if (shift < 35) varint += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return
    }
    throw violated('a number is too long')
  }
  while (at < end) {
    read()
    const tag = varint
    const wireType = tag % 8
    const field = Math.floor(tag / 8)
    if (field === 0) throw violated('its bytes are no message')
    if (wireType === 2) read()
    const start = at
    if (wireType === 0) read()
    else if (wireType === 1) at += 8
    else if (wireType === 2) at += varint
    else if (wireType === 5) at += 4
    // Groups are of a version of Protocol Buffers that this protocol never spoke.
    else throw violated('its bytes are no message')
    if (at > end) throw violated('it is cut short')
    visit(field, start, at, wireType === 2)
  }
}
