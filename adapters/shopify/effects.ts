/** What becomes, and became, of the effects of a cancel, as Shopify's order shows them. Pure. */
import {
  type CancelRequest,
  type Fact,
  type Facts,
  fitted,
  isPositive,
  minus,
  type Money,
  type Order,
  reasonText,
  sameText,
  sum,
} from '../../src/adapter/index.ts'
import { NOTE_LENGTH } from './capabilities.ts'
import { amountOf, failedRefunds, holds, pendingRefunds, toOrder } from './map.ts'
import type * as wire from './wire.ts'

type Reason = 'CUSTOMER' | 'DECLINED' | 'FRAUD' | 'INVENTORY' | 'OTHER' | 'STAFF'
const REASONS: Partial<Record<NonNullable<CancelRequest['reasonCode']>, Reason>> = {
  customer: 'CUSTOMER',
  inventory: 'INVENTORY',
  fraud: 'FRAUD',
  payment: 'DECLINED',
  staff: 'STAFF',
}

/** Of Shopify's closed list, which has a word for half of ours. */
export const reasonOf = ({ reasonCode }: CancelRequest): Reason =>
  (reasonCode && REASONS[reasonCode]) ?? 'OTHER'

/** The text as a staff note holds it. */
export const noteOf = (request: CancelRequest): string | null => {
  const text = reasonText(request)
  return text === null ? null : fitted(text, NOTE_LENGTH)
}

/** `order`: as it is after the cancel; null: it is foretold. */
const reasonFact = (request: CancelRequest, order: wire.Order | null): Fact => {
  const [text, note, sent] = [reasonText(request), noteOf(request), reasonOf(request)]
  const isKept =
    order !== null && order.cancelReason === sent && sameText(order.cancellation?.staffNote, note)
  const basis = isKept ? 'confirmed' : 'documented'
  if (note === null)
    return { done: 'no', basis, detail: `Shopify demands a reason: ${sent} is sent.` }
  const kept = `${sent} as the reason, the text as a note for the staff`
  return note === text
    ? { done: 'yes', basis, detail: `${kept}.` }
    : {
        done: 'partial',
        basis,
        detail: `${kept}; its first ${NOTE_LENGTH} characters are kept: “${note}”`,
      }
}

/**
 * Whether a canceled order shows another reason or note than this request's, so that somebody else
 * canceled it. What is not shown proves nothing, nor does OTHER; and a text that was refused left
 * the label of its code.
 */
export const isAnothers = (request: CancelRequest, order: wire.Order): boolean => {
  const note = order.cancellation?.staffNote || null
  const reason = order.cancelReason ?? 'OTHER'
  const notes = [noteOf(request), noteOf({ ...request, reason: null })]
  return (
    (reason !== 'OTHER' && reason !== reasonOf(request)) ||
    (note !== null && !notes.some((ours) => sameText(note, ours)))
  )
}

const mailFact = (request: CancelRequest, { canNotifyCustomer }: wire.Order): Partial<Facts> =>
  request.notify === true && canNotifyCustomer === false
    ? {
        notify: {
          done: 'impossible',
          basis: 'documented',
          detail: 'The customer cannot be notified: the order has no valid e-mail address.',
        },
      }
    : {}

/** What a cancel left on an order: what has none of the ids from before, where those are known. */
const fresh = <T extends { readonly id?: string | null | undefined }>(
  all: readonly T[],
  known: readonly string[] | null,
): T[] => (known === null ? [] : all.filter(({ id }) => id && !known.includes(id)))

/** What became of the goods is shown only where there is a refund beside the cancel. */
const restockShown = ({ refunds }: wire.Order, known: readonly string[] | null): Partial<Facts> => {
  const types = fresh(refunds ?? [], known).flatMap(({ refundLineItems }) =>
    (refundLineItems?.nodes ?? []).map(({ restockType }) => restockType),
  )
  const back = types.filter((type) => type === 'CANCEL').length
  if (back === 0 && !types.includes('NO_RESTOCK')) return {}
  const detail = `${back} of ${types.length} lines were put back.`
  if (back === 0) return { restock: { done: 'no', basis: 'confirmed', detail } }
  return {
    restock: { done: back === types.length ? 'yes' : 'partial', basis: 'confirmed', detail },
  }
}

const said = ({ amount, currency }: Money): string => `${amount} ${currency}`

/** Whether there is a hold that is neither captured nor gone. */
const isHeld = (order: wire.Order): boolean =>
  isPositive(amountOf(order.totalCapturableSet)) || order.displayFinancialStatus === 'AUTHORIZED'

/** Of what was paid, what did not go back. */
const left = ({ totals }: Pick<Order, 'totals'>): Money | null =>
  minus(totals.paid, totals.refunded)

/** A void has the amount 0.0 (recorded), so that the authorization tells how much it was. */
const heldAmount = (order: wire.Order): Money | null => {
  const sets = holds(order).map(({ amountSet }) => amountSet?.shopMoney)
  return sum(
    sets.map((money) => money?.amount),
    sets[0]?.currencyCode,
  )
}

const amountIn = (amount: Money | null) => (amount ? { amount } : {})

export const paymentAhead = (order: wire.Order, wish: boolean | null): Fact => {
  const paid = left(toOrder(order))
  const basis = 'documented'
  if (isHeld(order)) {
    const capturable = amountOf(order.totalCapturableSet)
    const amount = isPositive(capturable) ? capturable : heldAmount(order)
    const kept = isPositive(paid) && !wish ? ` ${said(paid as Money)} that are paid stay.` : ''
    return {
      done: kept === '' ? 'yes' : 'partial',
      basis,
      ...amountIn(amount),
      detail: `A hold on the payment is released, whatever was asked.${kept}`,
    }
  }
  if (paid === null)
    return { done: 'unknown', basis: 'none', detail: 'Shopify does not tell what was paid.' }
  if (!isPositive(paid)) return { done: 'nothing', basis, detail: 'Nothing is paid.' }
  return wish
    ? {
        done: 'yes',
        basis,
        amount: paid,
        detail: 'It goes back to the original payment methods.',
      }
    : { done: 'no', basis, detail: `${said(paid)} stay paid.` }
}

/** After a cancel. `before`: the order as it was, without what a refund leaves on it. */
const paymentShown = (
  order: wire.Order,
  before: Order,
  wish: boolean | null,
  known: readonly string[] | null,
): Fact => {
  const now = toOrder(order)
  const basis = 'confirmed'
  const returned = minus(now.totals.refunded, before.totals.refunded)
  const rest = left(now)
  if (returned && isPositive(returned)) {
    const isAll = rest !== null && !isPositive(rest)
    return {
      done: isAll ? 'yes' : 'partial',
      basis,
      amount: returned,
      ...(!isAll && rest && { detail: `${said(rest)} stay paid.` }),
    }
  }
  if (fresh(pendingRefunds(order), known).length > 0)
    return { done: 'pending', basis, detail: 'A refund is on its way and not decided yet.' }
  if (before.paymentStatus === 'authorized' && now.paymentStatus === 'voided')
    return {
      done: 'yes',
      basis,
      ...amountIn(heldAmount(order)),
      detail: 'The hold on the payment is released.',
    }
  if (rest === null || now.paymentStatus === 'unknown')
    return { done: 'unknown', basis: 'none', detail: 'Shopify does not tell what became of it.' }
  if (!isPositive(rest)) return { done: 'nothing', basis, detail: 'Nothing is paid.' }
  if (wish && fresh(failedRefunds(order), known).length > 0)
    return { done: 'failed', basis, detail: `A refund failed; ${said(rest)} stay paid.` }
  return wish
    ? {
        done: 'unknown',
        basis: 'none',
        detail: `Shopify shows no refund yet; ${said(rest)} are paid.`,
      }
    : { done: 'no', basis, detail: `${said(rest)} stay paid.` }
}

/** It demands a word about the goods, as about the reason. */
const kept: Fact = {
  done: 'no',
  basis: 'documented',
  detail: 'Shopify demands a word about the goods: false is sent.',
}

export const ahead = (order: wire.Order, request: CancelRequest | null): Partial<Facts> => ({
  payment: paymentAhead(order, request?.refund ?? null),
  ...(request && {
    reason: reasonFact(request, null),
    ...mailFact(request, order),
    ...(!request.restock && { restock: kept }),
  }),
})

/** `known`: the ids of earlier refunds; null: nobody remembers them. */
export const happened = (
  request: CancelRequest,
  order: wire.Order,
  before: Order,
  known: readonly string[] | null,
): Partial<Facts> => {
  const reason = reasonFact(request, order)
  return {
    ...mailFact(request, order),
    ...(reason.basis === 'confirmed' && { reason }),
    ...restockShown(order, known),
    payment: paymentShown(order, before, request.refund ?? null, known),
  }
}
