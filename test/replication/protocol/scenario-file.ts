/** A scenario file: blocks of comments, commands, `----`, and the trace that the commands leave; a blank line between blocks. */

export interface ScenarioBlock {
  /** Comments and commands as they stand. */
  readonly lines: readonly string[]
  readonly commands: readonly string[]
  /** Comments alone expect nothing. */
  readonly expected: readonly string[] | undefined
}

export function parseScenario(text: string): ScenarioBlock[] {
  return text
    .split(/\n{2,}/)
    .map((block) => block.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const ruler = lines.indexOf('----')
      const head = ruler === -1 ? lines : lines.slice(0, ruler)
      const commands = head.filter((line) => !line.startsWith('#'))
      const isBare = ruler === -1 && commands.length === 0
      return {
        lines: head,
        commands,
        expected: isBare ? undefined : lines.slice(ruler === -1 ? lines.length : ruler + 1),
      }
    })
}

/** The file with the trace that came instead of the one that was expected. */
export function formatScenario(
  blocks: readonly ScenarioBlock[],
  traces: readonly (readonly string[])[],
): string {
  const texts = blocks.map(({ lines, expected }, at) => {
    const trace = traces[at] ?? []
    return [...lines, ...(expected ? ['----', ...trace] : [])].join('\n')
  })
  return `${texts.join('\n\n')}\n`
}
