/** What a configuration takes from the environment, and how the places in it are named. */

export type Environment = Readonly<Record<string, string | undefined>>

/** `stores[0].settings.baseUrl`. */
export const place = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      text + (typeof part === 'number' ? `[${part}]` : `${text && '.'}${String(part)}`),
    '',
  ) || 'the file'

/**
 * Puts environment variables in the place of `{ "env": "NAME" }`, wherever it stands in a value;
 * `faults` say which have no value.
 */
export const resolve = (
  value: unknown,
  path: readonly PropertyKey[],
  environment: Environment,
  faults: string[],
): unknown => {
  if (Array.isArray(value))
    return value.map((item, index) => resolve(item, [...path, index], environment, faults))
  if (value === null || typeof value !== 'object') return value
  const { env, ...rest } = value as Record<string, unknown>
  if (typeof env === 'string' && Object.keys(rest).length === 0) {
    // A name of another kind may be the secret itself, put into the wrong place.
    if (!environment[env])
      faults.push(
        `${place(path)}: the environment variable ` +
          `${/^[A-Z][A-Z0-9_]*$/.test(env) ? env : 'named here'} is ` +
          `${environment[env] === '' ? 'empty' : 'not set'}`,
      )
    return environment[env] || '-'
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      resolve(part, [...path, name], environment, faults),
    ]),
  )
}
