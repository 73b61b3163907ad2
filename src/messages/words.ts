/**
 * What people call the values of closed lists: the same words in the console, on the command line
 * and in the docs.
 */
import type { ApprovalState } from '../model/approval.ts'
import type { AuditAction } from '../model/audit.ts'
import type { Cancellation, Origin, Resolution, Status } from '../model/cancellation.ts'
import type { Capability } from '../model/capability.ts'
import type { DeliveryState } from '../model/delivery.ts'
import type { Basis, Effect, EffectName } from '../model/effect.ts'
import type { Follow, Linked, LinkStatus } from '../model/link.ts'

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

/** The same before anything is sent: what a preview foretells. */
export const WOULD_WORDS: Readonly<Record<Effect['outcome'], string>> = {
  ...OUTCOME_WORDS,
  applied: 'would be done',
  withheld: 'would not be done',
  automatic: 'the store would do it by itself',
  forced: 'would be done although refused',
  partial: 'would be done in part',
  failed: 'would fail',
  skipped: 'would not be attempted',
}

export const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  confirmed: 'read back from the store',
  reported: 'in the store’s reply',
  documented: 'the store’s manual says so',
  none: 'nothing shows it',
}

export const EFFECT_WORDS: Readonly<Record<EffectName, string>> = {
  order: 'Cancel the order',
  reason: 'Keep the reason',
  notify: 'Mail the buyer',
  message: 'Say this in the mail',
  restock: 'Put the goods back',
  payment: 'Give the money back',
}

/** An effect's outcome as people say it of this very thing; with `would`, of a preview. */
export const outcomeWord = (name: EffectName, { outcome }: Effect, would = false): string => {
  if (name === 'order' && outcome === 'applied') return would ? 'would be canceled' : 'canceled'
  if (name === 'payment' && outcome === 'withheld')
    return would ? 'no money would move' : 'no money moved'
  if (name === 'payment' && outcome === 'automatic')
    return would ? 'the store would give it back by itself' : 'the store gave it back by itself'
  return (would ? WOULD_WORDS : OUTCOME_WORDS)[outcome]
}

/** What a platform can do with an input, as its manual or a recording has it. */
export const CAN_WORDS: Readonly<Record<Capability['can'], string>> = {
  choose: 'as you wish',
  always: 'always',
  never: 'no way',
  unknown: 'not known',
}

/** The three ways in which a person closes what needs one. */
export const RESOLUTION_WORDS: Readonly<Record<Resolution, string>> = {
  canceled: 'It is canceled',
  not_canceled: 'It is not canceled',
  retry: 'Look, then try again',
}

/** A record, or an answer about one, as far as its word goes. */
export interface Worded extends Pick<Cancellation, 'status' | 'alreadyCanceled'> {
  readonly origin?: Origin | undefined
  readonly reopenedAt?: number | string | null | undefined
  readonly approval?: { readonly state: ApprovalState } | null | undefined
}

export const statusWord = (worded: Worded): string => {
  const { status, alreadyCanceled, origin, reopenedAt, approval } = worded
  if (status === 'accepted' && approval?.state === 'awaited') return 'Waits for approval'
  if (status !== 'succeeded') return STATUS_WORDS[status]
  if (reopenedAt) return 'Open again'
  if (origin === 'platform') return 'Canceled in the store'
  return alreadyCanceled ? 'Was already canceled' : STATUS_WORDS.succeeded
}

export const LINK_WORDS: Readonly<Record<LinkStatus, string>> = {
  open: 'Open',
  canceling: 'Being canceled',
  canceled: 'Canceled',
  diverged: 'Not in step',
}

/** What a cancel does with the orders that its order is linked with. */
export const LINKED_WORDS: Readonly<Record<Linked, string>> = {
  all: 'All or none',
  each: 'Each that can be',
  none: 'This order alone',
}

export const FOLLOW_WORDS: Readonly<Record<Follow, string>> = {
  tell: 'is told',
  cancel: 'the others are canceled too',
}

export const DELIVERY_WORDS: Readonly<Record<DeliveryState, string>> = {
  owed: 'to be told',
  delivered: 'told',
  failed: 'given up',
  superseded: 'out of date',
}

/** What was done, as the console calls it. */
export const AUDIT_WORDS: Readonly<Record<AuditAction, string>> = {
  'cancellation.asked': 'Asked to cancel',
  'cancellation.previewed': 'Previewed',
  'cancellation.withdrawn': 'Withdrew',
  'cancellation.approved': 'Approved',
  'cancellation.declined': 'Declined',
  'cancellation.resolved': 'Resolved',
  'order.read': 'Read an order',
  'order.searched': 'Searched for orders',
  'batch.created': 'Started a batch',
  'batch.paused': 'Paused a batch',
  'batch.resumed': 'Resumed a batch',
  'batch.stopped': 'Stopped a batch',
  'link.put': 'Linked orders',
  'link.deleted': 'Deleted a link',
  'webhook.tested': 'Tested a webhook',
  'webhook.enabled': 'Switched a webhook on',
  'webhook.replayed': 'Told a webhook again',
  'store.swept': 'Swept a store again',
  'store.moved': 'Said that a store moved',
  'console.entered': 'Logged in',
  'console.left': 'Logged out',
  'configuration.loaded': 'Loaded the configuration',
  'buyer.erased': 'Erased a buyer’s data',
  'audit.exported': 'Exported the audit log',
}

/** How it ended, or whether it did. */
export const auditOutcome = (
  outcome: string,
): { readonly as: 'begun' | 'done' | 'refused'; readonly word: string } => {
  if (outcome === 'asked') return { as: 'begun', word: 'begun' }
  if (outcome === 'done') return { as: 'done', word: 'done' }
  if (outcome === 'replayed' || outcome === 'deduplicated')
    return { as: 'done', word: 'answered by an earlier one' }
  return { as: 'refused', word: `refused: ${outcome}` }
}
