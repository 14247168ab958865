/** The host and port of an address such as `192.0.2.10:6381` or `[::1]:6381`; `undefined` of any other. */
export function placeOf(address: string | undefined): { host: string; port: number } | undefined {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address ?? '') ?? []
  return host === undefined ? undefined : { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}
