/** Pieces that every platform's settings are made of. */
import { z } from 'zod'
import { publicKey, standardKey } from './webhook-secret.ts'

const SECRET = 'secret'
const VISIBLE = /^[\x21-\x7e]+$/

/**
 * A credential. The mark is what redaction goes by; configuration may give it as `{ "env": "NAME"
 * }`.
 */
export const secret = (shortest = 1) =>
  z
    .string()
    .min(shortest)
    .regex(VISIBLE, 'must be visible ASCII')
    .meta({ [SECRET]: true })

/**
 * https, or http on loopback; `allowHttp` in the same settings permits http on a private network.
 */
export const baseUrl = () =>
  z
    .url({ protocol: /^https?$/, abort: true })
    .refine((value) => {
      const { username, password, search, hash } = new URL(value)
      return !(username || password || search || hash)
    }, 'must be scheme, host and path only')
    .transform((value) => new URL(value).href.replace(/(?<!\/)\/+$/, ''))

/** What proves a platform's webhooks; the one before it is tried second while one replaces it. */
const webhookSecrets = (form: z.ZodType<string>) => ({
  webhookSecret: form.optional(),
  previousWebhookSecret: form.optional(),
})

const secretWhere = (holds: (text: string) => boolean, rule: string) =>
  z
    .string()
    .refine(holds, rule)
    .meta({ [SECRET]: true })

/** Put after `common` where notices are Standard Webhooks whose key is Base64. */
export const standardWebhookSecrets = webhookSecrets(
  secretWhere(
    (text) => standardKey(text) !== null,
    'must be 24 to 64 bytes in Base64, with or without whsec_ before it',
  ),
)

/** Put after `common` where a notice is a JSON Web Token. It is no secret, and treated as one. */
export const webhookPublicKeys = webhookSecrets(
  secretWhere(
    (text) => publicKey(text) !== null,
    'must be a public RSA key: PEM with BEGIN PUBLIC KEY, or the Base64 of that',
  ),
)

export const common = {
  baseUrl: baseUrl().optional(),
  allowHttp: z.boolean().default(false),
  ...webhookSecrets(secret(16)),
  /** Stands in the address of webhooks that nobody signs: made of what needs no coding there. */
  webhookToken: secretWhere(
    (text) => /^[\w.~-]{32,}$/.test(text),
    'must be at least 32 letters, digits, “.”, “_”, “~” or “-”',
  ).optional(),
}
/** Those of `common` that notices are proved with, as every platform's settings have them. */
export interface WebhookSettings {
  readonly webhookSecret?: string | undefined
  readonly previousWebhookSecret?: string | undefined
  readonly webhookToken?: string | undefined
}

/**
 * Whether requests to this address may go out: http only where nobody can listen in, or where the
 * operator said so.
 */
export const isSafeBase = (base: string, allowHttp: boolean): boolean => {
  const { protocol, hostname } = new URL(base)
  return (
    protocol === 'https:' ||
    allowHttp ||
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}

/** The values that a schema marks as secret, wherever they are nested. */
export const secretsOf = (schema: z.ZodType, value: unknown): string[] => {
  if (value === null || value === undefined) return []
  if (schema.meta()?.[SECRET]) return typeof value === 'string' ? [value] : []
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, part]) =>
      secretsOf(part, (value as Record<string, unknown>)[name]),
    )
  }
  if (schema instanceof z.ZodUnion)
    return (schema.options as z.ZodType[]).flatMap((option) => secretsOf(option, value))
  if (schema instanceof z.ZodPipe) return secretsOf(schema.in as z.ZodType, value)
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault
  )
    return secretsOf(schema.unwrap() as z.ZodType, value)
  return []
}

/**
 * One setting, as a person can be asked for it; `name` leads into nested ones: `admin.secretKey`.
 */
export interface Field {
  readonly name: string
  readonly secret: boolean
  readonly needed: boolean
  /** It has a value of its own where none is given. */
  readonly preset: boolean
  readonly kind: 'text' | 'flag' | 'choice'
  readonly choices: readonly string[]
}

/** Every setting that a schema knows, in its order. */
export const fieldsOf = (schema: z.ZodType, name = '', needed = true, preset = false): Field[] => {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault
  )
    return fieldsOf(schema.unwrap() as z.ZodType, name, false, schema instanceof z.ZodDefault)
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.in as z.ZodType, name, needed, preset)
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([part, type]) =>
      fieldsOf(type, name === '' ? part : `${name}.${part}`).map((field) => ({
        ...field,
        needed: field.needed && needed,
      })),
    )
  }
  const choices =
    schema instanceof z.ZodEnum
      ? schema.options.map(String)
      : schema instanceof z.ZodLiteral
        ? [...schema.values].map(String)
        : []
  const kind = choices.length > 0 ? 'choice' : schema instanceof z.ZodBoolean ? 'flag' : 'text'
  return [{ name, secret: schema.meta()?.[SECRET] === true, needed, preset, kind, choices }]
}
