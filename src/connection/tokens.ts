/** A store's logins: each fetched once however many ask, kept, and renewed before it runs out. */

/** Tokens of the recent past are still hidden from what platforms say. */
const REMEMBERED_TOKENS = 8

export const openTokens = () => {
  const kept = new Map<string, { value: Promise<string>; freshUntil: number }>()
  const known = new Set<string>()
  let generation = 0
  return {
    generation: () => generation,
    /** Drops every login, unless somebody did since `seen`; false where there is none to renew. */
    forget(seen: number): boolean {
      if (generation === seen) {
        if (kept.size === 0) return false
        kept.clear()
        generation++
      }
      return true
    },
    values: () => known,
    get(
      name: string,
      login: () => Promise<{ readonly token: string; readonly expiresInMs: number }>,
    ): Promise<string> {
      const current = kept.get(name)
      if (current && performance.now() < current.freshUntil) return current.value
      const entry = { value: Promise.resolve(''), freshUntil: Infinity }
      entry.value = login().then(({ token, expiresInMs }) => {
        entry.freshUntil = performance.now() + expiresInMs * 0.9
        known.add(token)
        if (known.size > REMEMBERED_TOKENS) known.delete(known.values().next().value as string)
        return token
      })
      entry.value.catch(() => {
        if (kept.get(name) === entry) kept.delete(name)
      })
      kept.set(name, entry)
      return entry.value
    },
  }
}
