/** What the environment settles: where to listen, what to log, which ledger, and who gets in. */
import { type CallerConfig, ConfigError, type Configuration } from '../../config/configuration.ts'
import { MIN_SECRET } from '../../console/index.ts'
import type { RedisOptions } from '../../ledger/redis/redis.ts'
import { type Environment, isSandbox } from './load.ts'
import { formatOf } from './log.ts'

/** What the environment says of Redis. */
export const redisOf = ({
  RESCIND_REDIS_ALLOW_VOLATILE: volatile,
  RESCIND_REDIS_REPLICAS: replicas,
}: Environment): Pick<RedisOptions, 'allowVolatile' | 'replicas'> => ({
  allowVolatile: volatile === '1',
  ...(replicas && { replicas: Number(replicas) }),
})

export const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** Where people reach the console: what is told them leads there. Null: nobody said. */
const baseOf = ({ RESCIND_URL: url }: Environment): string | null => {
  if (!url) return null
  const text = url.trim()
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new ConfigError(
      'RESCIND_URL must be the http or https URL at which people reach this gateway',
    )
  const { origin, pathname } = new URL(text)
  return origin + pathname.replace(/(?<!\/)\/+$/, '')
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** A variable that is set to nothing is not set. */
export const settingsOf = (environment: Environment) => {
  const port = environment['PORT'] || '8787'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new ConfigError('PORT must be a number from 0 to 65535')
  const level = environment['LOG_LEVEL'] || 'info'
  if (!LEVELS.includes(level))
    throw new ConfigError(`LOG_LEVEL must be one of ${LEVELS.join(', ')}`)
  const sandbox = isSandbox(environment)
  // Whoever reaches the sandbox needs no key, so no ledger with records of real orders is opened.
  const ledger = sandbox ? 'memory:' : environment['RESCIND_LEDGER'] || 'sqlite:data/rescind.db'
  const reusePort = environment['RESCIND_REUSE_PORT'] === '1'
  if (reusePort && !/^(?:rediss?|postgres(?:ql)?):/.test(ledger))
    throw new ConfigError(
      'RESCIND_REUSE_PORT: several processes on one port need a ledger that they share: ' +
        'RESCIND_LEDGER=redis://… or postgres://…',
    )
  const secret =
    environment['RESCIND_SESSION_SECRET'] || `${crypto.randomUUID()}${crypto.randomUUID()}`
  if (secret.length < MIN_SECRET)
    throw new ConfigError(`RESCIND_SESSION_SECRET must have at least ${MIN_SECRET} characters`)
  return {
    base: baseOf(environment),
    secret,
    listening: { host: environment['HOST'] || '127.0.0.1', port: Number(port), reusePort },
    level,
    format: formatOf(environment),
    ledger,
    sandbox,
  }
}

/**
 * Whom the configuration lets in; null: no keys are asked for, which only loopback and the sandbox
 * may do.
 */
export const callersOf = (
  config: Configuration | null,
  { listening: { host }, sandbox }: ReturnType<typeof settingsOf>,
): readonly CallerConfig[] | null => {
  if (config && config.callers.length > 0) return config.callers
  if (!sandbox && !isLoopback(host))
    throw new ConfigError(
      `HOST is ${host}: without callers in the configuration only loopback is served` +
        (config ? '' : '; RESCIND_SANDBOX=1 serves the sandbox there, to everybody'),
    )
  return null
}
