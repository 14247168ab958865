/**
 * Every scenario of test/scenarios, played by the protocol's machines over toy logs and links. A difference to the trace that
 * is written down fails; `UPDATE_SCENARIOS=1` writes down what came instead.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ScenarioCluster } from '../replication/protocol/scenario-cluster.js'
import { runCommand } from '../replication/protocol/scenario-commands.js'
import { formatScenario, parseScenario } from '../replication/protocol/scenario-file.js'

const DIRECTORY = fileURLToPath(new URL('../scenarios/', import.meta.url))
const FILES = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.txt'))
  .sort()

/** What the nodes of a scenario do, block by block. */
function play(text: string): string {
  const blocks = parseScenario(text)
  const cluster = new ScenarioCluster()
  const traces = blocks.map(({ commands }) => {
    const trace = commands.flatMap((command) => run(cluster, command))
    return trace.length > 0 ? trace : ['ok']
  })
  return formatScenario(blocks, traces)
}

function run(cluster: ScenarioCluster, command: string): string[] {
  try {
    return runCommand(cluster, command)
  } catch (error) {
    const last = cluster.takeTrace().slice(-30)
    throw new Error([`${command}: ${(error as Error).message}`, ...last].join('\n'), { cause: error })
  }
}

describe('scenario', () => {
  test.each(FILES)('%s', (name) => {
    const path = join(DIRECTORY, name)
    const text = readFileSync(path, 'utf8')
    expect(text, 'the first line says what the scenario shows').toMatch(/^# \S/)
    const played = play(text)
    if (process.env.UPDATE_SCENARIOS === '1') writeFileSync(path, played)
    else expect(played).toBe(text)
  })
})
