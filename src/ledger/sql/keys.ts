/** Idempotency keys in SQL: one table for cancellations and batches. */
import type { Retention } from '../retention.ts'
import { isDigest, type Keys, repeatOf } from '../rules.ts'
import { nextTurnOfLoop, type Sql } from './database.ts'

/** So many keys are looked at in one turn of the event loop. */
const KEYS_AT_ONCE = 1_000

/** Goes through all keys: none is found by what it is bound to, since nobody else asks for that. */
export const digestKeys = async (
  sql: Sql,
  id: string,
  digest: (text: string) => Promise<string>,
): Promise<number> => {
  let [after, count] = ['', 0]
  for (;;) {
    const page = sql.all(
      'select scope, id, fingerprint from keys where scope > ? order by scope limit ?',
      after,
      KEYS_AT_ONCE,
    )
    for (const { scope, id: bound, fingerprint } of page) {
      if (bound !== id || isDigest(fingerprint as string)) continue
      const next = await digest(fingerprint as string)
      await sql.commit(() =>
        sql.run('update keys set fingerprint = ? where scope = ?', next, scope as string),
      )
      count += 1
    }
    if (page.length < KEYS_AT_ONCE) return count
    after = page.at(-1)?.['scope'] as string
    await nextTurnOfLoop()
  }
}

/** Opens keys that are bound to what `find` finds; used inside a transaction. */
export const openSqlKeys = <Bound>(
  sql: Sql,
  now: () => number,
  { keysMs }: Retention,
  find: (id: string) => Bound | null,
): Keys<Bound> => ({
  earlier(key) {
    const [found] = sql.all(
      'select id, fingerprint from keys where scope = ? and expires_at > ?',
      key.scope,
      now(),
    )
    const bound = found ? find(found['id'] as string) : null
    return found && bound ? { outcome: repeatOf(key, found['fingerprint'] as string), bound } : null
  },
  bind({ scope, fingerprint }, id) {
    sql.run(
      'insert or replace into keys (scope, id, fingerprint, expires_at) values (?, ?, ?, ?)',
      scope,
      id,
      fingerprint,
      now() + keysMs,
    )
  },
})
