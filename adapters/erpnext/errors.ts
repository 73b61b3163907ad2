/** What Frappe's errors mean, and where each is written. */
import { z } from 'zod'
import { type ErrorRule, type Said, tolerant } from '../../src/adapter/index.ts'

/** Sources as they stood in November 2026; nobody has shown any of this on a running site. */
export const FRAPPE = 'github.com/frappe/frappe (15, 16), frappe'
export const ERPNEXT = 'github.com/frappe/erpnext (15, 16), erpnext'
export const SALES_ORDER = `${ERPNEXT}/selling/doctype/sales_order/sales_order.py`

const DOCUMENT = `${FRAPPE}/model/document.py`

/** The business refuses with 417, a later version with 409 (exceptions.py): its name decides. */
const refusal = (rule: Omit<ErrorRule, 'status'>): ErrorRule[] =>
  [417, 409].map((status) => ({ status, ...rule }))

/**
 * Texts are translated, so names decide. Whatever is raised, the request's one transaction is
 * rolled back (app.py); of an error of 500 and more nobody knows.
 */
export const errors: readonly ErrorRule[] = [
  { status: 401, means: 'credentials', source: `${FRAPPE}/auth.py: AuthenticationError` },
  {
    status: 403,
    code: 'PermissionError',
    means: 'credentials',
    source: `${FRAPPE}/exceptions.py: the login lacks a right, or the site the document type`,
  },
  {
    status: 404,
    code: 'DoesNotExistError',
    means: 'order_not_found',
    source: `${FRAPPE}/exceptions.py`,
  },
  ...refusal({
    code: 'TimestampMismatchError',
    means: 'not_processed',
    source: `${DOCUMENT}, check_if_latest: changed since the look; before anything is done`,
  }),
  ...refusal({
    code: 'DocumentLockedError',
    means: 'not_processed',
    source: `${DOCUMENT}, check_if_locked: a job is at the document; before anything is done`,
  }),
  ...refusal({
    code: 'LinkExistsError',
    means: 'refused',
    source: `${FRAPPE}/model/delete_doc.py: a submitted document points to the order`,
  }),
  ...refusal({
    code: 'DocstatusTransitionError',
    means: 'refused',
    source: `${DOCUMENT}, check_docstatus_transition: a draft is not canceled`,
  }),
  ...refusal({
    code: 'ValidationError',
    means: 'refused',
    source:
      `${DOCUMENT}, check_docstatus_transition: canceled already; ${SALES_ORDER}, on_cancel: ` +
      'closed, or a draft of an invoice; a look tells which',
  }),
  {
    status: 429,
    code: 'TooManyRequestsError',
    means: 'not_processed',
    source: `${FRAPPE}/hooks.py, before_request; rate_limiter.py: before it is worked`,
  },
  {
    status: 503,
    code: 'SessionStopped',
    means: 'not_processed',
    source: `${FRAPPE}/app.py, init_request: the site is in maintenance; before it is worked`,
  },
]

const Messages = z.array(z.string().transform((text): unknown => JSON.parse(text)))
const Message = z.looseObject({ message: z.string() })

/** The last message is the one that ended the call; links and bold type are taken out of it. */
const lastMessage = (messages: string | null | undefined): string | null => {
  if (!messages) return null
  try {
    const { data } = Message.safeParse(Messages.parse(JSON.parse(messages)).at(-1))
    return data?.message.slice(0, 2_000).replaceAll(/<[^<>]{0,500}>/g, '') ?? null
  } catch {
    return null
  }
}

const ErrorReply = z.looseObject({ exc_type: tolerant.text, _server_messages: tolerant.text })

/** `exc` and `exception` are left out: a traceback names files of the server. */
export const readError = (body: unknown): Said => {
  const { data } = ErrorReply.safeParse(body)
  return { code: data?.exc_type ?? null, message: lastMessage(data?._server_messages) }
}
