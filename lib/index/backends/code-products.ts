import { BYTES } from './code-products-module.js'

/** Rows multiplied in one call of the program at most. */
const ROWS_AT_ONCE = 4_096
/** The program takes rows four at a time, and components 32 at a time. */
const ROW_STEP = 4
const COMPONENT_STEP = 32
const PAGE_BYTES = 65_536
const PAGES_MAX = 65_536
/** Products of codes are summed in 32 bits. */
const DIMENSIONS_MAX = 65_536

type Products = (list: number, count: number, stride: number, query: number, products: number) => void

/**
 * Rows of small whole numbers, multiplied with a query where they lie, in whatever order: a WebAssembly program reads them
 * with the vector instructions of the processor. The native scan only takes rows that lie together, and to copy them
 * together takes three times as long as this (measured).
 */
export class CodeProducts {
  /** `count × dimensions` codes from −127 to 127, row-major, at offset 0 of their own buffer; zeros at first. */
  readonly codes: Int8Array
  readonly #dimensions: number
  readonly #products: Products
  /** Where they are in the memory, in bytes. */
  readonly #place: Place
  readonly #query: Int8Array
  readonly #list: Uint32Array
  readonly #answers: Int32Array

  private constructor(count: number, dimensions: number, memory: WasmMemory, products: Products) {
    const place = placeOf(count, dimensions)
    const { buffer } = memory
    this.codes = new Int8Array(buffer, 0, count * dimensions)
    this.#dimensions = dimensions
    this.#products = products
    this.#place = place
    this.#query = new Int8Array(buffer, place.query, dimensions)
    this.#list = new Uint32Array(buffer, place.list, place.rows)
    this.#answers = new Int32Array(buffer, place.answers, place.rows)
  }

  /** @returns `undefined` where there is no room for so many, or no WebAssembly with vector instructions */
  static of(count: number, dimensions: number): CodeProducts | undefined {
    const pages = Math.ceil(placeOf(count, dimensions).end / PAGE_BYTES)
    if (pages > PAGES_MAX || dimensions > DIMENSIONS_MAX || !program()) return undefined
    try {
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
      const { exports } = new WebAssembly.Instance(program() as object, { env: { memory } })
      return new CodeProducts(count, dimensions, memory, exports.products)
    } catch {
      // No memory, or no more addresses: each memory reserves some gigabytes of them.
      return undefined
    }
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.codes.buffer.byteLength
  }

  /**
   * Multiplies a query with rows.
   *
   * @param query - `dimensions` codes from −127 to 127
   * @param ordinals - of the rows, each below `count`
   * @param products - gets one for each of the ordinals
   */
  products(query: Int8Array, ordinals: Uint32Array, products: Float64Array): void {
    this.#query.set(query)
    const { rows, list, query: at, answers } = this.#place
    for (let from = 0; from < ordinals.length; from += rows) {
      const block = ordinals.subarray(from, from + rows)
      const rounded = roundUp(block.length, ROW_STEP)
      this.#list.set(block)
      this.#list.fill(0, block.length, rounded)
      this.#products(list, rounded, this.#dimensions, at, answers)
      products.set(this.#answers.subarray(0, block.length), from)
    }
  }
}

/** Where things are behind the codes, in bytes: the query with zeros behind it, the list, and what is answered. */
interface Place {
  readonly query: number
  readonly list: number
  readonly answers: number
  readonly end: number
  /** Room in the list. */
  readonly rows: number
}

function placeOf(count: number, dimensions: number): Place {
  const rows = Math.min(ROWS_AT_ONCE, roundUp(count, ROW_STEP))
  const query = roundUp(count * dimensions, COMPONENT_STEP)
  const list = query + roundUp(dimensions, COMPONENT_STEP)
  const answers = list + rows * Uint32Array.BYTES_PER_ELEMENT
  return { query, list, answers, end: answers + rows * Int32Array.BYTES_PER_ELEMENT, rows }
}

function roundUp(number: number, step: number): number {
  return Math.ceil(number / step) * step
}

let compiled: { readonly module: object | undefined } | undefined

/** The compiled program; `undefined` where there is no WebAssembly (V8 without just-in-time compiler), or no vectors in it. */
function program(): object | undefined {
  compiled ??= { module: compile() }
  return compiled.module
}

function compile(): object | undefined {
  try {
    return new WebAssembly.Module(BYTES)
  } catch {
    return undefined
  }
}

interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** As much as is used of it: the types of Node leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory
  readonly Instance: new (
    module: object,
    imports: { env: { memory: WasmMemory } },
  ) => { exports: { products: Products } }
}
