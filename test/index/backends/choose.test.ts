import { describe, expect, test } from 'vitest'
import { chooseBackend, exactScan } from '../../../lib/index/backends/choose.js'
import { checkedBackend } from '../../../lib/index/checked-backend.js'
import { toyBackend } from '../toy-backend.js'

const missing = () => ({ reason: 'the native library usearch does not load here (no build, linux-s390x)' })

const graphs = { cpu: { ...toyBackend, kind: 'graph' }, quantized: { ...toyBackend, kind: 'small-graph' } }
const noGraphs = 'there is no room for one'

describe('chooseBackend', () => {
  test("answers 'cpu' and 'quantized' by graphs", () => {
    expect(chooseBackend('cpu', graphs)).toEqual({ backend: checkedBackend(graphs.cpu) })
    expect(chooseBackend('quantized', graphs)).toEqual({ backend: checkedBackend(graphs.quantized) })
  })

  test("answers 'gpu' as 'cpu', and says so", () => {
    const { backend, fallbackReason } = chooseBackend('gpu', graphs)
    expect(backend).toBe(checkedBackend(graphs.cpu))
    expect(fallbackReason).toMatch(/'gpu' answers as 'cpu' does/)
  })

  test.each(['cpu', 'quantized', 'gpu'] as const)(
    "answers '%s' by exact scan where there are no graphs, and says why",
    async (option) => {
      const { backend, fallbackReason } = chooseBackend(option, noGraphs)
      expect(backend.kind).toBe('simd-scan')
      expect(fallbackReason).toBe(`'${option}' answers by exact scan: there is no room for one`)
      const vectors = Float32Array.of(0, 0, 5, 5)
      const { signal } = new AbortController()
      const index = await backend.build({ vectors, count: 2, dimensions: 2, metric: 'euclidean', signal })
      expect(await index.search({ queries: Float32Array.of(5, 4), count: 1, k: 1 })).toEqual([
        { ordinals: Uint32Array.of(1), distances: Float32Array.of(1) },
      ])
    },
  )

  test('takes the plain scan without the native library, and says why', () => {
    for (const { backend, fallbackReason } of [
      chooseBackend('cpu', graphs, missing),
      exactScan("'cpu' answers by exact scan", missing),
    ]) {
      expect(backend.kind).toBe('plain-scan')
      expect(fallbackReason).toContain("'cpu' answers by exact scan")
      expect(fallbackReason).toContain('does not load here (no build, linux-s390x)')
    }
  })

  test('takes a backend from outside, checked, and needs no reason', () => {
    expect(chooseBackend(toyBackend, graphs, missing)).toEqual({ backend: checkedBackend(toyBackend) })
  })

  test('refuses what is neither a name nor a backend, saying what is', () => {
    for (const option of ['hnsw', '', 7, null, undefined, {}, { kind: 'mine' }]) {
      expect(() => Reflect.apply(chooseBackend, undefined, [option, graphs])).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      )
    }
    expect(() => Reflect.apply(chooseBackend, undefined, ['hnsw', graphs])).toThrow(
      /'hnsw'.*'cpu', 'quantized', 'gpu'/,
    )
    expect(() => Reflect.apply(chooseBackend, undefined, [{ kind: 'mine' }, graphs])).toThrow(/'build'/)
  })
})
