/** What people read: the same words in the console, on the command line and in the docs, never claiming more than a report's basis. */
import type { Cancellation, Status } from './cancellation.ts'
import type { Basis, Effect, EffectName, Effects } from './effect.ts'

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  accepted: 'Waiting',
  sending: 'Asking the store',
  in_doubt: 'Checking',
  succeeded: 'Canceled',
  rejected: 'Not canceled',
  needs_attention: 'Needs you',
}

export const OUTCOME_WORDS: Readonly<Record<Effect['outcome'], string>> = {
  applied: 'done',
  withheld: 'not done',
  automatic: 'the store did it by itself',
  forced: 'done although refused',
  unsupported: 'no way on this platform',
  partial: 'partly done',
  failed: 'failed',
  pending: 'not known yet',
  skipped: 'not attempted',
  unverified: 'cannot be told',
  not_applicable: 'does not apply',
}

export const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  confirmed: 'read back from the store',
  reported: 'in the store’s reply',
  documented: 'the store’s manual says so',
  none: 'nothing shows it',
}

export const EFFECT_WORDS: Readonly<Record<EffectName, string>> = {
  order: 'Cancel the order', reason: 'Keep the reason', notify: 'Mail the buyer', message: 'Say this in the mail', restock: 'Put the goods back', payment: 'Money',
}

/** What a record, or an answer about one, must tell for a sentence. */
export type Told = Pick<Cancellation, 'status' | 'alreadyCanceled'> & { readonly effects: Effects }

export const statusWord = ({ status, alreadyCanceled }: Pick<Told, 'status' | 'alreadyCanceled'>): string =>
  status === 'succeeded' && alreadyCanceled ? 'Was already canceled' : STATUS_WORDS[status]

const money = ({ amount }: Effect): string => (amount ? `${amount.amount} ${amount.currency}` : 'The payment')

const ABOUT: Readonly<Record<'notify' | 'restock' | 'payment', Partial<Record<Effect['outcome'], (effect: Effect) => string>>>> = {
  notify: {
    applied: ({ basis }) => (basis === 'documented' ? 'The store mails the buyer, says its manual.' : 'The store was told to mail the buyer.'),
    automatic: () => 'The store mails the buyer by itself.',
    forced: () => 'The buyer was mailed although you refused it.',
    unsupported: () => 'The buyer was not mailed: this platform has no way.',
    failed: () => 'The mail to the buyer failed.',
    unverified: () => 'Whether the buyer was mailed cannot be told.',
  },
  restock: {
    applied: () => 'Stock went back.',
    automatic: () => 'The store put the stock back by itself.',
    forced: () => 'Stock went back although you refused it.',
    unsupported: () => 'Stock did not go back: this platform has no way.',
    partial: () => 'Stock went back in part.',
    failed: () => 'Stock did not go back.',
    unverified: () => 'Whether stock went back cannot be told.',
  },
  payment: {
    automatic: (effect) => `${money(effect)} ${effect.amount ? 'were' : 'was'} given back by the store.`,
    withheld: ({ amount }) => (amount ? `${amount.amount} ${amount.currency} stay paid.` : 'No money moved.'),
    failed: () => 'Giving the money back failed.',
    pending: () => 'Giving the money back is not finished.',
    partial: (effect) => `${money(effect)} was given back in part.`,
    unverified: () => 'What became of the payment cannot be told.',
  },
}

const HEAD: Readonly<Record<Status, string>> = {
  accepted: 'Written down; the store was not asked yet.',
  sending: 'The store is being asked.',
  in_doubt: 'The store was asked and has not told us yet; we are looking. Nothing is needed from you.',
  succeeded: 'The order is canceled.',
  rejected: 'The order is not canceled; order, money and stock are as they were.',
  needs_attention: 'A person must look: what became of the order is not clear.',
}

/** What became of a cancellation, in a sentence or a few. Pure. */
export const sentence = ({ status, alreadyCanceled, effects }: Told): string => {
  if (status === 'succeeded' && alreadyCanceled) return 'The order was canceled already; nothing was sent.'
  if (status === 'needs_attention' && (effects.payment.outcome === 'automatic' || effects.payment.outcome === 'partial')) {
    return `A person must look: the order is not canceled, but ${money(effects.payment)} went back.`
  }
  if (status !== 'succeeded') return HEAD[status]
  const rest = (['notify', 'restock', 'payment'] as const).map((name) => ABOUT[name][effects[name].outcome]?.(effects[name]) ?? '')
  return [HEAD.succeeded, ...rest].filter(Boolean).join(' ')
}
