/**
 * Tryton 6.0 with its module `sale`: cancels sales over JSON-RPC, each bound to the sale as it was
 * looked at. Measured on a real server, 6.0.29 (November 2026).
 */
import {
  type Call,
  CallFailure,
  type CancelOperation,
  type Connection,
  defineAdapter,
  type Fact,
  failureOf,
  type Look,
  type Platform,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { authorize, type RpcContext, contextOf, rpc, Settings } from './access.ts'
import { errors, LAB, SOURCE } from './errors.ts'
import { isCanceled, obstacle, toOrder } from './map.ts'
import { notices } from './notices.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

const DOCS = 'https://docs.tryton.org/projects/modules-sale/en/6.0/'

/** An id as the server has it: a number, but for the words of the imitation's orders. */
const isNumber = (orderId: string): boolean => /^\d+$/.test(orderId)
const native = (orderId: string): number | string => (isNumber(orderId) ? Number(orderId) : orderId)

/** How other records point to a sale. */
const pointerTo = (orderId: string): string => `sale.sale,${orderId}`

/** The largest id: a PostgreSQL integer. */
const LARGEST = 2_147_483_647
const WORD = /^[a-z]+(?:[-_][a-z\d]+)*$/

const canonicalId = (orderId: string): string | null => {
  if (WORD.test(orderId)) return orderId
  const id = isNumber(orderId) ? Number(orderId) : 0
  return id >= 1 && id <= LARGEST ? String(id) : null
}

/** `read` fails for an id that is not there, `search_read` finds none (recorded: unknown-id). */
const search = (
  { settings }: Connection<Settings>,
  domain: readonly unknown[],
  limit: number,
  context: RpcContext,
): Call<wire.Sale[]> =>
  rpc(
    settings,
    'model.sale.sale.search_read',
    [domain, 0, limit, [['id', 'DESC']], wire.FIELDS, context],
    wire.SalesReply,
  )

/** A server fails on a word in the place of an id: there is no such order, whatever it says. */
const isNoId = (orderId: string, error: unknown): boolean =>
  !isNumber(orderId) && error instanceof CallFailure && error.failure.result === wire.NAMELESS

const readSale = async (
  connection: Connection<Settings>,
  orderId: string,
  context: RpcContext,
): Promise<wire.Sale> => {
  try {
    const [sale] = await connection.send({
      ...search(connection, [['id', '=', native(orderId)]], 1, context),
      about: { orderId, ids: (sales: wire.Sale[]) => sales.map(({ id }) => id) },
    })
    if (sale) return sale
  } catch (error) {
    if (!isNoId(orderId, error)) throw error
  }
  throw failureOf('order_not_found', '200 no sale')
}

/** What a cancel is bound to and sent with. */
interface Found {
  readonly timestamp: string
  readonly context: RpcContext
}
interface SaleLook extends Look {
  readonly found: Found
}

const NOTE: Omit<Fact, 'basis'> = {
  done: 'yes',
  detail: 'Kept as a note of the sale, written after the cancel.',
}
/** So many notes of one sale are looked through, the newest first. */
const MOST_NOTES = 100

/** Whether the sale has this note: one that an earlier try wrote is not written again. */
const isNoted = async (
  connection: Connection<Settings>,
  orderId: string,
  text: string,
  context: RpcContext,
): Promise<boolean> => {
  const pointer = pointerTo(orderId)
  const notes = await connection.send(
    rpc(
      connection.settings,
      'model.ir.note.search_read',
      [
        [['resource', '=', pointer]],
        0,
        MOST_NOTES,
        [['id', 'DESC']],
        ['resource', 'message'],
        context,
      ],
      wire.NotesReply,
    ),
  )
  return notes.some(({ resource, message }) => resource === pointer && sameText(message, text))
}

const order: CancelOperation<Settings, SaleLook> = {
  async look(connection, orderId) {
    const context = await contextOf(connection)
    const sale = await readSale(connection, orderId, context)
    return {
      order: toOrder(sale),
      done: isCanceled(sale),
      obstacle: obstacle(sale),
      found: { timestamp: sale._timestamp, context },
      raw: sale,
    }
  },
  cancel({ settings, request: { orderId }, found }) {
    const { timestamp, context } = found as Found
    // Changed since the look: ConcurrencyException, and nothing is done (recorded:
    // cancel-if-unchanged).
    const bound = { ...context, _timestamp: { [pointerTo(orderId)]: timestamp } }
    return rpc<unknown>(
      settings,
      'model.sale.sale.cancel',
      [[native(orderId)], bound],
      wire.CancelReply,
    )
  },
  // It says the same where the sale was passed over (recorded: cancel-processing-silent).
  says: () => false,
  // Notes are written in every state (recorded: note), so none is left where the cancel was not.
  async after(connection, { request, look: { found } }) {
    const text = reasonText(request)
    if (text === null) return {}
    const { orderId } = request
    const { context } = found
    if (await isNoted(connection, orderId, text, context))
      return { reason: { ...NOTE, basis: 'confirmed' } }
    const note = { resource: pointerTo(orderId), message: text }
    await connection.send(
      rpc(connection.settings, 'model.ir.note.create', [[note], context], wire.NotedReply),
    )
    return { reason: { ...NOTE, basis: 'reported' } }
  },
}

/** More sales of one number than these are not looked through. */
const MOST_FOUND = 20

export const tryton = defineAdapter<Settings>({
  id: 'tryton',
  name: 'Tryton',
  kind: 'erp',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  merchant: ({ database }) => database,
  canonicalId,
  authorize,
  capabilities: {
    order: {
      can: 'choose',
      note: 'Drafts and quotations only; every other sale is passed over without a word.',
      source: `${LAB}: cancel-draft, cancel-quotation, cancel-processing-silent`,
    },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note: 'Kept as a note of the sale, written after the cancel.',
      source: `${LAB}: note`,
    },
    notify: {
      can: 'never',
      note: 'The module sale sends no mail.',
      source: `${SOURCE}, modules/sale 6.0.10: it has no template of a mail`,
    },
    message: {
      can: 'never',
      note: 'There is no mail to carry it.',
      source: `${SOURCE}, modules/sale 6.0.10: it has no template of a mail`,
    },
    restock: {
      can: 'never',
      note: 'Nothing is put back: as a draft or a quotation it reserves no goods.',
      source: `${SOURCE}, modules/sale 6.0.10: moves of stock are made in processing`,
    },
    payment: {
      can: 'never',
      note: 'As a draft or a quotation it has no invoice, and so no payment.',
      source: `${LAB}: cancel-draft, cancel-quotation: invoice_state none`,
    },
    transfer: { can: 'never', source: `${SOURCE}, modules/sale 6.0.10: there are no transfers` },
  },
  repeat: {
    effect: 'harmless',
    source: `${LAB}: cancel-twice; a second cancel changes nothing, not even the time of change`,
  },
  errors,
  // Errors outside 2xx are pages, or empty (recorded: errors-auth).
  readError: () => ({ code: null, message: null }),
  pace: { perSecond: 10, burst: 20, source: 'self-hosted, no limit of its own; our default' },
  // The server goes on after the client has left, without a limit. Recorded cancels took half a
  // second at most; this is room for a lock in its database.
  settleMs: 30_000,
  // One server has several databases, and each counts its sales from 1.
  lockKey: async ({ settings: { database } }, orderId) => `${database} ${orderId}`,
  order,
  notices,
  sweep,
  mayReopen,
  /** By the sale's number, or by its reference, which several may share (find-by-reference). */
  async find(connection, number) {
    const context = await contextOf(connection)
    const domain = ['OR', ['number', '=', number], ['reference', '=', number]]
    const sales = await connection.send(search(connection, domain, MOST_FOUND + 1, context))
    const found = sales.filter(
      (sale) => sameText(sale.number, number) || sameText(sale.reference, number),
    )
    return {
      orders: found.slice(0, MOST_FOUND).map(toOrder),
      complete: sales.length <= MOST_FOUND && found.length === sales.length,
    }
  },
})

export default {
  adapter: tryton,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
