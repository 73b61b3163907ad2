/** A Webhook of Frappe on Sales Orders, whose body is what the merchant wrote for it. */
import { inBody, type NoticeReader, type Notices } from '../../src/adapter/index.ts'
import { FRAPPE } from './errors.ts'
import { idOf } from './name.ts'

const doctype = inBody('/doctype')
const docstatus = inBody('/docstatus')
const name = inBody('/name')

/** One event may be told for several: what the document is by then counts. */
const topic: NoticeReader = (body, headers) => {
  const type = doctype(body, headers)
  if (type !== undefined && type !== 'Sales Order') return 'another document'
  if (name(body, headers) === undefined) return undefined
  return String(docstatus(body, headers)) === '2' ? 'canceled' : 'changed'
}

export const notices: Notices<unknown> = {
  signature: {
    scheme: 'hmac-of-body',
    header: 'x-frappe-webhook-signature',
    codings: ['base64'],
  },
  topic,
  topics: { canceled: 'cancellation', changed: 'change' },
  orderIds: (body, headers) => {
    const told = name(body, headers)
    return typeof told === 'string' ? idOf(told) : told
  },
  source:
    `${FRAPPE}/integrations/doctype/webhook/webhook.py: signed where “Enable Security” is set, ` +
    'three tries within six seconds and none later; nobody has shown one on a running site',
}
