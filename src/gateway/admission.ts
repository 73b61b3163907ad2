/**
 * Writing a request down: claimed once under its key and its order, or answered by the record that
 * stands for it.
 */
import { ulid } from 'ulid'
import { canonicalOf } from '../adapter/contract.ts'
import type { Store } from '../connection/store.ts'
import type { Claim, Key, Ledger } from '../ledger/port.ts'
import { guard } from '../ledger/rules.ts'
import { type Noted, sha256Hex } from '../model/audit.ts'
import { accept, type Cancellation, isFinal } from '../model/cancellation.ts'
import { transition } from '../model/transitions.ts'
import { skipped } from '../model/effect.ts'
import { problem, refuse } from '../model/problem.ts'
import { type CancelRequest, fingerprint, sameWishes } from '../model/request.ts'
import type { Records } from './workflow/records.ts'
import { type Identities, otherAccounts, recordsOf, spellings } from './workflow/identity.ts'
import type { Timing } from './workflow/timing.ts'

export interface Admitted {
  readonly record: Cancellation
  readonly how: 'created' | 'replayed' | 'deduplicated'
}

/** How soon one that waits is looked after, should the write that was to wake its link be lost. */
export const WAITING_MS = 60_000
/** Until then the process that accepted a record works on it; afterwards any may pick it up. */
const ORPHAN_MS = 2_000

/** `begins`: there is work to do on it; `isNoted`: its entry was written with it. */
type Begun = Admitted & { readonly begins: boolean; readonly isNoted?: true }

const SETTLED_OTHERWISE = 'The order was canceled with other wishes, and this request is strict.'

/** One request, as it is written down. */
export interface AdmissionRequest {
  readonly store: Store
  readonly request: CancelRequest
  /** The order's id as it was asked for. */
  readonly spelling: string
  readonly caller: string
  /** The name of its API key; null: that has none. Whatever it is, the caller is the same. */
  readonly keyName: string | null
  readonly key: string | null
  readonly byCustomer: boolean
  /** This process works on it at once. */
  readonly atOnce: boolean
  readonly batchId: string | null
  /** The link whose run decides when it is sent. */
  readonly link?: string | undefined
  /** Nothing of it is sent until somebody else has approved it. */
  readonly needsApproval: boolean
  /** Its entry of the audit log, written with what is written of it. */
  readonly noted?: Noted | undefined
}

export interface AdmissionOptions {
  readonly ledger: Ledger
  readonly records: Records
  readonly identities: Identities
  readonly timing: Timing
  readonly now: () => number
  readonly idSuffix: (store: Store) => string
  readonly onCreated: (record: Cancellation) => void
  readonly onRestarted: (record: Cancellation, before: Cancellation) => void
}

export const conflict = (record: Cancellation, detail: string): never =>
  refuse('cancellation-conflict', detail, {
    cancellation: `/v1/cancellations/${record.id}`,
    acted: 'no',
  })

/** The earlier cancellation settled it: written down as done, nothing sent. */
const settledBy = (earlier: Cancellation, draft: Cancellation): Cancellation =>
  transition(draft, {
    type: 'succeed',
    at: draft.updatedAt,
    via: 'reconciled',
    alreadyCanceled: true,
    effects: skipped(draft.request),
    order: earlier.order,
  })

/** The entry of a request that was written down as this record. */
const notedOf = (
  { noted }: AdmissionRequest,
  { id }: Cancellation,
  outcome: 'done' | 'replayed',
): Noted | undefined =>
  noted && { ...noted, outcome, subject: { ...noted.subject, cancellation: id } }

const boundBy = async (
  { key, caller, request }: AdmissionRequest,
  orderId = request.orderId,
): Promise<Key | null> => {
  if (key === null) return null
  const plain = fingerprint({ ...request, orderId })
  return { caller, value: key, fingerprint: await sha256Hex(plain), plain }
}

const draftOf = async (deps: AdmissionOptions, asked: AdmissionRequest): Promise<Cancellation> => {
  const { store, request, caller, keyName, byCustomer, atOnce, batchId, link, needsApproval } =
    asked
  const at = deps.now()
  const tail = deps.idSuffix(store)
  return accept({
    id: `can_${ulid(at).slice(0, 26 - tail.length)}${tail}`,
    caller,
    keyName,
    batchId,
    platform: store.adapter.id,
    request,
    byCustomer,
    now: at,
    deadlineMs: needsApproval ? deps.timing.approvalMs : deps.timing.deadlineMs,
    needsApproval,
    wakeAt: link === undefined ? (atOnce ? at + ORPHAN_MS : at) : at + WAITING_MS,
    ...(link !== undefined && { link, waitsForLink: true }),
    account: (await deps.identities.movedFrom(store)) === null ? undefined : store.identity,
  })
}

/**
 * A rejected record, asked for again by its key: started over, unless another one speaks for the
 * order by now.
 */
const restart = async (
  deps: AdmissionOptions,
  asked: AdmissionRequest,
  record: Cancellation,
): Promise<Begun> => {
  const { wakeAt, createdAt: at, deadlineAt } = await draftOf(deps, asked)
  const { byCustomer, keyName, link, needsApproval } = asked
  const anew = { type: 'restart', at, byCustomer, keyName } as const
  // One that an earlier version kept under another spelling is left as it is: its guard is
  // another one.
  const again =
    record.request.orderId === asked.request.orderId &&
    (await deps.records.save(
      record,
      transition(record, { ...anew, wakeAt: wakeAt ?? at, deadlineAt, link, needsApproval }),
      undefined,
      undefined,
      notedOf(asked, record, 'replayed'),
    ))
  if (again) {
    deps.onRestarted(again, record)
    return { record: again, how: 'replayed', begins: !again.waitsForLink, isNoted: true }
  }
  const current = await deps.ledger.get(record.id)
  if (current && current.status !== 'rejected')
    return { record: current, how: 'replayed', begins: false }
  // Its own “no” is out of date: what stands now answers.
  const draft = await draftOf(deps, asked)
  const claim = await deps.records.claim(draft, null, notedOf(asked, draft, 'done'))
  if (claim.outcome !== 'settled') return answer(deps, asked, claim)
  if (asked.request.strict) conflict(claim.record, SETTLED_OTHERWISE)
  const settled = await deps.records.save(
    record,
    settledBy(
      claim.record,
      transition(record, { ...anew, wakeAt: at, deadlineAt: record.deadlineAt }),
    ),
    undefined,
    undefined,
    notedOf(asked, record, 'replayed'),
  )
  if (settled) deps.onRestarted(settled, record)
  return {
    record: settled ?? record,
    how: 'replayed',
    begins: false,
    ...(settled && { isNoted: true }),
  }
}

/** What a claim that found nothing settled otherwise comes to. */
const answer = (
  deps: AdmissionOptions,
  asked: AdmissionRequest,
  { outcome, record }: Claim,
): Begun | Promise<Begun> => {
  switch (outcome) {
    case 'key_reused':
      return refuse(
        'idempotency-key-reused',
        'This Idempotency-Key was used before with another body.',
        { cancellation: `/v1/cancellations/${record.id}` },
      )
    case 'conflict':
    case 'settled':
      return conflict(record, 'A cancellation of this order with other wishes is not settled yet.')
    case 'deduplicated':
      return { record, how: 'deduplicated', begins: false }
    case 'created':
      deps.onCreated(record)
      return {
        record,
        how: 'created',
        isNoted: true,
        begins: record.status === 'accepted' && !record.waitsForLink,
      }
    case 'replayed':
      if (record.reopenedAt !== undefined)
        return conflict(
          record,
          'The order was canceled by this request, and is open again since. Look at it, and ask ' +
            'under a new key where it is to be canceled again.',
        )
      // What was erased lacks what it would be asked with.
      return record.status === 'rejected' &&
        record.problem?.retryable &&
        record.erasedAt === undefined
        ? restart(deps, asked, record)
        : { record, how: 'replayed', begins: false }
  }
}

/**
 * What is still open of the same order's id from when the store led elsewhere: it may be the same
 * order, so it speaks first, and nothing is sent. Where the configuration says that it is the
 * same shop, what nothing was sent of does not: it waits for a person.
 */
const openElsewhere = async (
  deps: AdmissionOptions,
  draft: Cancellation,
): Promise<Cancellation | undefined> =>
  (await otherAccounts(deps.ledger, draft)).find(
    ({ status }) =>
      !isFinal(status) && (draft.account !== undefined || status !== 'needs_attention'),
  )

/**
 * What earlier versions wrote down of this order under other spellings of its id, the oldest
 * first.
 */
const spelledOtherwise = async (
  deps: AdmissionOptions,
  { store, request, spelling }: AdmissionRequest,
): Promise<Cancellation[]> => {
  const others = [...spellings([store], spelling)].filter((orderId) => orderId !== request.orderId)
  const found = await Promise.all(
    others.map((orderId) => recordsOf(deps.ledger, store.id, orderId)),
  )
  return found
    .flat()
    .filter((record) => record.request.target === request.target)
    .sort((a, b) => a.createdAt - b.createdAt)
}

/**
 * A claim under its key; one that an earlier version bound to the same request, with the order's
 * id as it was spelled then, is the same.
 */
const claimed = async (
  deps: AdmissionOptions,
  asked: AdmissionRequest,
  draft: Cancellation,
): Promise<Claim> => {
  const noted = notedOf(asked, draft, 'done')
  const claim = await deps.records.claim(draft, await boundBy(asked), noted)
  const { orderId } = claim.record.request
  return claim.outcome !== 'key_reused' ||
    orderId === asked.request.orderId ||
    canonicalOf(asked.store.adapter, orderId) !== asked.request.orderId
    ? claim
    : deps.records.claim(draft, await boundBy(asked, orderId), noted)
}

/** Writes a request down, or finds the record that answers it. Throws `ProblemError`. */
const accepted = async (deps: AdmissionOptions, asked: AdmissionRequest): Promise<Begun> => {
  const draft = await draftOf(deps, asked)
  const open = (await deps.identities.hasMoved(asked.store))
    ? await openElsewhere(deps, draft)
    : undefined
  if (open)
    return answer(deps, asked, {
      outcome: sameWishes(open.request, asked.request) ? 'deduplicated' : 'conflict',
      record: open,
    })
  const spelled = (await spelledOtherwise(deps, asked)).filter(
    ({ account }) => account === draft.account,
  )
  let claim = guard(draft, spelled) ?? (await claimed(deps, asked, draft))
  if (claim.outcome === 'settled') {
    if (asked.request.strict) conflict(claim.record, SETTLED_OTHERWISE)
    claim = await claimed(deps, asked, settledBy(claim.record, draft))
  }
  const { outcome, record } = claim
  // What was settled for one merchant says nothing of another’s order.
  if (outcome === 'replayed' && record.account !== draft.account && isFinal(record.status)) {
    refuse(
      'idempotency-key-reused',
      'This Idempotency-Key was used while the store led to another merchant account.',
      { cancellation: `/v1/cancellations/${record.id}` },
    )
  }
  return answer(deps, asked, claim)
}

export const createAdmission = (deps: AdmissionOptions) => {
  return {
    accepted: (request: AdmissionRequest): Promise<Begun> => accepted(deps, request),
    /**
     * Binds a key to a cancellation that was withdrawn before it began, so that whoever asks under
     * it later, and slower, sends nothing; or finds the record that the key is bound to already.
     * Null: another cancellation stands in the way, so none can begin either.
     */
    async forgone(asked: AdmissionRequest): Promise<Cancellation | null> {
      const draft = await draftOf(deps, asked)
      const withdrawn = transition(draft, {
        type: 'reject',
        at: draft.createdAt,
        via: null,
        order: null,
        effects: skipped(draft.request),
        problem: problem('order-not-cancelable', 'Its batch was stopped before its turn came.', {
          cause: 'withdrawn',
        }),
      })
      const [stands] = (await spelledOtherwise(deps, asked)).filter(
        (record) => guard(draft, [record])?.outcome === 'deduplicated',
      )
      const { outcome, record } = stands
        ? { outcome: 'deduplicated', record: stands }
        : await claimed(deps, asked, withdrawn)
      if (outcome === 'created') deps.onCreated(record)
      return outcome === 'conflict' || outcome === 'key_reused' ? null : record
    },
  }
}
