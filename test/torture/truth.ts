/** What the platform itself holds of an order, and where a record says otherwise. */
import { type Answer, authorizationOf, type Process } from './lab.ts'
import type { PlatformState } from './platform.ts'

interface Shown {
  readonly status: string
  readonly metadata: Record<string, unknown> | null
  readonly payment_collections?: {
    payments: { amount: number; canceled_at: string | null; refunds: { amount: number }[] | null }[]
  }[]
}

/** What the platform holds of an order, and what it counted. */
export const truthOf = async (platform: Process, orderId: string) => {
  const [shown, state] = await Promise.all([
    fetch(`${platform.url}/admin/orders/${orderId}?fields=%2Bmetadata`, {
      headers: { authorization: authorizationOf(platform) },
    }),
    fetch(`${platform.url}/state/${orderId}`),
  ])
  const { order } = (await shown.json()) as { order: Shown }
  const payments = (order.payment_collections ?? []).flatMap((collection) => collection.payments)
  const sum = (amounts: readonly number[]) =>
    Number(amounts.reduce((all, amount) => all + amount, 0).toFixed(6))
  return {
    ...((await state.json()) as PlatformState),
    isCanceled: order.status === 'canceled',
    note: order.metadata?.['cancel_reason'] ?? null,
    returned: sum(payments.flatMap(({ refunds }) => (refunds ?? []).map(({ amount }) => amount))),
    voided: sum(payments.filter(({ canceled_at }) => canceled_at).map(({ amount }) => amount)),
  }
}
export type Truth = Awaited<ReturnType<typeof truthOf>>

/**
 * Where a record claims what the platform does not hold, or hides what it does; nothing: they
 * agree.
 */
export const disagreements = (record: Answer, truth: Truth): string[] => {
  const { effects, alreadyCanceled, status, problem } = record
  const moved = truth.returned + truth.voided
  const ours = status === 'succeeded' && !alreadyCanceled
  const claims: [boolean, string][] = [
    [
      (status === 'succeeded') === truth.isCanceled,
      `${status}, but the order is ${truth.isCanceled ? '' : 'not '}canceled`,
    ],
    [
      ours === (truth.isCanceled && truth.canceled > 0),
      `${alreadyCanceled ? 'canceled already' : status}, but the platform canceled ` +
        `${truth.canceled} times`,
    ],
    [
      effects.order.outcome ===
        (ours ? 'applied' : status === 'needs_attention' ? 'failed' : 'skipped'),
      `order ${effects.order.outcome}`,
    ],
    [
      status !== 'needs_attention' || problem?.acted === (moved > 0 ? 'yes' : 'unknown'),
      `acted ${problem?.acted}`,
    ],
    [
      status !== 'rejected' || (moved === 0 && truth.note === null && problem?.acted === 'no'),
      `rejected, but ${moved} moved and the note is ${truth.note}`,
    ],
    [
      effects.reason.outcome !== 'applied' || truth.note === record.reason,
      `reason ${effects.reason.outcome}, but the note is ${truth.note}`,
    ],
    [
      !ours || record.reason === null || effects.reason.outcome === 'applied',
      `reason ${effects.reason.outcome}`,
    ],
    [
      status === 'rejected' ||
        alreadyCanceled ||
        (effects.payment.outcome === (moved > 0 ? 'automatic' : 'withheld') &&
          Number(effects.payment.amount?.amount ?? 0) === moved),
      `payment ${effects.payment.outcome} ${effects.payment.amount?.amount}, but ${moved} moved`,
    ],
  ]
  return claims.filter(([holds]) => !holds).map(([, fault]) => fault)
}
