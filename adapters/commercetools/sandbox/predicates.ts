/** Filters and order of a query as commercetools writes them, as far as the imitation knows any. */

type Row = Readonly<Record<string, unknown>>
type Filter = (row: Row) => boolean

const TOKEN =
  /\s*(?:([()])|\b(and|or)\b|([a-zA-Z]\w*)\s*(=|!=|<>|<=|>=|<|>)\s*"((?:[^"\\]|\\.)*)")/y

const COMPARE: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

class Malformed extends Error {}

/** `a="1" and (b>"2" or c<"3")`: null for what is no predicate, or none that is imitated. */
export const parsePredicate = (text: string): Filter | null => {
  const tokens: string[][] = []
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim() !== '';) {
    const match = TOKEN.exec(text)
    if (!match) return null
    tokens.push(match.slice(1).map((one) => one ?? ''))
  }
  const take = (what: string) =>
    tokens[0]?.[0] === what || tokens[0]?.[1] === what ? tokens.shift() : undefined
  const factor = (): Filter => {
    if (take('(')) {
      const inner = either()
      if (!take(')')) throw new Malformed()
      return inner
    }
    const [, , field, operator, value] = tokens.shift() ?? []
    const compare = COMPARE[operator ?? '']
    if (!compare || field === undefined) throw new Malformed()
    const meant = (value ?? '').replaceAll(/\\(.)/g, '$1')
    return (row) => typeof row[field] === 'string' && compare(row[field], meant)
  }
  const both = (): Filter => {
    const all = [factor()]
    while (take('and')) all.push(factor())
    return (row) => all.every((one) => one(row))
  }
  function either(): Filter {
    const any = [both()]
    while (take('or')) any.push(both())
    return (row) => any.some((one) => one(row))
  }
  try {
    const filter = either()
    return tokens.length === 0 ? filter : null
  } catch (error) {
    if (error instanceof Malformed) return null
    throw error
  }
}

const SORT = /^(id|createdAt|lastModifiedAt|orderNumber)(?: (asc|desc))?$/

/** By the first of these, then by the next; null for what cannot be sorted by. */
export const parseSort = (texts: readonly string[]): ((a: Row, b: Row) => number) | null => {
  const keys = texts.map((text) => SORT.exec(text))
  if (keys.includes(null)) return null
  return (a, b) => {
    for (const key of keys) {
      const name = key?.[1] ?? 'id'
      const [one, other] = [String(a[name]), String(b[name])]
      if (one !== other) return (one < other ? -1 : 1) * (key?.[2] === 'desc' ? -1 : 1)
    }
    return 0
  }
}
