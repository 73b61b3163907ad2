/** How the imitated Wix refuses: page "About Errors" of dev.wix.com. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { z } from 'zod'
import { readJson } from '../../../src/adapter/sandbox-kit.ts'

type ErrorStatus = 400 | 401 | 403 | 404 | 428 | 500

/** Every error body has these two members, and system errors have nothing in them. */
export const failure = (status: ErrorStatus, message = '', details: object = {}) =>
  new HTTPException(status, { res: Response.json({ message, details }, { status }) })

export const refusal = (status: ErrorStatus, code: string, description: string) =>
  failure(status, description, { applicationError: { code, description, data: {} } })

/** Only texts are told more exactly: Wix has more rules than these. */
function violation(issue: z.core.$ZodIssue) {
  const field = issue.path.join('.').replaceAll(/\.(\d+)/g, '[$1]')
  const told = { field, description: issue.message }
  if (issue.code === 'too_big' && issue.origin === 'string')
    return { ...told, violatedRule: 'MAX_LENGTH', data: { threshold: Number(issue.maximum) } }
  if (issue.code === 'too_small' && issue.origin === 'string')
    return { ...told, violatedRule: 'MIN_LENGTH', data: { threshold: Number(issue.minimum) } }
  return { ...told, violatedRule: 'VALIDATION' }
}

export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const fieldViolations = result.error.issues.map(violation)
  const message = fieldViolations
    .map(({ field, description }) => `${field}: ${description}`)
    .join('; ')
  throw failure(400, message, { validationError: { fieldViolations } })
}

/** Reads JSON; unknown members are ignored, as the order id that the SDK repeats there. */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const body = await readJson(c.req.raw)
  if (body === undefined) throw failure(400, 'The request body is not JSON.')
  return validate(schema, body)
}
