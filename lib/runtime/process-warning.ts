/** Tells what nobody else would hear of: on stderr, and to `process.on('warning')`. */
export function warnProcess(message: string, cause: unknown): void {
  process.emitWarning(message, {
    type: 'ReplivecWarning',
    detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  })
}
