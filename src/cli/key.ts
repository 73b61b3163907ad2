/**
 * Mints a caller's key: `npm run key -- erp` prints the key once, and the `callers` entry that
 * knows only its hash. With `--name` and `--expires` the key has a name, and an end.
 */
import { createHash, randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { CallerConfig } from '../config/configuration.ts'
import { isEnd, isKeyName, type KeyConfig } from '../config/keys.ts'
import type { Scope } from '../gateway/service.ts'

/** What a key is called, and until when it is taken. */
export interface KeyOptions {
  readonly name?: string | undefined
  readonly expires?: string | undefined
}

/** Why a key cannot be made so; null: it can. */
export const keyMistake = ({ name, expires }: KeyOptions): string | null => {
  if (name !== undefined && !isKeyName(name))
    return '--name takes 1 to 64 visible characters, with blanks only between them.'
  if (expires === undefined) return null
  if (!isEnd(expires))
    return '--expires takes a day (2027-01-31, to its end in UTC) or a time (2027-01-31T12:00:00Z).'
  return name === undefined ? '--expires needs a --name: what ends is told of by its name.' : null
}

/** A key that nobody has yet, and what the configuration knows of it. */
export const mintSecret = ({ name, expires }: KeyOptions = {}): {
  key: string
  entry: KeyConfig
} => {
  const key = `rsk_${randomBytes(32).toString('base64url')}`
  const hash = `sha256:${createHash('sha256').update(key).digest('hex')}`
  return {
    key,
    entry: name === undefined ? hash : { name, hash, ...(expires !== undefined && { expires }) },
  }
}

/** A key that nobody has yet, and the entry of the configuration that knows only its hash. */
export const mintKey = (
  name: string,
  scopes: readonly Scope[] = ['cancel', 'read'],
  stores: readonly string[] = ['*'],
  options: KeyOptions = {},
): { key: string; entry: CallerConfig } => {
  const { key, entry } = mintSecret(options)
  return { key, entry: { name, keyHash: [entry], scopes: [...scopes], stores: [...stores] } }
}

const stop = (why: string): never => {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { name: { type: 'string' }, expires: { type: 'string' } },
    })
  } catch (error) {
    return stop((error as Error).message)
  }
}

if (import.meta.main) {
  const { positionals, values } = readArguments()
  const [caller = stop('Say whose key it is: npm run key -- erp')] = positionals
  const mistake = keyMistake(values)
  if (mistake !== null) stop(mistake)
  const { key, entry } = mintKey(caller, undefined, undefined, values)
  process.stdout.write(
    `Key, shown once:\n  ${key}\n\n` +
      `Into “callers” of the configuration:\n  ${JSON.stringify(entry)}\n` +
      (values.name === undefined
        ? ''
        : `or, where ${caller} is there already, into its “keyHash”:\n` +
          `  ${JSON.stringify(entry.keyHash[0])}\n`),
  )
}
