/** Idempotency keys in PostgreSQL: one table for cancellations and batches. */
import { isDigest, type Keys, repeatOf, type ScopedKey } from '../rules.ts'
import type { PostgresDeps } from './deps.ts'
import { lockOf, run, type Statement, statement, type ResultRow, type Work } from './work.ts'

const KEYS_AT_ONCE = 1_000

export const keyLocks = (key: ScopedKey | null): string[] => (key ? [lockOf.key(key.scope)] : [])

/** Asks for a key, together with what it is bound to: `columns` of `table`. */
export const askKey = (
  { now }: PostgresDeps,
  key: ScopedKey,
  table: '@cancellations' | '@batches',
  columns: string,
): Statement =>
  statement(
    `select fingerprint, ${columns} from @keys join ${table} as bound using (id) where scope = ? ` +
      'and expires_at > ?',
    key.scope,
    now(),
  )

/** Keys as the rules take them: what was found of the key, and what is to be bound. */
export const foundKeys = <Bound>(
  found: ResultRow | undefined,
  toBound: (row: ResultRow) => Bound,
  bind: Keys<Bound>['bind'],
): Keys<Bound> => ({
  earlier: (key) =>
    found
      ? { outcome: repeatOf(key, found['fingerprint'] as string), bound: toBound(found) }
      : null,
  bind,
})

/** Binds a key for as long as keys live. */
export function* bindKey(
  { now, retention }: PostgresDeps,
  { scope, fingerprint }: ScopedKey,
  id: string,
): Work<void> {
  yield* run(
    'insert into @keys (scope, id, fingerprint, expires_at) values (?, ?, ?, ?) on conflict ' +
      '(scope) do update set id = excluded.id, fingerprint = excluded.fingerprint, expires_at = ' +
      'excluded.expires_at',
    scope,
    id,
    fingerprint,
    now() + retention.keysMs,
  )
}

/** Goes through all keys: none is found by what it is bound to, since nobody else asks for that. */
export const digestKeys = async (
  { read, commit }: PostgresDeps,
  id: string,
  digest: (text: string) => Promise<string>,
): Promise<number> => {
  let [after, count] = ['', 0]
  for (;;) {
    const page = await read(
      'select scope, id, fingerprint from @keys where scope > ? order by scope limit ?',
      after,
      KEYS_AT_ONCE,
    )
    for (const { scope, id: bound, fingerprint } of page) {
      if (bound !== id || isDigest(fingerprint as string)) continue
      const next = await digest(fingerprint as string)
      await commit([lockOf.key(scope as string)], () =>
        run(
          'update @keys set fingerprint = ? where scope = ? and fingerprint = ?',
          next,
          scope as string,
          fingerprint as string,
        ),
      )
      count += 1
    }
    if (page.length < KEYS_AT_ONCE) return count
    after = page.at(-1)?.['scope'] as string
  }
}
