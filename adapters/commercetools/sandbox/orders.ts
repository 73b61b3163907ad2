/** The orders of the imitation: a recorded one, what a state changes on it, what an update does. */
import { z } from 'zod'
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// An order of @labdigital/commercetools-mock 4.4.0, recorded on 2026-11-29 (import-order).
import recorded from './order.json' with { type: 'json' }
// Words of the types of @commercetools/platform-sdk 9.5.0; else an order is as recorded.
import states from './states.json' with { type: 'json' }

interface Custom {
  readonly type: { readonly typeId: 'type'; readonly id: string }
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Order {
  readonly id: string
  version: number
  orderNumber: string
  orderState: string
  lastModifiedAt: string
  custom?: Custom
  state?: { readonly typeId: 'state'; readonly id: string }
  readonly paymentInfo?: { readonly payments: readonly object[] }
  readonly [asRecorded: string]: unknown
}

interface State {
  readonly says: string
  readonly order?: object
  readonly lineItem?: object
  readonly custom?: { readonly type: string; readonly fields: Custom['fields'] }
  /** Whether a delivery was made. */
  readonly delivered?: boolean
  /** What became of its payment, in the currency's smallest part. */
  readonly charged?: number
  readonly authorized?: number
  readonly refunded?: number
  /** What somebody does while an update is on its way, update by update. */
  readonly meanwhile?: readonly string[]
  /** What the merchant's own code does with a cancel. */
  readonly extension?: string
  readonly busyMs?: number
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  order: Order
  readonly payments: readonly object[]
  readonly meanwhile: string[]
  extension: string | null
  readonly busyMs: number
}

/** Those who act there, by the ids of their API clients. */
export type Client = string
const SOMEBODY: Client = 'somebody-else'

const field = (name: string) => ({ name, type: { name: 'String' }, required: false })
/** Types of custom fields, and states of the project's own. */
const TYPES = [
  {
    id: 'type-rescind',
    key: 'rescind',
    fieldDefinitions: [field('cancelReason'), field('channelNote')],
  },
  { id: 'type-gift', key: 'gift', fieldDefinitions: [field('wrapping')] },
]
const OWN_STATES = [
  { id: 'state-packed', key: 'packed', type: 'OrderState' },
  { id: 'state-canceled', key: 'canceled', type: 'OrderState' },
]
type Pointed = { readonly id?: string | undefined; readonly key?: string | undefined }
const pointedTo = <T extends { readonly id: string; readonly key: string }>(
  all: readonly T[],
  { id, key }: Pointed,
): T | undefined => all.find((one) => (id === undefined ? one.key === key : one.id === id))

const transaction = (type: string, centAmount: number | undefined, currencyCode: string) =>
  centAmount === undefined
    ? []
    : [
        {
          id: `transaction-${type}`,
          type,
          state: 'Success',
          amount: { type: 'centPrecision', currencyCode, centAmount, fractionDigits: 2 },
        },
      ]

const paymentsOf = ({ charged, authorized, refunded }: State, currency: string): object[] => {
  const transactions = [
    ...transaction('Authorization', authorized ?? charged, currency),
    ...transaction('Charge', charged, currency),
    ...transaction('Refund', refunded, currency),
  ]
  const digits = currency === 'JPY' ? 0 : 2
  for (const { amount } of transactions) amount.fractionDigits = digits
  return transactions.length === 0 ? [] : [{ id: 'payment', version: 3, transactions }]
}

const makeEntry = (state: State, id: string, ordinal: number): Entry => {
  const copy = structuredClone({ ...recorded, ...state.order })
  const [line] = copy.lineItems
  const payments = paymentsOf(state, copy.totalPrice.currencyCode)
  const type = state.custom && pointedTo(TYPES, { key: state.custom.type })
  const order = {
    shipmentState: 'Pending',
    ...copy,
    id,
    orderNumber: String(10_000 + ordinal),
    lineItems: [{ ...line, ...state.lineItem }],
    ...(state.custom &&
      type && { custom: { type: { typeId: 'type', id: type.id }, fields: state.custom.fields } }),
    ...(payments.length > 0 && {
      paymentInfo: { payments: payments.map(() => ({ typeId: 'payment', id: `payment-${id}` })) },
    }),
    ...(state.delivered && {
      shippingInfo: { shippingMethodName: 'Parcel', deliveries: [{ id: 'delivery-1' }] },
    }),
  } as unknown as Order
  // What a state takes away is not told at all.
  const told = Object.fromEntries(Object.entries(order).filter(([, value]) => value !== null))
  return {
    order: told as unknown as Order,
    payments,
    meanwhile: [...(state.meanwhile ?? [])],
    extension: state.extension ?? null,
    busyMs: state.busyMs ?? 0,
  }
}

export const createOrders = () => createOrderBook(STATES, makeEntry)

/** What an update may not do; with it nothing of the update is done. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: 400 | 404 | 409 | 504
  readonly error: { readonly code: string; readonly message: string }
  constructor(status: Refusal['status'], code: string, message: string, more: object = {}) {
    super(message)
    this.status = status
    this.error = { code, message, ...more }
  }
}

const Pointer = z.strictObject({
  typeId: z.string().optional(),
  id: z.string().optional(),
  key: z.string().optional(),
})
/** The actions that are imitated; others exist there, and are refused here rather than ignored. */
const Action = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('changeOrderState'),
    orderState: z.enum(['Open', 'Confirmed', 'Complete', 'Cancelled']),
  }),
  z.strictObject({ action: z.literal('changeShipmentState'), shipmentState: z.string() }),
  z.strictObject({ action: z.literal('setCustomerEmail'), email: z.string() }),
  z.strictObject({ action: z.literal('setCustomField'), name: z.string(), value: z.unknown() }),
  z.strictObject({
    action: z.literal('setCustomType'),
    type: Pointer,
    fields: z.record(z.string(), z.unknown()).default({}),
  }),
  z.strictObject({ action: z.literal('transitionState'), state: Pointer }),
])
type Action = z.infer<typeof Action>
export const Update = z.strictObject({ version: z.int(), actions: z.array(Action) })
export type Update = z.infer<typeof Update>

const missing = (typeId: string, { key, id }: Pointed) =>
  new Refusal(
    400,
    'ReferencedResourceNotFound',
    `The referenced object of type '${typeId}' with ${key ? 'key' : 'id'} '${key ?? id}' ` +
      'was not found.',
    { typeId, ...(key && { key }) },
  )

const unknownFields = (typeId: string, names: readonly string[]): string[] => {
  const type = pointedTo(TYPES, { id: typeId })
  return names.filter((name) => !type?.fieldDefinitions.some((one) => one.name === name))
}

/** What one action makes of an order. */
const act = (order: Order, action: Action): Partial<Order> => {
  switch (action.action) {
    case 'changeOrderState':
      return { orderState: action.orderState }
    case 'changeShipmentState':
      return { shipmentState: action.shipmentState }
    case 'setCustomerEmail':
      return { customerEmail: action.email }
    case 'setCustomField': {
      const { custom } = order
      if (!custom) throw new Refusal(400, 'InvalidOperation', 'Resource has no custom type')
      if (unknownFields(custom.type.id, [action.name]).length > 0)
        throw new Refusal(400, 'InvalidOperation', `No field '${action.name}' in its type.`)
      return { custom: { ...custom, fields: { ...custom.fields, [action.name]: action.value } } }
    }
    case 'setCustomType': {
      const type = pointedTo(TYPES, action.type)
      if (!type) throw missing('type', action.type)
      if (unknownFields(type.id, Object.keys(action.fields)).length > 0)
        throw new Refusal(400, 'InvalidField', 'A field is not in the type.', { field: 'fields' })
      return { custom: { type: { typeId: 'type', id: type.id }, fields: action.fields } }
    }
    case 'transitionState': {
      const state = pointedTo(OWN_STATES, action.state)
      if (!state) throw missing('state', action.state)
      return { state: { typeId: 'state', id: state.id } }
    }
  }
}

/** The order after these actions, with a version more for each that changed something. */
const updated = (order: Order, actions: readonly Action[], clientId: Client): Order => {
  let [now, version] = [order, order.version]
  for (const action of actions) {
    const next = { ...now, ...act(now, action) }
    if (JSON.stringify(next) !== JSON.stringify(now)) version += 1
    now = next
  }
  if (version === order.version) return order
  const lastModifiedAt = new Date().toISOString()
  return { ...now, version, lastModifiedAt, lastModifiedBy: { clientId, isPlatformClient: false } }
}

const DEEDS: Readonly<Record<string, Action>> = {
  edits: { action: 'setCustomerEmail', email: 'erika@example.com' },
  cancels: { action: 'changeOrderState', orderState: 'Cancelled' },
  ships: { action: 'changeShipmentState', shipmentState: 'Shipped' },
}

const isCancel = (action: Action): boolean =>
  action.action === 'changeOrderState' && action.orderState === 'Cancelled'

/** What the merchant's extension says before anything is stored. */
const askExtension = (entry: Entry): void => {
  const { extension } = entry
  if (extension === 'silent') {
    entry.extension = null
    throw new Refusal(504, 'ExtensionNoResponse', 'Extension did not respond in time.')
  }
  if (extension === 'refuses')
    throw new Refusal(400, 'InvalidOperation', 'Orders of this channel are canceled there.')
}

/** Does all of it, or refuses. */
export const update = (entry: Entry, { version, actions }: Update, client: Client): void => {
  const deed = DEEDS[entry.meanwhile.shift() ?? '']
  if (deed) entry.order = updated(entry.order, [deed], SOMEBODY)
  const { order } = entry
  // As documented; the imitation that is not ours looks at it only where something changes.
  if (version !== order.version) {
    const said =
      `Object ${order.id} has a different version than expected. ` +
      `Expected: ${version} - Actual: ${order.version}.`
    throw new Refusal(409, 'ConcurrentModification', said, { currentVersion: order.version })
  }
  const next = updated(order, actions, client)
  if (next !== order && actions.some(isCancel)) askExtension(entry)
  entry.order = next
}

export const asksToCancel = ({ actions }: Update): boolean => actions.some(isCancel)

/** The order with the objects of the references that were asked for. */
export const shown = ({ order, payments }: Entry, expand: readonly string[]): object => {
  const { custom, state, paymentInfo } = order
  return {
    ...order,
    ...(paymentInfo &&
      expand.includes('paymentInfo.payments[*]') && {
        paymentInfo: {
          payments: paymentInfo.payments.map((one, index) => ({ ...one, obj: payments[index] })),
        },
      }),
    ...(custom &&
      expand.includes('custom.type') && {
        custom: { ...custom, type: { ...custom.type, obj: pointedTo(TYPES, custom.type) } },
      }),
    ...(state &&
      expand.includes('state') && { state: { ...state, obj: pointedTo(OWN_STATES, state) } }),
  }
}
