import { availableParallelism } from 'node:os'

/** This machine's operating system and processor, as package names of native builds have them: `linux-x64`. */
export const platformName = `${process.platform}-${process.arch}`

/** Processors this process may use at once. */
export const processorCount = availableParallelism()
