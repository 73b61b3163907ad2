/**
 * The effects report: what was asked against what happened, by one pure function for all platforms.
 */
import { z } from 'zod'
import { Money } from './money.ts'
import type { CancelRequest } from './request.ts'

export const EFFECTS = ['order', 'reason', 'notify', 'message', 'restock', 'payment'] as const
export type EffectName = (typeof EFFECTS)[number]

export const OUTCOMES = [
  'applied',
  'withheld',
  'automatic',
  'forced',
  'unsupported',
  'partial',
  'failed',
  'pending',
  'skipped',
  'unverified',
  'not_applicable',
] as const
export const BASES = ['confirmed', 'reported', 'documented', 'none'] as const
export type Basis = (typeof BASES)[number]

export const Effect = z
  .object({
    asked: z.boolean().nullable().meta({ description: 'The wish: true, false, or null for none.' }),
    honored: z.boolean().nullable().meta({ description: 'null: no wish, or it cannot be told.' }),
    outcome: z.enum(OUTCOMES),
    basis: z.enum(BASES).meta({
      description:
        'confirmed: read back; reported: in the reply; documented: the manual promises it.',
    }),
    amount: Money.optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'Effect' })
export type Effect = z.infer<typeof Effect>

export const Effects = z
  .object({
    order: Effect,
    reason: Effect,
    notify: Effect,
    message: Effect,
    restock: Effect,
    payment: Effect,
  })
  .meta({ id: 'Effects' })
export type Effects = z.infer<typeof Effects>

/**
 * What became of one thing, whatever was wished. `impossible`: not done, and there was no way to
 * ask for it. `nothing`: there was nothing to do it with, as a refund of what nobody paid.
 */
export interface Fact {
  readonly done:
    | 'yes'
    | 'no'
    | 'partial'
    | 'failed'
    | 'pending'
    | 'unknown'
    | 'impossible'
    | 'nothing'
  readonly basis: Basis
  readonly detail?: string
  readonly amount?: Money
}
export type Facts = Readonly<Record<EffectName, Fact>>

const unknown: Fact = { done: 'unknown', basis: 'none' }
/** Where nothing is known of any effect. */
export const UNKNOWN: Facts = {
  order: unknown,
  reason: unknown,
  notify: unknown,
  message: unknown,
  restock: unknown,
  payment: unknown,
}

/** The caller's wish per effect. The order is always asked for. */
export const wishes = (request: CancelRequest): Record<EffectName, boolean | null> => ({
  order: true,
  reason: request.reason !== null || request.reasonCode !== null ? true : null,
  notify: request.notify,
  message: request.message !== null ? true : null,
  restock: request.restock,
  payment: request.refund ?? null,
})

const OUTCOME_OF: Record<Fact['done'], (asked: boolean | null) => Effect['outcome']> = {
  yes: (asked) => (asked === null ? 'automatic' : asked ? 'applied' : 'forced'),
  no: (asked) => (asked ? 'failed' : 'withheld'),
  nothing: (asked) => (asked ? 'not_applicable' : 'withheld'),
  impossible: (asked) => (asked ? 'unsupported' : 'withheld'),
  failed: (asked) => (asked === false ? 'withheld' : 'failed'),
  partial: () => 'partial',
  pending: () => 'pending',
  unknown: () => 'unverified',
}

const honored = (asked: boolean | null, outcome: Effect['outcome']): boolean | null => {
  if (
    asked === null ||
    outcome === 'unverified' ||
    outcome === 'pending' ||
    outcome === 'not_applicable'
  )
    return null
  return outcome === 'applied' || (outcome === 'withheld' && !asked)
}

const effect = (
  asked: boolean | null,
  outcome: Effect['outcome'],
  basis: Basis,
  fact?: Fact,
): Effect => ({
  asked,
  honored: honored(asked, outcome),
  outcome,
  basis,
  ...(fact?.amount && { amount: fact.amount }),
  ...(fact?.detail && { detail: fact.detail }),
})

const each = (
  request: CancelRequest,
  make: (name: EffectName, asked: boolean | null) => Effect,
): Effects => {
  const asked = wishes(request)
  return Object.fromEntries(
    EFFECTS.map((name) => [
      name,
      request.target === 'transfer' && name !== 'order'
        ? effect(asked[name], 'not_applicable', 'none')
        : make(name, asked[name]),
    ]),
  ) as Effects
}

/** The report of what happened, or of what would. */
export const report = (request: CancelRequest, facts: Facts): Effects =>
  each(request, (name, asked) => {
    const fact = facts[name]
    return effect(asked, OUTCOME_OF[fact.done](asked), fact.basis, fact)
  })

/**
 * The report where nothing was attempted: the order was canceled already, or the request was
 * refused.
 */
export const skipped = (
  request: CancelRequest,
  details: { readonly [name in EffectName]?: string | undefined } = {},
): Effects =>
  each(request, (name, asked) => {
    const detail = details[name]
    return { ...effect(asked, asked ? 'skipped' : 'withheld', 'none'), ...(detail && { detail }) }
  })

const HAPPENED: readonly Effect['outcome'][] = ['applied', 'automatic', 'forced', 'partial']
export const isSeen = ({ basis, outcome }: Effect): boolean =>
  basis === 'confirmed' && HAPPENED.includes(outcome)

/**
 * The newer report, but for what was read back before as having happened: that is not undone by
 * knowing less now.
 */
export const keepConfirmed = (before: Effects, now: Effects): Effects =>
  Object.fromEntries(
    EFFECTS.map((name) => [
      name,
      name !== 'order' && isSeen(before[name]) && now[name].basis !== 'confirmed'
        ? before[name]
        : now[name],
    ]),
  ) as Effects

const KNOWN: readonly Basis[] = ['confirmed', 'reported']

/** Whether something is known to have happened, or to be under way, by a look or a reply. */
export const isKnown = ({ basis, outcome }: Effect): boolean =>
  KNOWN.includes(basis) && (HAPPENED.includes(outcome) || outcome === 'pending')

/** What is recorded at the end, but for what is known of the effects: no end undoes that. */
export const keepKnown = (known: Effects, end: Effects): Effects =>
  Object.fromEntries(
    EFFECTS.map((name) => [
      name,
      name !== 'order' && isKnown(known[name]) ? known[name] : end[name],
    ]),
  ) as Effects

/** Whether money or goods were seen to have moved. */
export const hasMoved = ({ payment, restock }: Effects): boolean =>
  isSeen(payment) || isSeen(restock)

/**
 * A report with a person's word about the order: it proves nothing, and undoes nothing that was
 * read back.
 */
export const withWord = (effects: Effects, canceled: boolean): Effects => {
  const { order } = effects
  const says = `A person says that it is ${canceled ? '' : 'not '}canceled.`
  const agrees = order.basis === 'confirmed' && (order.outcome === 'applied') === canceled
  return {
    ...effects,
    order: agrees
      ? { ...order, detail: [order.detail, says].filter(Boolean).join(' ') }
      : { ...effect(true, canceled ? 'applied' : 'skipped', 'none'), detail: says },
  }
}

/** The report while nothing is known yet. */
export const pending = (request: CancelRequest): Effects =>
  each(request, (_, asked) => effect(asked, 'pending', 'none'))

/**
 * The names of wishes (and of a given reason) that these facts would not honor: what `strict`
 * refuses.
 */
export const unkept = (request: CancelRequest, facts: Facts): EffectName[] => {
  const predicted = report(request, facts)
  return (['reason', 'notify', 'message', 'restock', 'payment'] as const).filter(
    (name) =>
      predicted[name].asked !== null &&
      predicted[name].honored !== true &&
      predicted[name].outcome !== 'not_applicable',
  )
}
