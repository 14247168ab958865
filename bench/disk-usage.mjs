/** What files take on the disk: the blocks they have, which is less than their length where they have holes. */
import { lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Bytes of a block as the system counts them, whatever the file system uses. */
const BLOCK = 512

/**
 * @param {string} place - a file or a folder; nothing there takes nothing
 * @param {{ named?: string }} [options] - only files of this name
 */
export function diskUsage(place, { named } = {}) {
  const stats = lstatSync(place, { throwIfNoEntry: false })
  // What is there may go while it is read: the store works on.
  if (stats === undefined) return 0
  if (stats.isDirectory()) {
    return readdirSync(place).reduce((sum, name) => sum + diskUsage(join(place, name), { named }), 0)
  }
  if (named !== undefined && basename(place) !== named) return 0
  // Some systems count no blocks.
  return stats.blocks ? stats.blocks * BLOCK : stats.size
}
