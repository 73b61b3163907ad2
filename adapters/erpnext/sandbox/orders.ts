/** The imitation’s documents: an order, what points to it, and what a save does. */
import { createOrderBook, type DeedsBook } from '../../../src/adapter/sandbox-kit.ts'
// The form of a Sales Order of ERPNext 15 (sales_order.json), with values of our own.
import documented from './order.json' with { type: 'json' }
// Words of sales_order.json and of the documents that point to one. What a state does not tell is
// as in the order above.
import states from './states.json' with { type: 'json' }

export interface Order {
  readonly name: string
  docstatus: number
  status: string
  modified: string
  readonly [field: string]: unknown
}

/** A document of another type that names the order. */
interface Pointing {
  readonly doctype: string
  readonly docstatus: number
  readonly status: string
}

interface State {
  readonly says: string
  readonly order?: object
  /** What a cancel changes beside its own. */
  readonly onCancel?: object
  readonly documents?: readonly Pointing[]
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** What somebody does while a cancel is on its way, cancel by cancel. */
  readonly meanwhile?: readonly string[]
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  readonly order: Order
  readonly onCancel: object
  readonly documents: (Pointing & { readonly name: string })[]
  readonly busyMs: number
  readonly meanwhile: string[]
  isQueued: boolean
}

/** An error as it is raised: its name decides, and its text may hold links. */
export class Raised extends Error {
  override readonly name = 'Raised'
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

/** The site’s clock is that of Kolkata, which is never put on or back. */
export const ZONE = 'Asia/Kolkata'
const OFFSET_MS = 5.5 * 3_600_000

const microseconds = { last: 0 }
const now = (): string => {
  microseconds.last = (microseconds.last + 1) % 1_000
  const text = new Date(Date.now() + OFFSET_MS).toISOString()
  return `${text.replace('T', ' ').slice(0, -1)}${String(microseconds.last).padStart(3, '0')}`
}

const makeEntry = (state: State, id: string, ordinal: number): Entry => ({
  order: {
    ...structuredClone(documented),
    ...structuredClone(state.order),
    name: id,
    po_no: `WEB-${1000 + ordinal}`,
  },
  onCancel: state.onCancel ?? {},
  documents: (state.documents ?? []).map((one, index) => ({
    ...one,
    name: `${one.doctype.replaceAll(/[^A-Z]/g, '')}-${ordinal}-${index + 1}`,
  })),
  busyMs: state.busyMs ?? 0,
  meanwhile: [...(state.meanwhile ?? [])],
  isQueued: false,
})

export const createOrders = () => createOrderBook(STATES, makeEntry)

const link = (doctype: string, name: string): string => {
  const path = doctype.toLowerCase().replaceAll(' ', '-')
  return `<a href="https://erp.example/app/${path}/${name}">${name}</a>`
}

const setCanceled = ({ order, onCancel }: Entry): void => {
  Object.assign(order, onCancel, { docstatus: 2, status: 'Cancelled', modified: now() })
}

/** What others do while a cancel is on its way. */
const MEANWHILE: Readonly<Record<string, (entry: Entry) => void>> = {
  edits: ({ order }) => void Object.assign(order, { po_no: `${order['po_no']}*`, modified: now() }),
  cancels: setCanceled,
  // per_picked is written without the time of change.
  picks: ({ order, documents }) => {
    documents.push({ doctype: 'Pick List', docstatus: 1, status: 'Open', name: 'PL-1' })
    Object.assign(order, { per_picked: 100 })
  },
  queues: (entry) => void (entry.isQueued = true),
}

export const happens = (entry: Entry): void => {
  const event = entry.meanwhile.shift()
  if (event) MEANWHILE[event]?.(entry)
}

/** As document.py and sales_order.py check it, one after the other; all of it, or nothing. */
export const cancel = (entry: Entry, modified: string | null, deeds: DeedsBook): void => {
  const { order, documents } = entry
  if (entry.isQueued) {
    entry.isQueued = false
    throw new Raised(
      'DocumentLockedError',
      'This document is currently locked and queued for execution.',
    )
  }
  if (modified !== null && modified !== order.modified)
    throw new Raised('TimestampMismatchError', `Error: ${order.name} has been modified.`)
  if (order.docstatus === 0)
    throw new Raised('DocstatusTransitionError', 'Cannot change docstatus from 0 to 2')
  if (order.docstatus === 2) {
    deeds.canceled(order.name) // A second one counts too: tests notice it.
    throw new Raised('ValidationError', 'Cannot edit cancelled document')
  }
  if (order.status === 'Closed')
    throw new Raised('ValidationError', 'Closed order cannot be cancelled. Unclose to cancel.')
  const draft = documents.find((one) => one.doctype === 'Sales Invoice' && one.docstatus === 0)
  if (draft)
    throw new Raised(
      'ValidationError',
      `Sales Invoice ${link(draft.doctype, draft.name)} must be deleted before cancelling this ` +
        'Sales Order',
    )
  const submitted = documents.find(({ docstatus }) => docstatus === 1)
  if (submitted)
    throw new Raised(
      'LinkExistsError',
      `Cannot delete or cancel because Sales Order ${link('Sales Order', order.name)} is linked ` +
        `with ${submitted.doctype} ${link(submitted.doctype, submitted.name)}`,
    )
  deeds.canceled(order.name)
  setCanceled(entry)
}
