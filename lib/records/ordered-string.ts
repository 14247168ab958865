/**
 * Bytes of a string whose byte order is the order of its UTF-16 code units: UTF-8, except that a surrogate pair is
 * written as two three-byte units (CESU-8), because UTF-8 would sort it above U+E000–U+FFFF.
 */
export function orderedStringBytes(text: string): Uint8Array {
  if (!/[\ud800-\udfff]/.test(text)) return Buffer.from(text, 'utf8')
  const bytes = Buffer.allocUnsafe(text.length * 3)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    }
  }
  return bytes.subarray(0, at)
}
