/**
 * The document's examples: values of fields, of which whole answers are made, and how each
 * operation is asked for with the client. Tests run every one.
 */
import type { CancelRequest } from '../../model/request.ts'

export const CANCELLATION = 'can_01KAK3J0X5T9V2W8Q6N4M7R1ZB'
export const BATCH = 'bat_01KAK3J0X5T9V2W8Q6N4M7R1ZB'
const AT = '2026-11-21T12:00:00.000Z'
const STORE = 'sandbox-medusa'
const ORDER = 'order_open'
const REASON = 'Wrong quantity ordered'

const request = { store: STORE, orderId: ORDER, reason: REASON, reasonCode: 'customer' } as const
const members = [
  { store: STORE, orderId: ORDER, stage: 1 },
  { store: 'sandbox-vendure', orderId: 'paid', stage: 2 },
] as const
const usd = (amount: string) => ({ amount, currency: 'USD' })
/** The order as the sandbox has it. */
const open = {
  id: ORDER,
  number: '1',
  status: 'open',
  paymentStatus: 'authorized',
  fulfillmentStatus: 'unfulfilled',
  currency: 'USD',
  totals: {
    subtotal: usd('39.98'),
    discount: usd('0.00'),
    shipping: usd('7.50'),
    tax: usd('3.9171'),
    total: usd('51.3971'),
    paid: usd('0.00'),
    refunded: usd('0.00'),
  },
  customer: {
    id: 'cus_01M7ZRFWA0Q1TY1Q91CDB6W76B',
    email: 'ada@sandbox.test',
    name: 'Ada Lovelace',
    phone: '+15125550100',
  },
  lines: [
    {
      id: 'ordli_01M7ZRKZH0AWB98TXNCKWV761C',
      title: 'Lab mug',
      sku: 'LAB-MUG-M',
      productId: 'prod_01M7ZRFV1083KECXXT5BS2MT5Z',
      variantId: 'variant_01M7ZRFV89N3DBQCSGDSYH4WJ7',
      quantity: 2,
      unitPrice: usd('19.99'),
      total: usd('43.27835'),
    },
  ],
  reason: null,
  canceledAt: null,
  createdAt: AT,
  updatedAt: AT,
  native: { status: 'pending', paymentStatus: 'authorized', fulfillmentStatus: 'not_fulfilled' },
  readAt: AT,
}
const canceled = {
  ...open,
  status: 'canceled',
  paymentStatus: 'voided',
  customer: null,
  reason: REASON,
  canceledAt: AT,
  native: { ...open.native, status: 'canceled', paymentStatus: 'canceled' },
}

const nobody = { asked: null, honored: null, outcome: 'withheld', basis: 'documented' }
const kept = { asked: true, honored: true, outcome: 'applied', basis: 'confirmed' }
const effects = {
  order: kept,
  reason: { ...kept, detail: 'Kept in the order’s metadata as cancel_reason.' },
  notify: { ...nobody, detail: 'Medusa emits an event and sends no mail by itself.' },
  message: nobody,
  restock: {
    ...kept,
    basis: 'documented',
    detail: 'Medusa releases the order’s reservations.',
  },
  payment: {
    asked: null,
    honored: null,
    outcome: 'automatic',
    basis: 'confirmed',
    amount: usd('51.3971'),
    detail: 'The authorization was voided by Medusa.',
  },
}
const documented = { basis: 'documented' }

/** Of the entry of the audit log. */
const HASH = 'b2e27ea7cbb804bab1f170bc1765c8304ee74d7ee15f1d188538d4c2263b92c1'

const SOURCE = 'recorded on Medusa 2.21.2, 2026-11-21'
const can = (word: string) => ({ can: word, source: SOURCE })

/**
 * By `operation`, `Shape`, `Shape.field`, `field.part` or `operation.parameter`; else by the name
 * alone.
 */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  CancelRequest: {
    ...request,
    restock: true,
    reference: 'SO-4711',
  } satisfies Partial<CancelRequest>,
  ItemDefaults: { store: STORE, reason: 'Recalled by its maker', reasonCode: 'inventory' },
  BatchRequest: {
    defaults: { store: STORE, reason: 'Recalled by its maker', reasonCode: 'inventory' },
    items: [{ orderId: 'order_authorized' }, { orderId: 'order_draft', reference: 'SO-4712' }],
  },
  LinkRequest: { members, follow: 'tell' },
  ResolveRequest: { as: 'not_canceled', note: 'It is open in the admin, and the money is there.' },
  ApproveRequest: { note: 'The buyer called: it was ordered twice.' },
  DeclineRequest: { note: 'The buyer wants it after all.' },
  RequestedBy: { caller: 'local', key: null },
  Order: canceled,
  getOrder: open,
  'Preview.order': open,
  Effects: effects,
  'Preview.effects': {
    ...effects,
    order: { ...kept, ...documented },
    reason: {
      ...kept,
      ...documented,
      detail: 'Kept in the order’s metadata, written before the cancel; there is no field for it.',
    },
    payment: { ...effects.payment, ...documented, detail: 'Medusa voids the authorization.' },
  },
  AuditEntry: {
    chain: 'gateway',
    seq: 1,
    at: AT,
    by: { caller: 'local', key: null },
    via: 'api',
    action: 'cancellation.asked',
    store: STORE,
    subject: { order: ORDER, cancellation: CANCELLATION },
    outcome: 'done',
    requestId: '0f8fad5b-d9cb-469f-a165-70867728950e',
    previous: '0'.repeat(64),
    hash: HASH,
  },
  AuditHead: { chain: 'gateway', first: 1, seq: 1, hash: HASH },
  ErasureRequest: { store: STORE, orderIds: [ORDER] },
  Erasure: { records: 1, rows: 0, deliveries: 0, links: 0, keys: 1 },
  Capabilities: {
    order: can('choose'),
    reason: { ...can('choose'), buyerVisible: 'no' },
    notify: can('never'),
    message: can('never'),
    restock: can('always'),
    payment: can('always'),
    transfer: can('choose'),
  },
  'Problem.errors': [{ pointer: '/orderId', detail: 'is required' }],

  id: CANCELLATION,
  name: 'SO-4711',
  store: STORE,
  platform: 'medusa',
  orderId: ORDER,
  reference: 'SO-4711',
  reason: REASON,
  reasonCode: 'customer',
  number: '1',
  stage: 1,
  revision: 1,
  status: 'succeeded',
  final: true,
  cancelable: true,
  message: null,
  notify: null,
  refund: null,
  restock: true,
  via: 'reply',
  problem: null,
  link: null,
  causedBy: null,
  waitingFor: null,
  approval: null,
  reopenedAt: null,
  batchId: null,
  nextCursor: null,
  pointer: '/orderId',
  detail: 'is required',
  source: SOURCE,
  perSecond: 10,
  burst: 20,
  settleMs: 180_000,
  limit: 25,
  code: 'order-not-cancelable',
  token: 'YOUR-TOKEN',

  'LinkMark.status': 'canceled',
  'attempts.call': `POST /admin/orders/${ORDER}/cancel`,
  'attempts.result': '200',
  'attempts.ms': 412,
  'Delivery.name': 'orders',
  'Problem.title': 'The order cannot be canceled',
  'Problem.status': 409,
  'Problem.detail': 'The order has a fulfillment; Medusa cancels only once all are canceled.',
  'Problem.code': 'order-not-cancelable',
  'Problem.acted': 'no',
  'ProblemPage.type': '/problems/order-not-cancelable',
  'ProblemPage.title': 'The order cannot be canceled',
  'ProblemPage.status': 409,
  'ProblemPage.about': 'The order’s state forbids it; `cause` says why.',
  'Batch.id': BATCH,
  'Batch.status': 'running',
  'Batch.total': 2,
  'Batch.finishedAt': null,
  'Batch.remainingSeconds': 1,
  'counts.accepted': 2,
  'BatchItem.row': 1,
  'BatchItem.cancellation': `/v1/cancellations/${CANCELLATION}`,
  'Webhook.name': 'orders',
  'Webhook.url': 'https://erp.example/hooks/rescind',
  'Webhook.enabled': true,
  'Webhook.oldestPendingAt': null,
  'Webhook.failingSince': null,
  'WebhookTest.delivered': true,
  'WebhookReplay.owed': 3,
  'ReplayRequest.until': '2026-11-21T13:00:00Z',
  'Link.status': 'open',
  'members.canceled': false,
  'members.cancellation': null,
  'Store.id': STORE,
  'Store.test': true,
  'links.platform': '/v1/platforms/medusa',
  'repeat.effect': 'refused',
  'Platform.id': 'medusa',
  'Platform.name': 'Medusa',
  'sweep.can': 'yes',
  'getHealth.status': 'ok',
  'getReadiness.status': 'ready',
  'testWebhook.name': 'orders',
  'enableWebhook.name': 'orders',
  'replayWebhook.name': 'orders',
  'listCancellations.status': 'needs_attention',
  'listCancellations.store': STORE,
  'listCancellations.approval': 'awaited',
  'listAudit.chain': 'gateway',
  'listLinks.status': 'diverged',
  'getBatch.id': BATCH,
  'listBatchItems.id': BATCH,
  'listBatchItems.status': 'rejected',
  'pauseBatch.id': BATCH,
  'resumeBatch.id': BATCH,
  'stopBatch.id': BATCH,
}

/** What of a query the example says beside what it must. */
export const QUERIES: Readonly<Record<string, readonly string[]>> = {
  listCancellations: ['store', 'status'],
  listBatchItems: ['status'],
  listLinks: ['status'],
}

/** A platform's own notices are signed by the platform. */
const NOTICE = `-d '${JSON.stringify({ type: 'order.canceled', data: { orderId: ORDER } })}'`
/** What a line for curl says beside what the document asks for. */
export const CURL: Readonly<Record<string, readonly string[]>> = {
  cancel: [`-H 'Idempotency-Key: "9f1c2c1e-7b1d-4b57-9b8e-0c1f6a3d2e10"'`],
  createBatch: [`-H 'Idempotency-Key: "recall-2026-11"'`],
  receiveNotice: [
    '-H "webhook-id: $ID"',
    '-H "webhook-timestamp: $TIMESTAMP"',
    '-H "webhook-signature: $SIGNATURE"',
    NOTICE,
  ],
  receiveUnsignedNotice: [NOTICE],
  getProblem: ["-H 'Accept: application/json'"],
}

/** By operation: the call of the client, to whom its request is given as `$`. */
export const CLIENT: Readonly<Record<string, string>> = {
  cancel: 'const canceled = await rescind.cancel($)',
  preview: 'const { cancelable, effects, problem } = await rescind.preview($)',
  listCancellations:
    `for await (const { id, problem } of rescind.each({ store: '${STORE}', ` +
    "status: 'needs_attention' }))\n  console.log(id, problem?.detail)",
  getCancellation: `const record = await rescind.get('${CANCELLATION}', { waitMs: 20_000 })`,
  withdraw: `const withdrawn = await rescind.withdraw('${CANCELLATION}')`,
  resolve: `const resolved = await rescind.resolve('${CANCELLATION}', $)`,
  approve: `const approved = await rescind.approve('${CANCELLATION}', $)`,
  decline: `const declined = await rescind.decline('${CANCELLATION}', $)`,
  createBatch:
    'const { defaults, items } = $\n' +
    'const batch = await rescind.batches.create(items, { defaults })',
  listBatches: 'const { data, nextCursor } = await rescind.batches.list({ limit: 25 })',
  getBatch: `const { counts, remainingSeconds } = await rescind.batches.get('${BATCH}')`,
  listBatchItems:
    `for await (const { row, problem } of rescind.batches.eachItem('${BATCH}', ` +
    "{ status: 'rejected' }))\n  console.log(row, problem?.detail)",
  pauseBatch: `await rescind.batches.pause('${BATCH}')`,
  resumeBatch: `await rescind.batches.resume('${BATCH}')`,
  stopBatch: `await rescind.batches.stop('${BATCH}')`,
  listWebhooks: 'const webhooks = await rescind.webhooks.list()',
  testWebhook: "const { delivered, result } = await rescind.webhooks.test('orders')",
  enableWebhook: "await rescind.webhooks.enable('orders')",
  replayWebhook: "const owed = await rescind.webhooks.replay('orders', $)",
  putLink: "const link = await rescind.links.put('SO-4711', $)",
  getLink: "const { status, members } = await rescind.links.get('SO-4711')",
  deleteLink: "await rescind.links.delete('SO-4711')",
  listLinks:
    "for await (const { name } of rescind.links.each({ status: 'diverged' }))\n" +
    '  console.log(name)',
  listStores: 'const stores = await rescind.stores()',
  getStore: `const { health, notices } = await rescind.store('${STORE}')`,
  sweepStore: `await rescind.sweep('${STORE}', $)`,
  findOrders: `const orders = await rescind.findOrders('${STORE}', '1')`,
  getOrder: `const order = await rescind.order('${STORE}', '${ORDER}')`,
  listAudit: "const { data, nextCursor } = await rescind.audit.list({ chain: 'gateway' })",
  getAuditHeads: 'const heads = await rescind.audit.heads()',
  exportAudit:
    'for await (const entry of rescind.audit.each())\n  console.log(JSON.stringify(entry))',
  erase: 'const { store, orderIds } = $\nconst { records } = await rescind.erase(store, orderIds)',
  listPlatforms: 'const platforms = await rescind.platforms()',
  getPlatform:
    'const platforms = await rescind.platforms()\n' +
    "const medusa = platforms.find(({ id }) => id === 'medusa')",
}
