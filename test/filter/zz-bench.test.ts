import { test } from 'vitest'
import { Bitmap } from '../../lib/bitmap.js'
import { parseFilter } from '../../lib/filter/parse.js'
import { planFilter } from '../../lib/filter/plan.js'
import { compilePattern } from '../../lib/filter/regex.js'
const time = (name: string, n: number, f: () => void) => { for (let i = 0; i < n / 5; i++) f(); const t = performance.now(); for (let i = 0; i < n; i++) f(); console.log(name, (((performance.now() - t) / n) * 1e6).toFixed(0), 'ns') }
test('bench', () => {
  const make = () => { const b = Bitmap.range(50000); for (let i = 0; i < 50000; i += 3) b.delete(i); return b }
  const base = make()
  const index = { ready: () => true, live: () => base.clone(), lookup: (_: string, key: Uint8Array) => (key[0] === 1 && key[1] !== 1 ? new Bitmap() : base.clone()), lookupRange: () => base.clone() }
  for (const [name, f] of [['eq+range', { section: 'a', price: { $gte: 1, $lt: 5 } }], ['eq+eq', { section: 'a', price: 5 }], ['eq', {section:'a'}]] as const) {
    const n = parseFilter(f)
    for (let r = 0; r < 2; r++) { time(name, 2e4, () => { planFilter(n, index) })
    time(name + ' uncounted', 2e4, () => { planFilter(n, index, { count: false }) }) }
  }
  time('2 clones', 2e4, () => { base.clone(); base.clone() })
  time('2 clones+and', 2e4, () => { base.clone().and(base.clone()) })
  const subject = `c${'ab'.repeat(1 << 19)}`
  let x=12345; const rnd=()=>{x=(Math.imul(x,1103515245)+12345)>>>0;return x>>>16}
  const random = 'c'+Array.from({length:1<<20},()=> 'ab'[rnd()&1]).join('')
  for (const s of ['(?:[ab]{0,12}a[ab]{0,12}){8}c$', 'a[ab]{450}c$','([ab]*)*c$']) for (const t0 of [subject, random]) {
    const p = compilePattern(s, '', (x) => { throw new Error(x) })
    const t = performance.now(); p.test(t0); console.log(s, (performance.now() - t).toFixed(0), 'ms')
  }
})
