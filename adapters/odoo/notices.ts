/**
 * What an Odoo sends: nothing that is signed. An automation rule of 17 and later posts to the
 * address with the token; a module of the merchant's may send a Standard Webhook.
 */
import { inBody, type NoticeReader, standardNotices } from '../../src/adapter/index.ts'

const ORDER = 'sale.order'

const modelOf = inBody('/_model')
const stateOf = inBody('/state')
const typeOf = inBody('/type')
const idOf = inBody('/_id')

const standard = standardNotices(
  'base_automation and ir.actions.server of Odoo 17 and later, _run_action_webhook, as ' +
    'public copies of its source have it: { _action, _id, _model, and the fields that were ' +
    'chosen }, unsigned, once, within a second, and before the write is committed; 16 has none. ' +
    'That a module sends a Standard Webhook, nobody has shown',
)

const topic: NoticeReader = (body, headers) => {
  if (modelOf(body, headers) !== ORDER) return typeOf(body, headers)
  return stateOf(body, headers) === 'cancel' ? 'order.canceled' : ORDER
}

/** The id of an order, and of no other record that a rule may be about. */
const orderIds: NoticeReader = (body, headers) => {
  const model = modelOf(body, headers)
  if (model === undefined) return standard.orderIds(body, headers)
  return model === ORDER ? idOf(body, headers) : []
}

export const notices: typeof standard = {
  ...standard,
  topic,
  topics: { ...standard.topics, [ORDER]: 'change' },
  orderIds,
}
