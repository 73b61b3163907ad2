/**
 * An order's id is its name, and names may hold what no id of ours may (`SO/26-27/0042`): such a
 * character is written as `~` and two hexadecimal digits.
 */
const IN_NO_ID = /[ /\\?#%~]/g

const escaped = (character: string): string =>
  `~${character.charCodeAt(0).toString(16).toUpperCase()}`

export const idOf = (name: string): string =>
  /^\.\.?$/.test(name) ? name.replaceAll('.', '~2E') : name.replace(IN_NO_ID, escaped)

/**
 * A piece that is empty, `.` or `..`: proxies fold it however it is encoded, and Frappe's router
 * takes a slash at the end for its own, so that the address would be another document's.
 */
const FOLDED = /(?:^|[/\\])\.{0,2}(?:[/\\]|$)/

/**
 * Null where a `~` stands for nothing, a character for itself that no id has, or no address is safe
 * for the name.
 */
export const nameOf = (id: string): string | null => {
  if (/[ /\\?#%]|~(?![\da-f]{2})/i.test(id)) return null
  const name = id.replace(/~([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return FOLDED.test(name) ? null : name
}

export const canonicalId = (id: string): string | null => {
  const name = nameOf(id)
  return name === null ? null : idOf(name)
}

/** What MariaDB takes for one name: it minds neither case, nor accents, nor spaces at the end. */
const asCompared = (name: string): string =>
  name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd()

/** Whether a name was found by another spelling of it. */
export const isRespelled = (name: string, asked: string): boolean =>
  name !== asked && asCompared(name) === asCompared(asked)
