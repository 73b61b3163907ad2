/**
 * The adapter of the made-up platform, with every optional part of an adapter to be switched on.
 */
import { z } from 'zod'
import {
  type Adapter,
  type Capabilities,
  type Capability,
  common,
  defineAdapter,
  type CancelOperation,
  type Facts,
  type Look,
  type Repeat,
  type Running,
  money,
  type Order,
  path,
  reasonText,
  sameText,
  secret,
  standardNotices,
  type Sweep,
} from '../../src/adapter/index.ts'
import { INPUTS } from '../../src/model/capability.ts'
import type { Thing } from './platform.ts'

const Settings = z.strictObject({ ...common, baseUrl: common.baseUrl.unwrap(), key: secret() })
type Settings = z.infer<typeof Settings>

const Reply = z.object({ id: z.string() }).loose() as unknown as z.ZodType<Thing>
const Nothing = z.unknown()

interface OrderLook extends Look {
  readonly found: Thing
}
type CancelOrder = CancelOperation<Settings, OrderLook>

export interface Toy {
  readonly repeat?: Repeat['effect']
  /** When a reason is written: not at all, before the cancel (and taken back), or after it. */
  readonly reason?: 'before' | 'after' | undefined
  /** Whether what was written before can be taken back. Default true. */
  readonly undo?: boolean
  /**
   * What the reply proves by itself: nothing, the order as it is there, or that nothing is done.
   */
  readonly proof?: 'order' | 'nothing done'
  /** The cancel's reply tells of a job, which looks ask for. */
  readonly jobs?: boolean
  /** It may refuse with 200. */
  readonly refusesWith200?: boolean
  /** The cancel's reply may be empty. */
  readonly mute?: boolean
  /** The case of an order's id means nothing there; ids that begin with “no-” are none. */
  readonly folds?: boolean
  /** The cancel itself carries the reason. */
  readonly carries?: boolean
  /** Orders share their fate with their purchase. */
  readonly purchases?: boolean
  readonly transfers?: boolean
  readonly search?: boolean
  /** Whether what changed is listed, and whether in the order of change. */
  readonly sweep?: 'in order' | 'in any order'
  readonly mayReopen?: 'yes' | 'no'
  readonly facts?: boolean
  /** The order shows the reason that a note of it holds. */
  readonly showsReason?: boolean
  readonly expect?: Partial<Facts>
  /** What looks say of money that the order alone does not show. */
  readonly money?: 'moved' | 'unseen'
  /** What looks after a cancel say that it changed, though the order is open. */
  readonly changed?: string
  readonly can?: Partial<Record<keyof Capabilities, Capability['can']>>
  readonly settleMs?: number
  /** Where its admin shows every order. */
  readonly adminUrl?: string
}

const toOrder = (thing: Thing): Order => ({
  id: thing.id,
  number: thing.number,
  status: thing.state,
  paymentStatus:
    thing.refunded >= thing.paid ? 'refunded' : thing.refunded > 0 ? 'partially_refunded' : 'paid',
  fulfillmentStatus: thing.shipped ? 'shipped' : 'unfulfilled',
  currency: 'USD',
  totals: {
    subtotal: null,
    discount: null,
    shipping: null,
    tax: null,
    total: money(thing.paid, 'USD'),
    paid: money(thing.paid, 'USD'),
    refunded: money(thing.refunded, 'USD'),
  },
  customer: { id: 'cus_1', email: 'ada@example.com', name: 'Ada', phone: null },
  lines: [],
  reason: thing.note,
  canceledAt: thing.canceledAt,
  createdAt: null,
  updatedAt: null,
  native: { status: thing.state, paymentStatus: null, fulfillmentStatus: null },
  readAt: '2026-11-21T12:00:00.000Z',
})

/** What the platform says of a job that the record remembers. */
const jobOf = ({ job, id }: Thing, running: unknown): Pick<Look, 'running' | 'failed'> => {
  if (running !== `job of ${id}`) return {}
  if (job === 'running') return { running: RUNNING(id) }
  return job === 'failed'
    ? { failed: { cause: 'fulfilled', detail: 'The job failed.', code: 'SHIPPED' } }
    : {}
}
const RUNNING = (id: string): Running => ({
  memo: `job of ${id}`,
  lookInMs: 2_000,
  says: '200, at work',
})

/** What a look at it finds. */
const seen = (options: Toy, thing: Thing, past: unknown = null) => ({
  order: toOrder(thing),
  done: thing.state === 'canceled',
  found: thing,
  raw: thing,
  obstacle: thing.shipped ? ({ cause: 'fulfilled', detail: 'It is on its way.' } as const) : null,
  memo: past ?? { note: thing.note },
  ...(options.expect && { expect: options.expect }),
  ...(options.money && { money: options.money }),
  ...(options.changed && past !== null && { changed: options.changed }),
})

const write = (
  connection: Parameters<CancelOperation<Settings>['look']>[0],
  id: string,
  note: string | null,
) =>
  connection.send({
    method: 'PUT',
    path: path`/orders/${id}/note`,
    body: { note },
    reply: Nothing,
  })

/** How a reason is written, where it is: before the cancel, or after it. */
const reasonOf = (options: Toy): Partial<CancelOrder> => ({
  ...(options.reason === 'before' &&
    ({
      prepare: async (connection, { request }) =>
        void (await write(connection, request.orderId, reasonText(request))),
      ...(options.undo !== false && {
        undo: async (connection, { request, memo }) =>
          void (await write(connection, request.orderId, (memo as { note: string | null }).note)),
      }),
    } satisfies Partial<CancelOrder>)),
  ...(options.reason === 'after' &&
    ({
      async after(connection, { request }) {
        const text = reasonText(request)
        if (text === null) return {}
        await connection.send({
          method: 'POST',
          path: path`/orders/${request.orderId}/activity`,
          body: { text },
          reply: Nothing,
        })
        return { reason: { done: 'yes', basis: 'reported', detail: 'Kept as an activity.' } }
      },
    } satisfies Partial<CancelOrder>)),
})

const facts: NonNullable<CancelOrder['facts']> = ({ before, look, reply }) => {
  const moved = look.found.refunded - Number(before.totals.refunded?.amount)
  const amount = money(moved, 'USD')
  return {
    payment:
      moved > 0 && amount
        ? { done: 'yes', basis: 'confirmed', amount, detail: 'Refunded.' }
        : { done: 'no', basis: 'confirmed' },
    ...(reply !== null && {
      restock: { done: look.found.restocked ? 'yes' : 'no', basis: 'reported' },
    }),
  }
}

const orderOf = (options: Toy): CancelOrder => ({
  async look(connection, id, { memo, running }) {
    const thing = await connection.send({ method: 'GET', path: path`/orders/${id}`, reply: Reply })
    return { ...seen(options, thing, memo), ...(options.jobs && jobOf(thing, running)) }
  },
  ...reasonOf(options),
  cancel: ({ request, before, memo }) => ({
    method: 'POST',
    path: path`/orders/${request.orderId}/cancel`,
    reply: options.mute ? Nothing : Reply,
    body: {
      notify: request.notify ?? false,
      restock: request.restock ?? false,
      before: before.fulfillmentStatus,
      memo,
      ...(options.carries && { reason: reasonText(request) }),
    },
  }),
  ...(options.proof &&
    ({
      read: (_, reply) =>
        options.proof === 'order'
          ? seen(options, reply as Thing)
          : { ...seen(options, reply as Thing), done: false },
    } satisfies Partial<CancelOrder>)),
  ...(options.jobs &&
    ({
      read: (_, reply) =>
        (reply as Thing).job === 'running' ? { running: RUNNING((reply as Thing).id) } : null,
    } satisfies Partial<CancelOrder>)),
  says: (_, reply) =>
    options.proof !== 'nothing done' && (reply as Partial<Thing> | null)?.state !== 'open',
  ...(options.facts !== false && {
    facts: (happened) => ({
      ...facts(happened),
      ...(options.showsReason &&
        sameText(happened.look.order.reason, reasonText(happened.request)) && {
          reason: { done: 'yes', basis: 'confirmed' },
        }),
    }),
  }),
})

const transfer: CancelOperation<Settings> = {
  async look(connection, id, { sent, memo }) {
    const thing = await connection.send({
      method: 'GET',
      path: path`/orders/${id}`,
      reply: Reply,
    })
    const meant = (memo as { transfer?: string } | null)?.transfer
    return {
      order: toOrder(thing),
      raw: thing,
      done: sent && meant !== undefined && thing.transfer !== meant,
      obstacle:
        thing.transfer === null
          ? { cause: 'nothing_pending', detail: 'No transfer is pending.' }
          : null,
      ...(thing.transfer !== null && { memo: { transfer: thing.transfer } }),
    }
  },
  cancel: ({ request, byCustomer }) => ({
    method: 'POST',
    path: path`/orders/${request.orderId}/transfer/cancel`,
    as: byCustomer ? 'customer' : 'admin',
    reply: Reply,
  }),
}

const ERRORS: Adapter<Settings>['errors'] = [
  { status: 401, means: 'credentials', source: 'manual' },
  { status: 404, code: 'not_found', means: 'order_not_found', source: 'manual' },
  { status: 409, code: 'already_canceled', means: 'already_canceled', source: 'manual' },
  { status: 409, code: 'shipped', means: 'fulfilled', source: 'manual' },
  { status: 422, code: 'reason', means: 'reason_refused', source: 'manual' },
  { status: 403, code: 'blank', means: 'credentials_perhaps', source: 'manual' },
  { status: 409, code: 'unpaid', means: 'payment_pending', source: 'manual' },
  { status: 409, code: 'no_transfer', means: 'nothing_pending', source: 'manual' },
  { status: 429, means: 'not_processed', source: 'manual' },
  { status: 503, code: 'busy', means: 'not_processed', source: 'manual' },
]

const ERRORS_WITH_200: Adapter<Settings>['errors'] = [
  { status: 200, code: 'not_found', means: 'order_not_found', source: 'manual' },
  { status: 200, code: 'shipped', means: 'fulfilled', source: 'manual' },
]

/** Two orders a page. */
const sweepOf = (kind: NonNullable<Toy['sweep']>): Sweep<Settings> => ({
  async changed(connection, { since, until, cursor }) {
    const { orders, next } = await connection.send({
      method: 'GET',
      path: path`/orders/`,
      query: { since: String(since), until: String(until), cursor: cursor ?? '0' },
      reply: z.object({ orders: z.array(Reply), next: z.string().nullable() }),
    })
    return {
      orders: orders.map(({ id, state, changedAt }) => ({
        id,
        canceled: state === 'canceled',
        changedAt,
      })),
      next,
    }
  },
  inOrder: kind === 'in order',
  overlapMs: 120_000,
  source: 'the toy’s manual',
})

export const toy = (options: Toy = {}): Adapter<any> =>
  defineAdapter<Settings>({
    id: 'toy',
    name: 'Toy',
    docs: 'https://toy.example/cancel',
    settings: Settings,
    baseUrl: ({ baseUrl }) => baseUrl,
    ...(options.folds && {
      canonicalId: (id: string) =>
        id.startsWith('no-') ? null : id.replace(/^gid:\/\/toy\/Order\//, '').toLowerCase(),
    }),
    authorize: async ({ settings, customerToken }, as) =>
      as === 'customer' ? { 'x-customer': customerToken ?? '' } : { 'x-key': settings.key },
    capabilities: Object.fromEntries(
      INPUTS.map((name) => [
        name,
        { can: options.can?.[name] ?? 'choose', source: 'the toy’s manual' },
      ]),
    ) as Capabilities,
    repeat: { effect: options.repeat ?? 'refused', source: 'the toy’s manual' },
    errors: options.refusesWith200 ? [...ERRORS_WITH_200, ...ERRORS] : ERRORS,
    readError: (body) => {
      const { code = null, message = null } = body as { code?: string; message?: string }
      return { code, message }
    },
    pace: { perSecond: 100, burst: 100, source: 'manual' },
    settleMs: options.settleMs ?? 60_000,
    ...(options.adminUrl !== undefined && { adminUrl: () => options.adminUrl ?? null }),
    ...(options.purchases &&
      ({
        lockKey: async (connection, id) =>
          (
            await connection.send({
              method: 'GET',
              path: path`/orders/${id}/purchase`,
              reply: z.object({ purchase: z.string() }),
            })
          ).purchase,
      } satisfies Partial<Adapter<Settings>>)),
    order: orderOf(options),
    ...(options.transfers !== false && { transfer }),
    notices: standardNotices('the toy’s manual'),
    ...(options.mayReopen && { mayReopen: { can: options.mayReopen, source: 'manual' } }),
    ...(options.sweep && { sweep: sweepOf(options.sweep) }),
    ...(options.search !== false &&
      ({
        find: async (connection, number) => ({
          orders: (
            await connection.send({
              method: 'GET',
              path: path`/orders/`,
              query: { number },
              reply: z.array(Reply),
            })
          ).map(toOrder),
          complete: true,
        }),
      } satisfies Partial<Adapter<Settings>>)),
  })
