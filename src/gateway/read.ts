/** What is only read: a preview of a cancellation, and orders as they are now. */
import type { Look } from '../adapter/contract.ts'
import { CallFailure } from '../adapter/failure.ts'
import type { Store } from '../connection/store.ts'
import { type Effects, report, skipped } from '../model/effect.ts'
import type { Order } from '../model/order.ts'
import { problem, type Problem, ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { isSeen } from '../model/text.ts'
import { foretold, strictRefusal } from './workflow/foretell.ts'
import { lookAt, withAdminUrl } from './workflow/look.ts'

export interface Preview {
  /** In the platform's own spelling. */
  readonly orderId: string
  readonly cancelable: boolean
  readonly alreadyCanceled: boolean
  readonly effects: Effects
  readonly order: Order
  readonly problem: Problem | null
}

/** `raw`: the platform's own reply. */
export interface ReadOrder {
  readonly order: Order
  readonly raw: unknown
}

/** A failed read as the caller's problem: nothing was asked for, so nothing is queued. */
const answered = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const { code, detail, upstream, retryAfterMs } = error.failure
    const known = code === 'order-not-cancelable' ? 'platform-unavailable' : code
    throw new ProblemError(
      problem(known, detail, upstream ? { upstream } : {}),
      known === 'platform-unavailable' || known === 'platform-throttled'
        ? { 'retry-after': String(Math.ceil((retryAfterMs ?? 1000) / 1000)) }
        : {},
    )
  }
}

/**
 * What a cancel would find and do: the same look and the same decision, and nothing sent. `stands`:
 * what stands in the way whatever the order is like.
 */
export const preview = async (
  store: Store,
  request: CancelRequest,
  byCustomer: boolean,
  stands: Problem | null = null,
): Promise<Preview> => {
  const operation = request.target === 'transfer' ? store.adapter.transfer : store.adapter.order
  if (!operation)
    return refuse('unsupported', `${store.adapter.name} has no order transfers.`, {
      errors: [{ pointer: '/target', detail: 'only orders can be canceled there' }],
    })
  const look: Look = await answered(() =>
    lookAt(store, store.client, operation, request.orderId, {
      request,
      sent: false,
      byCustomer,
      memo: null,
    }),
  )
    // Whether another shop has such an order is no answer.
    .catch((error: unknown) => {
      throw stands && error instanceof ProblemError ? new ProblemError(stands) : error
    })
  const { order } = look
  const { orderId } = request
  if (look.done && !stands)
    return {
      orderId,
      cancelable: false,
      alreadyCanceled: true,
      effects: skipped(request),
      order,
      problem: null,
    }
  const refusal =
    stands ??
    (look.obstacle
      ? problem('order-not-cancelable', look.obstacle.detail, { cause: look.obstacle.cause })
      : strictRefusal(store, request, look))
  return {
    orderId,
    cancelable: refusal === null,
    alreadyCanceled: false,
    order,
    problem: refusal,
    effects:
      look.obstacle || stands ? skipped(request) : report(request, foretold(store, request, look)),
  }
}

/** The order as it is now, and the platform's own reply. */
export const readOrder = async (store: Store, orderId: string): Promise<ReadOrder> =>
  answered(() =>
    lookAt(store, store.client, store.adapter.order, orderId, {
      request: null,
      sent: false,
      byCustomer: false,
      memo: null,
    }),
  )

/** Orders by the number people see. */
export const findOrders = async (store: Store, number: string): Promise<readonly Order[]> => {
  const { find, name } = store.adapter
  const wanted = number.trim()
  if (!isSeen(wanted))
    refuse('invalid-request', 'This cannot be the number of an order.', {
      errors: [{ pointer: '/number', detail: 'without control and invisible characters' }],
    })
  if (!find)
    return refuse('unsupported', `${name} cannot search orders by number.`, {
      errors: [{ pointer: '/number', detail: 'no search by number there' }],
    })
  if (wanted === '') return []
  const { orders, complete } = await answered(() => find(store.client, wanted))
  if (orders.length === 0 && !complete)
    refuse(
      'unsupported',
      `${name} finds more orders by this number than could be looked through, so whether there ` +
        'is one cannot be told. Ask by the order’s own id.',
      { errors: [{ pointer: '/number', detail: 'too many orders match it in part' }] },
    )
  return orders.map((order) => withAdminUrl(store, order))
}
