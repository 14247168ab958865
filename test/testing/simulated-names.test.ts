import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../lib/testing/seeded-random.js'
import { SimulatedFile } from '../../lib/testing/simulated-file.js'
import { SimulatedDirectory, SimulatedNames } from '../../lib/testing/simulated-names.js'

const seeds = Array.from({ length: 60 }, (_, i) => i)

function create(names: SimulatedNames, path: string): void {
  names.set(names.find(path, 'open'), new SimulatedFile())
}

function makeDirectory(names: SimulatedNames, path: string): void {
  names.set(names.find(path, 'makeDirectory'), names.newDirectory())
}

function sync(names: SimulatedNames, path: string): void {
  const { node } = names.find(path, 'syncDirectory')
  if (!(node instanceof SimulatedDirectory)) throw new Error(`${path} is no directory`)
  names.commit(names.capture(node))
}

/** All outcomes that a power cut may have after `prepare`, over many seeds. */
function outcomes(prepare: (names: SimulatedNames) => void): string[] {
  const found = new Set<string>()
  for (const seed of seeds) {
    const names = new SimulatedNames()
    prepare(names)
    names.cutPower(new SeededRandom(seed))
    found.add(
      [...names.walkDurable()]
        .map(({ path }) => path)
        .sort()
        .join(' '),
    )
  }
  return [...found].sort()
}

describe('SimulatedNames', () => {
  test('an unsynced name survives or not; a synced one does', () => {
    expect(outcomes((names) => create(names, '/a'))).toEqual(['', '/a'])
    expect(
      outcomes((names) => {
        create(names, '/a')
        sync(names, '/')
      }),
    ).toEqual(['/a'])
  })

  test('a rename is all or nothing, and never without the creation before it', () => {
    const rename = (names: SimulatedNames) =>
      names.rename(names.find('/a', 'rename'), names.find('/b', 'rename'))
    const unsynced = (names: SimulatedNames) => {
      create(names, '/a')
      rename(names)
    }
    expect(outcomes(unsynced)).toEqual(['', '/a', '/b'])
    expect(
      outcomes((names) => {
        create(names, '/a')
        sync(names, '/')
        rename(names)
      }),
    ).toEqual(['/a', '/b'])
  })

  test('link and remove of the first name never lose both', () => {
    const results = outcomes((names) => {
      create(names, '/a')
      sync(names, '/')
      names.link(names.find('/a', 'link'), names.find('/b', 'link'))
      names.set(names.find('/a', 'remove'), undefined)
    })
    expect(results).toEqual(['/a', '/a /b', '/b'])
  })

  test('a synced directory vanishes with its own unsynced name', () => {
    expect(
      outcomes((names) => {
        makeDirectory(names, '/d')
        create(names, '/d/a')
        sync(names, '/d')
      }),
    ).toEqual(['', '/d /d/a'])
  })

  test('a move into another directory never loses the file', () => {
    expect(
      outcomes((names) => {
        create(names, '/a')
        sync(names, '/')
        makeDirectory(names, '/d')
        names.rename(names.find('/a', 'rename'), names.find('/d/a', 'rename'))
      }),
    ).toEqual(['/a', '/a /d', '/d /d/a'])
  })

  test('a sync covers the changes of its directory when it was asked for', () => {
    expect(
      outcomes((names) => {
        create(names, '/early')
        const captured = names.capture(names.root)
        create(names, '/late')
        names.commit(captured)
      }),
    ).toEqual(['/early', '/early /late'])
  })

  test('finds paths of either platform, and says what is in the way', () => {
    const names = new SimulatedNames()
    makeDirectory(names, '/d')
    create(names, 'd/a')
    const { node } = names.find('/d/a', 'open')
    expect(node).toBeInstanceOf(SimulatedFile)
    for (const path of ['\\d\\a', 'd//./a', '/d/../d/a']) expect(names.find(path, 'open').node).toBe(node)
    expect(names.find('/', 'open').node).toBe(names.root)
    expect(() => names.find('/no/a', 'open')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    expect(() => names.find('/d/a/b', 'open')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
  })
})
