/** As much of GraphQL as the imitation needs: which fields a query asks for. */

/** Null: no fields of it were named. */
interface Selection {
  readonly [field: string]: Selection | null
}

/** The fields of a query without its arguments; undefined where it ends too early. */
export const selectionOf = (query: string): Selection | undefined => {
  const words: string[] = query.replaceAll(/\([^()]{0,200}\)/g, '').match(/[{}]|\w+/g) ?? []
  let at = words.indexOf('{') + 1
  const read = (): Selection | undefined => {
    const fields: Record<string, Selection | null> = {}
    for (;;) {
      const word = words[at++]
      if (word === undefined) return undefined
      if (word === '}') return fields
      fields[word] = null
      if (words[at] !== '{') continue
      at += 1
      const inner = read()
      if (!inner) return undefined
      fields[word] = inner
    }
  }
  return at === 0 ? undefined : read()
}

/**
 * What is told of a value: nothing of a field that there is not, and `{}` of an object of which no
 * field was named (recorded: search).
 */
export const told = (value: unknown, selection: Selection | null): unknown => {
  if (Array.isArray(value)) return value.map((one) => told(one, selection))
  if (value === null || typeof value !== 'object') return value
  const known = Object.entries(selection ?? {}).filter(([name]) => Object.hasOwn(value, name))
  return Object.fromEntries(
    known.map(([name, inner]) => [name, told((value as Record<string, unknown>)[name], inner)]),
  )
}
