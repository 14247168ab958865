import { test } from 'vitest'
import { simulate } from '../../lib/testing/simulate.js'
import { freshSeeds } from '../seeds.js'

const FRESH = freshSeeds(250)

test(`every seed keeps every promise (fresh seeds ${FRESH[0]} to ${FRESH.at(-1)})`, async () => {
  for (const seed of FRESH) await simulate({ seed })
}, 1_800_000)
