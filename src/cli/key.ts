/**
 * Mints a caller's key: `npm run key -- erp` prints the key once, and the `callers` entry that
 * knows only its hash.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { CallerConfig } from '../config/configuration.ts'
import type { Scope } from '../gateway/service.ts'

/** A key that nobody has yet, and the entry of the configuration that knows only its hash. */
export const mintKey = (
  name: string,
  scopes: readonly Scope[] = ['cancel', 'read'],
  stores: readonly string[] = ['*'],
): { key: string; entry: CallerConfig } => {
  const key = `rsk_${randomBytes(32).toString('base64url')}`
  return {
    key,
    entry: {
      name,
      keyHash: [`sha256:${createHash('sha256').update(key).digest('hex')}`],
      scopes: [...scopes],
      stores: [...stores],
    },
  }
}

if (import.meta.main) {
  const name = process.argv[2]
  if (!name) {
    process.stderr.write('Say whose key it is: npm run key -- erp\n')
    process.exit(1)
  }
  const { key, entry } = mintKey(name)
  process.stdout.write(
    `Key, shown once:\n  ${key}\n\n` +
      `Into “callers” of the configuration:\n  ${JSON.stringify(entry)}\n`,
  )
}
