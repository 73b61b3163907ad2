/** What a configuration takes from the environment, and how the places in it are named. */

export type Environment = Readonly<Record<string, string | undefined>>

/** `stores[0].settings.baseUrl`. */
export const place = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      text + (typeof part === 'number' ? `[${part}]` : `${text && '.'}${String(part)}`),
    '',
  ) || 'the file'

/** Where values come from that do not stand in a configuration. */
export interface Outside {
  readonly environment: Environment
  /** What stands in a file, or why it cannot be read. Left out: no files are read here. */
  readonly fileOf?:
    | ((name: string) => { readonly text: string } | { readonly why: string })
    | undefined
}

/** What stands for a value that is not there, until the configuration is refused. */
const ABSENT = '-'

const variable = (name: string, { environment }: Outside): string | { readonly why: string } => {
  const value = environment[name]
  if (value) return value
  // A name of another kind may be the secret itself, put into the wrong place.
  const named = /^[A-Z][A-Z0-9_]*$/.test(name) ? name : 'named here'
  return { why: `the environment variable ${named} is ${value === '' ? 'empty' : 'not set'}` }
}

/** The content of a file, without the line break that editors end it with. */
const content = (name: string, { fileOf }: Outside): string | { readonly why: string } => {
  if (!fileOf) return { why: 'files are read on Node only' }
  const found = fileOf(name)
  if ('why' in found) return { why: `the file named here ${found.why}` }
  return found.text.replace(/\r?\n$/, '') || { why: 'the file named here is empty' }
}

/** The value that an object names from outside; null: it is an object like any other. */
const named = (value: object, outside: Outside): string | { readonly why: string } | null => {
  const [[kind, name] = [], ...more] = Object.entries(value)
  if (typeof name !== 'string' || more.length > 0) return null
  if (kind === 'env') return variable(name, outside)
  return kind === 'file' ? content(name, outside) : null
}

/**
 * Puts environment variables in the place of `{ "env": "NAME" }`, and what stands in a file in that
 * of `{ "file": "PATH" }`, wherever it is in a value; `faults` say which have no value.
 */
export const resolve = (
  value: unknown,
  path: readonly PropertyKey[],
  outside: Outside,
  faults: string[],
): unknown => {
  if (Array.isArray(value))
    return value.map((item, index) => resolve(item, [...path, index], outside, faults))
  if (value === null || typeof value !== 'object') return value
  const found = named(value, outside)
  if (typeof found === 'string') return found
  if (found) {
    faults.push(`${place(path)}: ${found.why}`)
    return ABSENT
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      resolve(part, [...path, name], outside, faults),
    ]),
  )
}
