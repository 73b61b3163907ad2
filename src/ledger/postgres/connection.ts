/** The connections to PostgreSQL: how statements are written, and what is known of a failure. */
import pg from 'pg'
import { unsure } from '../rules.ts'
import type { ResultRow, Statement, Value } from './work.ts'

/** Without an answer for so long a connection counts as dead. */
export const PATIENCE_MS = 5_000
const CONNECT_MS = 3_000
const MOST_CONNECTIONS = 10

/**
 * PostgreSQL takes no NUL in a text: it is written as two others, so that texts keep their order
 * and none becomes another.
 */
const NEEDS_ESCAPE = /[\u0000\u0001]/ // oxlint-disable-line no-control-regex
const ESCAPED = /[\u0000\u0001]/g // oxlint-disable-line no-control-regex
const PAIRS = /\u0001([\u0001\u0002])/g // oxlint-disable-line no-control-regex

export const escapeText = (text: string): string =>
  NEEDS_ESCAPE.test(text)
    ? text.replaceAll(ESCAPED, (char) => (char === '\u0000' ? '\u0001\u0001' : '\u0001\u0002'))
    : text

export const unescapeText = (text: string): string =>
  text.includes('\u0001')
    ? text.replaceAll(PAIRS, (_, second) => (second === '\u0001' ? '\u0000' : '\u0001'))
    : text

const encode = (value: Value): unknown =>
  typeof value === 'string' ? escapeText(value) : Array.isArray(value) ? value.map(encode) : value

const TEXT = 25

/** Texts as they were written; everything else as the client reads it. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === TEXT && format !== 'binary'
      ? unescapeText
      : (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format),
}

/** Writes a statement as the server takes it, each text once. */
const openDialect = (schema: string) => {
  const known = new Map<string, string>()
  return (text: string): string => {
    let written = known.get(text)
    if (written === undefined) {
      let count = 0
      written = text.replaceAll(/@(\w+)/g, `"${schema}".$1`).replaceAll('?', () => `$${++count}`)
      if (known.size < 1_000) known.set(text, written)
    }
    return written
  }
}

/** One connection of the pool, for one transaction. */
export interface Session {
  /** Sends a statement behind what was sent before; nothing is prepared by name. */
  send(statement: Statement): Promise<ResultRow[]>
  /** Sends statements without values, one behind another. */
  command(text: string): Promise<void>
  /** Whether the server warned of a commit that stands there and at no standby. */
  isUnconfirmed(): boolean
  /** Gives the connection back; `isBroken`: it is not used again. */
  end(isBroken: boolean): void
}

export interface Connection {
  read(text: string, ...values: Value[]): Promise<ResultRow[]>
  session(): Promise<Session>
  /** Is told of each connection that was lost. */
  onLost: () => void
  close(): Promise<void>
}

interface ServerError extends Error {
  readonly code?: string
}

/**
 * Conditions that end the session, or of which the server itself does not know how far it came
 * (postgresql.org/docs/current/errcodes-appendix.html); words are the server's language.
 */
const ENDS = /^(?:08|57P|58|25P03|F0|XX)/
/** What the server says of a commit for whose standbys it waits no longer. */
const PLAIN_WARNING = '01000'

/** The server's own word, after which it goes on; else the connection is gone with what it knew. */
export const isAnswer = ({ code }: ServerError): boolean =>
  typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !ENDS.test(code)

/** The server undid the transaction because of others, and would do it now. */
export const isCollision = (error: ServerError): boolean =>
  isAnswer(error) && (error.code === '40001' || error.code === '40P01')

/** Takes from an error what it repeats of values: they are not for a log. */
export const withoutValues = (error: unknown): Error => {
  for (const name of ['detail', 'where', 'internalQuery', 'hint', 'query', 'parameters'])
    delete (error as Record<string, unknown>)[name]
  return error as Error
}

/** An error at a moment when the transaction may have been committed. */
export const failedAtCommit = (error: Error): Error => (isAnswer(error) ? error : unsure(error))

const openSession = async (pool: pg.Pool, write: (text: string) => string): Promise<Session> => {
  const client = await pool.connect()
  let isUnconfirmed = false
  const onNotice = ({ code }: { readonly code?: string | undefined }) => {
    if (code === PLAIN_WARNING) isUnconfirmed = true
  }
  const onError = () => {}
  client.on('notice', onNotice)
  client.on('error', onError)
  return {
    isUnconfirmed: () => isUnconfirmed,
    async send({ text, values }) {
      const { rows } = await client.query(write(text), values.map(encode))
      return rows as ResultRow[]
    },
    async command(text) {
      await client.query(write(text))
    },
    end(isBroken) {
      client.off('notice', onNotice)
      client.off('error', onError)
      client.release(isBroken)
    },
  }
}

export const connectPostgres = (url: string, schema: string): Connection => {
  const pool = new pg.Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 60_000,
    query_timeout: PATIENCE_MS,
    keepAlive: true,
    application_name: 'rescind',
    types: types as unknown as pg.CustomTypesConfig,
    ...({ pipeline: true } as object),
  })
  const write = openDialect(schema)
  const connection: Connection = {
    onLost: () => {},
    async read(text, ...values) {
      try {
        return (await pool.query(write(text), values.map(encode))).rows as ResultRow[]
      } catch (error) {
        if (!isAnswer(error as ServerError)) connection.onLost()
        throw withoutValues(error)
      }
    },
    session: () =>
      openSession(pool, write).catch((error: unknown) => {
        connection.onLost()
        throw withoutValues(error)
      }),
    close: () => pool.end(),
  }
  // A connection that breaks while nobody uses it; the next is made when it is needed.
  pool.on('error', () => connection.onLost())
  return connection
}
