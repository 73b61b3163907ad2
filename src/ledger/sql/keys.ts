/** Idempotency keys in SQL: one table for cancellations and batches. */
import type { Retention } from '../retention.ts'
import { type Keys, repeatOf } from '../rules.ts'
import type { Sql } from './database.ts'

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
