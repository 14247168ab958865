/**
 * An evaluator of raw filters written for obviousness alone, sharing nothing with the library: it lists what a path
 * reaches and asks every operator of the list.
 */
type Fields = Record<string, unknown>

const MISSING = Symbol('missing')

export function naiveMatches(filter: unknown, record: unknown): boolean {
  return Object.entries(filter as Fields).every(([key, operand]) => {
    const branches = operand as unknown[]
    if (key === '$and') return branches.every((branch) => naiveMatches(branch, record))
    if (key === '$or') return branches.some((branch) => naiveMatches(branch, record))
    if (key === '$nor') return !branches.some((branch) => naiveMatches(branch, record))
    if (key === '$not') return !naiveMatches(operand, record)
    return condition(operand, reach(record, key.split('.')), true)
  })
}

/** All that a path reaches, each value or MISSING. */
function reach(value: unknown, names: string[]): unknown[] {
  const [name, ...rest] = names
  if (name === undefined) return [value]
  if (Array.isArray(value)) {
    const numeric = String(Number(name)) === name && Number(name) >= 0 && Number.isInteger(Number(name))
    const byIndex = numeric && Number(name) < value.length ? reach(value[Number(name)], rest) : []
    const objects = value.filter((element) => isObject(element) && (!numeric || Object.hasOwn(element, name)))
    return [...byIndex, ...objects.flatMap((element) => reach(element, names))]
  }
  if (isObject(value) && Object.hasOwn(value, name)) return reach(value[name], rest)
  return [MISSING]
}

/** `spread`: an array that was reached is also tried element by element. */
function condition(operand: unknown, reached: unknown[], spread: boolean): boolean {
  const isOperators = isObject(operand) && Object.keys(operand).some((key) => key.startsWith('$'))
  if (!isOperators) return operator('$eq', operand, reached, spread, {})
  return Object.entries(operand).every(([name, inner]) => operator(name, inner, reached, spread, operand))
}

function operator(name: string, operand: unknown, reached: unknown[], spread: boolean, all: Fields): boolean {
  const whole = reached.filter((value) => value !== MISSING)
  const each = spread ? whole.flatMap((value) => (Array.isArray(value) ? [value, ...value] : [value])) : whole
  const again = (other: string, value: unknown) => operator(other, value, reached, spread, {})
  const list = operand as unknown[]
  switch (name) {
    case '$eq':
      if (operand instanceof RegExp) {
        return each.some((value) => typeof value === 'string' && operand.test(value))
      }
      if (operand === null && reached.includes(MISSING)) return true
      return each.some((value) => canonical(value) === canonical(operand))
    case '$ne':
      return !again('$eq', operand)
    case '$in':
      return list.some((value) => again('$eq', value))
    case '$nin':
      return !again('$in', operand)
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return each.some((value) => inOrder(name, value, operand))
    case '$exists':
      return whole.length > 0 === operand
    case '$not':
      return !condition(operand instanceof RegExp ? { $eq: operand } : operand, reached, spread)
    case '$all':
      if (list.length === 0) return false
      return list.every((item) =>
        isObject(item) && Object.keys(item)[0] === '$elemMatch'
          ? again('$elemMatch', item.$elemMatch)
          : again('$eq', item),
      )
    case '$elemMatch': {
      const isQuery = Object.keys(operand as Fields).every((key) => !key.startsWith('$') || key === '$or')
      return whole.some(
        (array) =>
          Array.isArray(array) &&
          array.some((element) =>
            isQuery
              ? isObject(element) && naiveMatches(operand, element)
              : condition(operand, [element], false),
          ),
      )
    }
    case '$size':
      return whole.some((value) => Array.isArray(value) && value.length === operand)
    case '$regex':
      return each.some(
        (value) =>
          typeof value === 'string' && new RegExp(operand as string, all.$options as string).test(value),
      )
    case '$options':
      return true
    case '$contains':
      return whole.some((value) =>
        typeof value === 'string'
          ? typeof operand === 'string' && value.includes(operand)
          : Array.isArray(value) && value.some((element) => canonical(element) === canonical(operand)),
      )
    default:
      throw new Error(`the naive evaluator has no ${name}`)
  }
}

function inOrder(name: string, value: unknown, operand: unknown): boolean {
  if (value === null || operand === null) return false
  if (kind(value) !== kind(operand) || !['number', 'string', 'boolean', 'Date'].includes(kind(value)))
    return false
  const [a, b] = [value as number, operand as number]
  if (name === '$gt') return a > b
  if (name === '$gte') return a >= b
  return name === '$lt' ? a < b : a <= b
}

/** A text that is the same for equal values only. */
function canonical(value: unknown): string {
  if (value instanceof Date) return `date ${value.getTime()}`
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (isObject(value)) {
    const keys = Object.keys(value).sort()
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
  }
  return value === 0 ? '0' : JSON.stringify(value)
}

function kind(value: unknown): string {
  return value instanceof Date ? 'Date' : typeof value
}

function isObject(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp)
  )
}
