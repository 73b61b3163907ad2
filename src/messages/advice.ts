/**
 * What to do about each problem and each cause, in one table for all who say it: the documentation,
 * the console, mails, and the commands.
 */
import type { Cause, Problem, ProblemCode } from '../model/problem.ts'
import type { Order } from '../model/order.ts'
import { amountsBeside } from './amounts.ts'
import { amountsOf, isStillHeld, isTransfer, stillPaid, type Told } from './sentence.ts'

/** What helps before a terminal. */
interface CommandHelp {
  readonly says: string
  /** The verb that does it; left out: there is none. */
  readonly verb?: string
  /** It asks the gateway; left out: it works where the gateway runs. */
  readonly reaches?: true
}

interface Advice {
  /** To whoever writes the program that asks, in Markdown. */
  readonly program: string
  /** To a person who knows the store and not the API. Left out: there is nothing to do for one. */
  readonly person?: string
  /** Told after it. */
  readonly command?: CommandHelp
}

const WAIT =
  'Wait as long as `Retry-After` says, where it is sent, or some seconds. A cancel that was ' +
  'accepted needs nothing from you.'

const BY_CODE: Readonly<Record<ProblemCode, Advice>> = {
  'invalid-request': { program: 'Mend the places that `errors` names, and send it again.' },
  unauthenticated: {
    program: 'Send `Authorization: Bearer rsk_…` with a key that the configuration knows.',
    command: {
      says:
        'Put a key of this gateway into RESCIND_KEY, or give it on standard input with ' +
        '--key-stdin. How one is made where the gateway runs:',
      verb: 'help keys create',
    },
  },
  forbidden: {
    program: 'Use a key with the scope that `detail` names, or give this one the scope.',
    command: { says: 'What each key may do, where the gateway runs:', verb: 'keys list' },
  },
  'not-found': { program: 'Check the address.' },
  'store-not-found': {
    program: '`GET /v1/stores` lists the stores that the key may use.',
    command: { says: 'The stores that this key reaches:', verb: 'stores list', reaches: true },
  },
  'order-not-found': {
    program:
      'Send the platform’s own id. `GET /v1/stores/{store}/orders?number=…` finds it by the ' +
      'number people see, where the platform can search.',
    person: 'Check the order’s id: it is the platform’s own, not the number people see.',
  },
  'cancellation-not-found': {
    program: 'Check the id. Records are kept for 400 days after they settled.',
    command: { says: 'What was asked last:', verb: 'list', reaches: true },
  },
  'webhook-not-found': {
    program: '`GET /v1/webhooks` lists the webhooks of the key.',
  },
  'link-not-found': {
    program: '`GET /v1/links` lists the links of which the key reaches every store.',
  },
  'linked-diverged': {
    program:
      'Read `errors`: it says of each order what is true. The same request, under the same key ' +
      'or a new one, tries again with those that are open.',
    person: 'Look at the orders of the link: some are canceled and some are not.',
  },
  'already-linked': {
    program: 'Delete the other link, or put its members and these into one.',
  },
  'method-not-allowed': { program: 'Use a method that the `Allow` header names.' },
  'order-not-cancelable': {
    program:
      'See the cause below. With `retryable: true` the same request under the same key starts ' +
      'it again.',
  },
  'cancellation-conflict': {
    program:
      'Read the record that `cancellation` links to. It counts; ask again with the same ' +
      'wishes, or when it is settled.',
  },
  'needs-attention': {
    program:
      'Look at the order and its payment on the platform, then resolve the record ' +
      '([operations](operations.md#what-needs-attention)).',
  },
  'not-withdrawable': { program: 'Read the record: it is being sent, or it is settled.' },
  'too-large': { program: 'Send less: a batch in parts.' },
  'unsupported-media-type': {
    program: 'Set `Content-Type: application/json`, and no `Content-Encoding`.',
  },
  'idempotency-key-reused': {
    program: 'Take a new key for a new request. For the old one, send the old body.',
  },
  'invalid-items': {
    program: 'Mend the rows that `errors` names, or send the batch with `partial`.',
    command: { says: 'Mend them, or take the good rows with --partial.' },
  },
  unsupported: {
    program:
      'Leave out the wish that `errors` points at, or send it without `strict` and read in the ' +
      'effects what became of it.',
    person: 'Leave out what cannot be relied on, or ask without “strict”.',
  },
  'rate-limited': {
    program: 'Wait as long as `Retry-After` says. Or raise the caller’s `limits`.',
  },
  internal: {
    program: 'Send it again with the same key. If it stays, look for the `Request-Id` in the log.',
  },
  'platform-credentials': {
    program:
      'Mend the store’s settings, restart, and send the same request under the same key: it is ' +
      'started again.',
    person:
      'Mend the store’s credentials in the configuration and restart the gateway, then ask again.',
    command: { says: 'This tries them, where the gateway runs:', verb: 'stores check' },
  },
  'platform-unavailable': {
    program: WAIT,
    person: 'Ask again once the store answers.',
    command: { says: 'What is the matter, where the gateway runs:', verb: 'stores check' },
  },
  'platform-throttled': { program: WAIT, person: 'Ask again in a while.' },
  'ledger-unavailable': {
    program:
      'Send it again with the same key: a request whose answer was lost may be written down, ' +
      'and is done once. Without a key, look for it first: ' +
      '`GET /v1/cancellations?store=…&orderId=…`. `GET /readyz` says when the ledger is back.',
    command: { says: 'What is the matter, where the gateway runs:', verb: 'doctor' },
  },
}

interface CauseAdvice extends Partial<Advice> {
  /** What it is, for the documentation; a problem's `detail` tells what it was this time. */
  readonly means: string
}

/** `program` is left out where a program is told what a person is. */
const BY_CAUSE: Readonly<Record<Cause, CauseAdvice>> = {
  fulfilled: {
    means: 'Goods are packed or shipped.',
    person: 'Cancel the fulfillment in the store and ask again, or have the goods returned.',
  },
  completed: {
    means: 'The order is closed for good.',
    person: 'Make a return or a refund in the store instead.',
  },
  payment_pending: {
    means: 'The payment is being processed.',
    person: 'Ask again once the payment is through.',
  },
  payment_authorized: {
    means: 'Money is held.',
    person: 'Void or capture the held payment in the store, then ask again.',
  },
  payment_captured: {
    means: 'The money was taken, and that stands in the way.',
    person: 'Refund the payment in the store, then ask again.',
  },
  payment_failed: { means: 'The platform does not cancel an order whose payment failed.' },
  open_change: {
    means: 'A change of the order is under way.',
    person: 'Close the open edit, return or transfer in the store, then ask again.',
  },
  returned: {
    means: 'Goods of it are being returned, or are back.',
    person: 'Close the return in the store, then ask again.',
  },
  shared_payment: {
    means:
      'Other sellers’ orders hang on the same payment ([Mercur](../adapters/mercur/README.md)).',
    program: 'Cancel as the seller, or accept it in the store’s settings.',
    person: 'Its payment is shared with other orders: cancel them together in the store.',
  },
  nothing_pending: { means: 'There is no open transfer to cancel.' },
  withdrawn: {
    means: 'It was taken back before it was sent: by its caller, or with its batch.',
    program: 'Ask again if it is wanted after all.',
  },
  declined: {
    means:
      'What its caller asks must be approved, and somebody declined it; `approval` says who, ' +
      'and why.',
    program: 'Settle it with whoever declined it. A new request, under a new key, asks anew.',
    person: 'Settle it with whoever declined it, then ask again.',
  },
  expired: {
    means: 'The platform could not be asked in time, or nobody approved it.',
    program:
      'See why it is away, or who should approve, then send the same request under the same key: ' +
      'it is started again.',
    person: 'Ask again once the store answers, or somebody is there to approve it.',
  },
  linked_refused: {
    means: 'An order that it is linked with cannot be canceled, so nothing of this was sent.',
    program:
      'See what stands in the way of the other; `"linked": "each"` cancels those that can be.',
    person: 'See to the order that it is linked with first.',
  },
  refused: {
    means: 'The platform said no; `upstream` has its words.',
    person: 'Look at the order in the store; it may be canceled there by hand.',
  },
}

const joined = (...texts: readonly (string | undefined)[]): string =>
  texts.filter(Boolean).join(' ')

/** What a program does about a problem, in Markdown: the last column of docs/errors.md. */
export const programAdvice = (code: ProblemCode): string => BY_CODE[code].program

/** What a cause is and what to do about it, in Markdown: the same page's second table. */
export const causeAdvice = (cause: Cause): string => {
  const { means, program, person } = BY_CAUSE[cause]
  return joined(means, program ?? person)
}

type Refusal = Pick<Problem, 'code' | 'cause'>

/** Tolerant of codes and causes that are not here: those of a gateway newer than the commands. */
export const personAdvice = ({ code, cause }: Refusal): string | undefined =>
  (cause && BY_CAUSE[cause]?.person) ?? BY_CODE[code]?.person

/** What to do before a terminal: what a person is told, and which command helps; null: nothing. */
export const commandAdvice = (problem: Refusal): CommandHelp | null => {
  const command = BY_CODE[problem.code]?.command
  const says = joined(personAdvice(problem), command?.says)
  return says === '' ? null : { ...command, says }
}

/**
 * “put 1 × BLUE-L back by hand”: every line where all are meant, so many that a person still reads
 * them.
 */
const goods = (order: Order | null | undefined): string => {
  const named = (order?.lines ?? []).map(
    ({ quantity, sku, title }) =>
      `${quantity === null ? '' : `${quantity} × `}${sku ?? title ?? 'a line without a name'}`,
  )
  return named.length === 0
    ? 'the goods'
    : named.length > 4
      ? `${named.slice(0, 3).join(', ')} and ${named.length - 3} more lines`
      : named.join(', ')
}

const afterCanceled = ({ effects, order }: Told): string[] => {
  const { reason, notify, restock, payment } = effects
  const write = amountsBeside(amountsOf({ effects, order }))
  const paid = stillPaid(order)
  const amount = payment.amount ? write(payment.amount) : null
  return [
    payment.outcome === 'failed' || payment.outcome === 'partial'
      ? isStillHeld(order)
        ? `Release ${amount ?? 'the held payment'} by hand in the store.`
        : `Give ${amount ?? 'the money'} back by hand in the store.`
      : '',
    payment.outcome === 'pending'
      ? 'Look at the payment in the store later: giving it back is not finished.'
      : '',
    payment.outcome === 'unverified' ? 'Look at the payment in the store.' : '',
    (payment.outcome === 'withheld' || payment.outcome === 'unsupported') && paid
      ? `Refund ${write(paid)} in the store, if the buyer is to have it back.`
      : payment.outcome === 'withheld' && payment.basis !== 'none' && isStillHeld(order)
        ? 'Release the held payment in the store, if the buyer is to have it back.'
        : '',
    restock.outcome === 'failed' || restock.outcome === 'unsupported'
      ? `Put ${goods(order)} back by hand, if it should be on sale.`
      : '',
    restock.outcome === 'partial'
      ? 'Put back by hand what did not go back, if it should be on sale.'
      : '',
    restock.outcome === 'forced'
      ? 'Take the goods off the stock again, if they should not be on sale.'
      : '',
    restock.outcome === 'unverified' ? 'Look at the stock in the store.' : '',
    notify.asked && (notify.outcome === 'failed' || notify.outcome === 'unsupported')
      ? 'Write to the buyer yourself.'
      : '',
    reason.outcome === 'failed' || reason.outcome === 'unsupported'
      ? 'Note the reason in the store yourself.'
      : '',
  ].filter(Boolean)
}

/** What a person should do now, most urgent first; empty: nothing. Pure. */
export const advice = (told: Told): readonly string[] => {
  const { status, problem } = told
  if (status === 'needs_attention')
    return [
      problem?.acted === 'no'
        ? 'Mend the store in the configuration and start the gateway again, then have it tried ' +
          'again.'
        : 'Look at the order and its payment in the store, then say what you found.',
    ]
  if (status === 'rejected')
    return told.via === 'operator' || !problem ? [] : [personAdvice(problem) ?? ''].filter(Boolean)
  if (status === 'succeeded' && told.reopenedAt)
    return [
      'See in the store who opened it again. Where it is to stay canceled, cancel it once more.',
    ]
  if (status !== 'succeeded' || isTransfer(told) || told.alreadyCanceled) return []
  return told.via === 'operator'
    ? ['Look at stock and payment in the store, if you have not yet.']
    : afterCanceled(told)
}
