/** Paths to a platform, built so that no value of a caller can leave its segment. */
import { isSeen } from '../model/text.ts'

/** A path whose every value was checked and encoded; only `path` makes one. */
export type Path = string & { readonly path: unique symbol }

export class UnsafePath extends Error {
  override readonly name = 'UnsafePath'
}

const segment = (value: string): string => {
  // encodeURIComponent leaves dots alone, and a URL parser folds them: /orders/../cancel is
  // /cancel.
  if (value === '' || value === '.' || value === '..')
    throw new UnsafePath('a path segment may not be empty, “.” or “..”')
  if (value.length > 128)
    throw new UnsafePath('a path segment may not be longer than 128 characters')
  if (!isSeen(value))
    throw new UnsafePath(
      'a path segment must be well-formed Unicode without control or invisible characters',
    )
  return encodeURIComponent(value)
}

/** path`/admin/orders/${id}/cancel`: throws `UnsafePath` for a value that cannot be one segment. */
export const path = (parts: TemplateStringsArray, ...values: readonly string[]): Path =>
  parts.reduce((built, part, index) => built + segment(values[index - 1] as string) + part) as Path

/** Parameters of a query; a list is one parameter that comes several times. */
export type Query = Readonly<Record<string, string | readonly string[]>>

const search = (query: Query): string =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, values]) =>
      [values].flat().map((value) => [name, value]),
    ),
  ).toString()

/**
 * The full address; throws `UnsafePath` when it is not, to the letter, under the base that was
 * meant.
 */
export const address = (base: string, to: Path, query?: Query): string => {
  const meant = base + to
  const url = new URL(meant)
  const root = new URL(base)
  if (
    url.origin !== root.origin ||
    url.username ||
    url.password ||
    url.hash ||
    url.search ||
    url.href !== meant
  ) {
    throw new UnsafePath('the address is not the one that was meant')
  }
  return query ? `${meant}?${search(query)}` : meant
}
