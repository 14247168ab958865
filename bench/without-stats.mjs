/** A copy of the built package whose replication counts nothing: what counting costs is the difference. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Each is taken out of the file, or replaced; one that is not there any more is an error here. */
const TAKEN_OUT = {
  'replication/message-channel.js': [
    [/this\.#counts\.bytesReceived \+= [^;]+;/, ''],
    [/this\.#counts\.bytesSent \+= [^;]+;/, ''],
  ],
  'replication/commit-times.js': [[/( {4}add\([^)]*\) \{)/, '$1 return;']],
  'replication/replica-lag.js': [
    [/( {4}received\([^)]*\) \{)/, '$1 return;'],
    [/( {4}progressed\([^)]*\) \{)/, '$1 return false;'],
    [/( {4}lagMs\([^)]*\) \{)/, '$1 return 0;'],
  ],
  'replication/replication-state.js': [[/( {4}changed\(\) \{)/, '$1 return;']],
  'replication/replica-watch.js': [
    [/( {4}judge\([^)]*\) \{)/, '$1 return;'],
    [/( {4}#watch\(\) \{)/, '$1 return;'],
  ],
}

/** @param {string} directory - an empty one inside the repository, so that the packages are found */
export function copyWithoutStats(directory) {
  const copy = join(directory, 'dist')
  cpSync(join(root, 'dist'), copy, { recursive: true })
  for (const [name, changes] of Object.entries(TAKEN_OUT)) {
    const path = join(copy, name)
    let text = readFileSync(path, 'utf8')
    for (const [pattern, replacement] of changes) {
      if (!pattern.test(text)) throw new Error(`${name} has no ${pattern}: see bench/without-stats.mjs.`)
      text = text.replace(pattern, replacement)
    }
    writeFileSync(path, text)
  }
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return copy
}
