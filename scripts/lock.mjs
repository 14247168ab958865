/** A lock file between processes of one machine, for scripts that write the same folder. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A build takes seconds: a lock this old belongs to nobody, even if its process id is in use again. */
const ABANDONED_AFTER_MS = 10 * 60_000
const POLL_INTERVAL_MS = 50

/**
 * Runs `work` while this process holds `path`, waiting for its turn. A holder that died loses the lock.
 *
 * @template T
 * @param {string} path - the lock file; its folder is created
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true })
  while (!take(path)) {
    removeAbandoned(path)
    await delay(POLL_INTERVAL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path) {
  // The owner is written to a private file first and linked into place, so nobody ever reads an empty lock.
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(mine, { force: true })
  }
}

function removeAbandoned(path) {
  const owner = ownerOf(path)
  if (owner === undefined || isAlive(path, owner)) return
  // Renaming takes the file away from every other waiter; if it was replaced meanwhile, it goes back.
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
    if (ownerOf(aside) !== owner) linkSync(aside, path)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
  rmSync(aside, { force: true })
}

function ownerOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(path, owner) {
  try {
    if (Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MS) return false
    process.kill(Number(owner), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
