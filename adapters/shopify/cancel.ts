/** How Shopify's orders are canceled: a mutation begins a job, and looks tell when it is over. */
import {
  type Call,
  CallFailure,
  type CancelOperation,
  type CancelRequest,
  type Connection,
  failureOf,
  type JobFailure,
  type Look,
  type Running,
} from '../../src/adapter/index.ts'
import { graphql, hasJobResult, type Settings } from './access.ts'
import { CANCEL, CANCEL_WITH_RESULT, type JobIds, readOrder } from './documents.ts'
import { ahead, happened, isAnothers, noteOf, reasonOf } from './effects.ts'
import { causeOf } from './errors.ts'
import { isCanceled, obstacle, refundsOf, toOrder } from './map.ts'
import * as wire from './wire.ts'

interface OrderLook extends Look {
  readonly found: wire.Order
  /** The ids of refunds from before. */
  readonly memo: readonly string[]
}

const notFound = (): CallFailure => {
  const { failure } = failureOf('order_not_found', '200 no order')
  return new CallFailure({
    ...failure,
    detail:
      'Shopify shows no order with this id. Without the scope read_all_orders it shows none that ' +
      'is older than 60 days.',
  })
}

const LOOK_IN_MS = 1_000

const runningOf = (jobs: JobIds, says: string): Running => ({
  memo: jobs,
  lookInMs: LOOK_IN_MS,
  says,
})

/** Its job's own word that it ended without a cancel; up to 2026-07 there is none. */
const failureIn = (result: wire.JobResult): JobFailure | undefined => {
  if (result?.status !== 'FAILED' || !result.done) return undefined
  const { code = null, message = null } = result.errors?.[0] ?? {}
  return { ...causeOf(message), code, message }
}

/** The same, as the order itself shows it: earlier versions do not tell of a failure. */
const overtaken = (
  { order }: { readonly order: wire.Order },
  request: CancelRequest | null,
): JobFailure | undefined =>
  request && isCanceled(order) && isAnothers(request, order)
    ? { cause: 'refused', detail: 'Somebody else canceled the order meanwhile.' }
    : undefined

/**
 * Whether the job is still at it. Shopify says “done” of a job that never was too (recorded), so
 * that this proves nothing but its opposite.
 */
const isAtIt = ({ job, node }: wire.OrderReply['data']): boolean =>
  job?.done === false || node?.done === false

const send = (connection: Connection<Settings>, orderId: string, jobs: JobIds | null) =>
  connection.send({
    ...graphql(
      connection.settings,
      readOrder(jobs),
      {
        id: wire.globalId(orderId),
        ...(jobs && { job: jobs.job }),
        ...(jobs?.result && { result: jobs.result }),
      },
      wire.OrderReply,
    ),
    about: { orderId, ids: ({ data }: wire.OrderReply) => [data.order?.id] },
  })

export const readOne = async (
  connection: Connection<Settings>,
  orderId: string,
  jobs: JobIds | null = null,
): Promise<wire.OrderReply['data'] & { readonly order: wire.Order }> => {
  const { data } = await send(connection, orderId, jobs)
  if (data.order === null) throw notFound()
  return { ...data, order: data.order }
}

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, running, memo }) {
    const jobs = (running ?? null) as JobIds | null
    const data = await readOne(connection, orderId, jobs)
    const done = isCanceled(data.order)
    const failed = jobs === null ? undefined : (failureIn(data.node) ?? overtaken(data, request))
    return {
      order: toOrder(data.order),
      done,
      obstacle: obstacle(data.order),
      expect: ahead(data.order, request),
      ...(failed && { failed }),
      ...(jobs &&
        !done &&
        !failed &&
        isAtIt(data) && { running: runningOf(jobs, '200, job at work') }),
      found: data.order,
      memo: (memo as readonly string[] | null) ?? refundsOf(data.order),
      raw: { order: data.order },
    }
  },
  cancel({ settings, request }) {
    const note = noteOf(request)
    return graphql(
      settings,
      hasJobResult(settings) ? CANCEL_WITH_RESULT : CANCEL,
      {
        orderId: wire.globalId(request.orderId),
        reason: reasonOf(request),
        restock: request.restock ?? false,
        notifyCustomer: request.notify ?? false,
        ...(note !== null && { staffNote: note }),
        // Left out, what is paid stays (recorded). `refund`, which it replaces, is never sent.
        ...(request.refund && { refundMethod: { originalPaymentMethodsRefund: true } }),
      },
      wire.CancelReply,
    ) satisfies Call<wire.CancelReply> as Call<unknown>
  },
  read(_, reply) {
    const { job, jobResult } = (reply as wire.CancelReply).data.orderCancel
    const jobs: JobIds = { job: job.id, result: jobResult?.id ?? null }
    return { running: runningOf(jobs, '200, job queued') }
  },
  // It took the call, and no more.
  says: () => false,
  facts: ({ request, before, memo, look: { found } }) =>
    happened(request, found, before, (memo ?? null) as readonly string[] | null),
}
