/**
 * What a person does about each problem: the last column of docs/errors.md. A problem's `detail`
 * and `cause` say what happened this time.
 */
import type { Cause, ProblemCode } from '../model/problem.ts'

export const ADVICE: Readonly<Record<ProblemCode, string>> = {
  'invalid-request': 'Mend the places that `errors` names, and send it again.',
  unauthenticated: 'Send `Authorization: Bearer rsk_…` with a key that the configuration knows.',
  forbidden: 'Use a key with the scope that `detail` names, or give this one the scope.',
  'not-found': 'Check the address.',
  'store-not-found': '`GET /v1/stores` lists the stores that the key may use.',
  'order-not-found':
    'Send the platform’s own id. `GET /v1/stores/{store}/orders?number=…` finds it by the ' +
    'number people see, where the platform can search.',
  'cancellation-not-found': 'Check the id. Records are kept for 400 days after they settled.',
  'method-not-allowed': 'Use a method that the `Allow` header names.',
  'order-not-cancelable':
    'See the cause below. With `retryable: true` the same request under the same key starts it again.',
  'cancellation-conflict':
    'Read the record that `cancellation` links to. It counts; ask again with the same wishes, ' +
    'or when it is settled.',
  'needs-attention':
    'Look at the order and its payment on the platform, then resolve the record ' +
    '([operations](operations.md#what-needs-attention)).',
  'not-withdrawable': 'Read the record: it is being sent, or it is settled.',
  'too-large': 'Send less: a batch in parts.',
  'unsupported-media-type': 'Set `Content-Type: application/json`, and no `Content-Encoding`.',
  'idempotency-key-reused': 'Take a new key for a new request. For the old one, send the old body.',
  'invalid-items': 'Mend the rows that `errors` names, or send the batch with `partial`.',
  unsupported:
    'Leave out the wish that `errors` points at, or send it without `strict` and read in the ' +
    'effects what became of it.',
  'rate-limited': 'Wait as long as `Retry-After` says. Or raise the caller’s `limits`.',
  internal: 'Send it again with the same key. If it stays, look for the `Request-Id` in the log.',
  'platform-credentials':
    'Mend the store’s settings, restart, and send the same request under the same key: it is ' +
    'started again.',
  'platform-unavailable':
    'Wait as long as `Retry-After` says, where it is sent, or some seconds. A cancel that was ' +
    'accepted needs nothing from you.',
  'platform-throttled':
    'Wait as long as `Retry-After` says, where it is sent, or some seconds. A cancel that was ' +
    'accepted needs nothing from you.',
  'ledger-unavailable':
    'Send it again with the same key: a request whose answer was lost may be written down, and ' +
    'is done once. Without a key, look for it first: `GET /v1/cancellations?store=…&orderId=…`. ' +
    '`GET /readyz` says when the ledger is back.',
}

export const CAUSE_ADVICE: Readonly<Record<Cause, string>> = {
  fulfilled:
    'Goods are packed or shipped. Cancel the fulfillment on the platform first, or let the ' +
    'goods come back as a return.',
  completed: 'The order is closed for good. What is left is a return or a refund on the platform.',
  payment_pending: 'The payment is being processed. Ask again when it is through.',
  payment_authorized: 'Money is held. Capture or void it on the platform, then ask again.',
  payment_captured: 'The money was taken, and that stands in the way. Refund on the platform.',
  payment_failed: 'The platform does not cancel an order whose payment failed.',
  open_change:
    'An edit, return or transfer of the order is open. Confirm or cancel it on the platform, ' +
    'then ask again.',
  returned: 'Goods of it are being returned, or are back. Finish the return on the platform.',
  shared_payment:
    'Other sellers’ orders hang on the same payment ([Mercur](../adapters/mercur/README.md)). Cancel as ' +
    'the seller, or accept it in the store’s settings.',
  nothing_pending: 'There is no open transfer to cancel.',
  withdrawn:
    'It was taken back before it was sent: by its caller, or with its batch. Ask again if it is ' +
    'wanted after all.',
  expired:
    'The platform could not be asked in time. See why it is away, then send the same request ' +
    'under the same key: it is started again.',
  refused: 'The platform said no. `upstream` has its words; look at the order there.',
}
