import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { systemErrorCode } from './system-error.js'

/** Which process, on which boot of which machine. A pid alone is reused, and means something else on another host. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** Opaque and only compared; empty where the platform does not tell. */
  readonly startedAt: string
  /** Opaque and only compared; empty where the platform does not tell. */
  readonly boot: string
}

/** `'unknown'`: it belongs to another host, so nobody here can tell. */
export type Liveness = 'alive' | 'dead' | 'unknown'

/** The processes of a machine: the real one's, or those of a simulated machine. */
export interface Processes {
  self(): Promise<ProcessIdentity>
  isAlive(identity: ProcessIdentity): Promise<Liveness>
}

/** The processes of this machine. */
export const nodeProcesses: Processes = { self: processIdentity, isAlive }

/** The process that asks. All worker threads of one process have the same identity. */
export async function processIdentity(): Promise<ProcessIdentity> {
  const [description, boot] = await Promise.all([describe(process.pid), bootIdentity()])
  return { host: hostname(), pid: process.pid, startedAt: description.startedAt, boot }
}

/**
 * Tells whether the very process of `identity` still runs, not just one with its pid. What cannot be
 * compared (an empty `startedAt` or `boot`) counts in favour of `'alive'`: a wrong "dead" costs data.
 */
export async function isAlive(identity: ProcessIdentity): Promise<Liveness> {
  if (identity.host !== hostname()) return 'unknown'
  if (differ(identity.boot, await bootIdentity())) return 'dead'
  if (!pidExists(identity.pid)) return 'dead'
  const description = await describe(identity.pid)
  return description.ended || differ(identity.startedAt, description.startedAt) ? 'dead' : 'alive'
}

/** The fields of `/proc/<pid>/stat` that matter here. */
export interface ProcessStat {
  /** One letter; `Z` is a process that ended and that its parent has not asked about yet. */
  readonly state: string
  readonly threads: number
  /** Clock ticks between boot and start. */
  readonly startedAt: string
}

/**
 * Reads one line of `/proc/<pid>/stat` (proc(5)). The second field is the command in parentheses, which may itself
 * hold spaces and parentheses, so the fields are counted from the last closing one.
 *
 * @returns `undefined` when the line is not one
 */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const end = line.lastIndexOf(')')
  if (end < 0) return undefined
  const fields = line
    .slice(end + 1)
    .trim()
    .split(/\s+/)
  // The first field after the command is number 3 of the manual page.
  const [state, threads, startedAt] = [fields[3 - 3], fields[20 - 3], fields[22 - 3]]
  if (state === undefined || threads === undefined || startedAt === undefined) return undefined
  return { state, threads: Number(threads), startedAt }
}

function differ(one: string, other: string): boolean {
  return one !== '' && other !== '' && one !== other
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM says that the process is there and belongs to somebody else.
    return systemErrorCode(error) !== 'ESRCH'
  }
}

async function describe(pid: number): Promise<{ startedAt: string; ended: boolean }> {
  if (process.platform === 'linux') {
    const stat = parseProcessStat(await readOptional(`/proc/${pid}/stat`))
    // A killed process keeps its pid until its parent asks, which in a container may be never. It can do nothing
    // more, except while other threads of it are still ending.
    const ended = stat !== undefined && 'ZX'.includes(stat.state) && stat.threads <= 1
    return { startedAt: stat?.startedAt ?? '', ended }
  }
  if (process.platform === 'darwin') {
    return { startedAt: await output('ps', ['-o', 'lstart=', '-p', String(pid)]), ended: false }
  }
  return { startedAt: '', ended: false }
}

/**
 * Never computed from wall time and uptime: a clock that is set would change it, and a living owner would look dead.
 */
async function bootIdentity(): Promise<string> {
  if (process.platform === 'linux') return (await readOptional('/proc/sys/kernel/random/boot_id')).trim()
  if (process.platform === 'darwin') return output('sysctl', ['-n', 'kern.bootsessionuuid'])
  return ''
}

/** The content of a file below `/proc`, empty when it cannot be read: it is gone, hidden, or not mounted. */
async function readOptional(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return ''
  }
}

/** What a command prints, empty when it fails. Locale and time zone are fixed: the answers of two processes are compared. */
function output(command: string, parameters: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    execFile(command, parameters, { env }, (error, printed) => resolve(error ? '' : printed.trim()))
  })
}
