/** A block of example code; `line` is where its first line stands in `file`, from 1. */
export interface Block {
  file: string
  line: number
  code: string
}
export function blocksOf(file: string, text: string, firstLine?: number): Block[]
export function blocksOfDocComments(file: string, text: string): Block[]
export function compile(root: string, blocks: Block[]): string[]
