/** Memory of this process that is no mapped file. */
import { readFileSync } from 'node:fs'
import process, { platform } from 'node:process'
import { clearInterval, setInterval } from 'node:timers'

const SAMPLE_MS = 10

/** Bytes resident that are no mapped file, where the system tells; all that are resident elsewhere. */
export function residentBytes() {
  if (platform !== 'linux') return process.memoryUsage.rss()
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kib) * 1024
}

/** Samples the memory until `end`, which gives the most bytes above those at the start. */
export function watchMemory() {
  globalThis.gc?.()
  const before = residentBytes()
  let most = before
  const sample = () => {
    most = Math.max(most, residentBytes())
  }
  const timer = setInterval(sample, SAMPLE_MS).unref()
  return {
    end() {
      clearInterval(timer)
      sample()
      return most - before
    },
  }
}
