/** What becomes of a request: it is written down, and begun at once or in its turn. */
import type { Store } from '../connection/store.ts'
import type { FullLedger } from '../ledger/port.ts'
import { askedBy, type Asker, type Noted } from '../model/audit.ts'
import type { Link } from '../model/link.ts'
import { ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import type { AdmissionRequest, Admitted, createAdmission } from './admission.ts'
import { noteEnd } from './audit/acts.ts'
import { auditOf } from './audit/log.ts'
import type { Driver } from './links/driver.ts'
import { LINKED_UNAPPROVED, linkFor, openRun } from './links/service.ts'
import type { Scheduler } from './scheduler.ts'
import { beforehand } from './service.ts'
import { canonical } from './workflow/identity.ts'
import type { Records } from './workflow/records.ts'

export interface AskDeps {
  readonly ledger: FullLedger
  readonly records: Records
  readonly stores: ReadonlyMap<string, Store>
  readonly now: () => number
  readonly scheduler: Scheduler
  readonly admission: ReturnType<typeof createAdmission>
  readonly driver: Driver
  /** Whether this caller reaches all of these stores. */
  readonly reaches: (caller: string, stores: readonly string[]) => boolean
  readonly onFault: (error: unknown) => void
}

/** Who asks, and how. */
export interface Asking {
  readonly caller: string
  readonly key: string | null
  readonly customerToken: string | null
  readonly batchId: string | null
  /** The name of the caller's API key; null: that has none. */
  readonly keyName: string | null
  /** What this caller asks is sent only once another one has approved it. */
  readonly needsApproval: boolean
  /** Left out: nothing is noted. */
  readonly asker?: Asker | undefined
}

export const storeOf = ({ stores }: Pick<AskDeps, 'stores'>, id: string): Store =>
  stores.get(id) ?? refuse('store-not-found', 'No store with this id is configured.')

/** The request as it is written down, with its store. */
export const admissionOf = (
  deps: Pick<AskDeps, 'stores'>,
  asked: CancelRequest,
  more: Omit<AdmissionRequest, 'store' | 'request' | 'spelling'>,
): AdmissionRequest => {
  const store = storeOf(deps, asked.store)
  return { store, request: canonical(store, asked), spelling: asked.orderId, ...more }
}

/** Accepts it; what was answered by an earlier record is noted before anything comes of it. */
const accept = async (
  { admission, ledger }: AskDeps,
  asked: AdmissionRequest,
): ReturnType<AskDeps['admission']['accepted']> => {
  const begun = await admission.accepted(asked)
  const { noted } = asked
  if (noted && !begun.isNoted) {
    const subject = { ...noted.subject, cancellation: begun.record.id }
    await ledger.audit.append([{ ...noted, outcome: begun.how, subject }])
  }
  return begun
}

/** One of a link's orders: it waits for its turn in the link's run. */
const askLinked = async (
  deps: AskDeps,
  asked: AdmissionRequest,
  { name }: Link,
): Promise<Admitted> => {
  const { ledger, records, now, driver, onFault } = deps
  const { how, record } = await accept(deps, { ...asked, link: name })
  // What is canceled already covers this order and not the others.
  const isDone = record.status === 'succeeded'
  // It may be from before there was the link, or have gone alone.
  const linked =
    isDone && record.link !== name ? await records.save(record, { ...record, link: name }) : record
  if (isDone) await openRun({ ledger, now }, name, record, asked.request)
  driver.drive(name).catch(onFault)
  return { how, record: linked ?? record }
}

/** An order that goes alone. */
const askAlone = async (
  deps: AskDeps,
  asked: AdmissionRequest,
  customerToken: string | null,
): Promise<Admitted> => {
  const { scheduler } = deps
  const { id } = asked.store
  // A customer's token is kept nowhere, so what comes with one cannot wait.
  const slot = customerToken === null ? scheduler.hold(id) : scheduler.take(id)
  let isBegun = false
  try {
    const { begins, how, record } = await accept(deps, { ...asked, atOnce: slot !== null })
    if (begins && slot) {
      isBegun = true
      void scheduler.work(record, customerToken, slot)
    }
    return { how, record }
  } finally {
    if (!isBegun) slot?.leave()
  }
}

/**
 * Refuses what nobody could approve as it would be sent: a customer's token is kept nowhere, and an
 * approval is of one order.
 */
const mustBeApprovable = (byCustomer: boolean, link: Link | null): void => {
  if (byCustomer)
    refuse('unsupported', 'What waits for approval cannot keep a customer’s token.', {
      errors: [{ pointer: '/Rescind-Customer-Token', detail: 'not where approval is required' }],
    })
  if (link) throw new ProblemError(LINKED_UNAPPROVED)
}

const admit = async (
  deps: AskDeps,
  request: CancelRequest,
  { customerToken, ...asking }: Omit<Asking, 'asker'>,
  noted?: Noted,
): Promise<Admitted> => {
  const { adapter } = storeOf(deps, request.store)
  if (request.target === 'transfer' && !adapter.transfer)
    refuse('unsupported', `${adapter.name} has no order transfers.`, {
      errors: [{ pointer: '/target', detail: 'only orders can be canceled there' }],
    })
  const byCustomer = customerToken !== null
  const asked = admissionOf(deps, request, { ...asking, byCustomer, atOnce: false, noted })
  const link = await beforehand(
    linkFor(deps, asked.request, (stores) => deps.reaches(asking.caller, stores)),
  )
  if (asking.needsApproval) mustBeApprovable(byCustomer, link)
  return link ? askLinked(deps, asked, link) : askAlone(deps, asked, customerToken)
}

/** Accepts a request, durably, and starts to work on it, or leaves it in its line. */
export const ask = async (
  deps: AskDeps,
  request: CancelRequest,
  asking: Asking,
): Promise<Admitted> => {
  const { asker, batchId } = asking
  if (!asker) return admit(deps, request, asking)
  const { orderId } = canonical(storeOf(deps, request.store), request)
  const noted = askedBy(asker, deps.now(), {
    action: 'cancellation.asked',
    store: request.store,
    subject: {
      order: orderId,
      ...(request.target === 'transfer' && { target: 'transfer' }),
      ...(batchId !== null && { batch: batchId }),
    },
  })
  // What was accepted is noted where it was written.
  return noteEnd(
    auditOf(deps.ledger.audit),
    noted,
    () => admit(deps, request, asking, noted),
    () => null,
  )
}
