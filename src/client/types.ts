/**
 * What the gateway takes and answers; printed from its routes by npm run openapi.
 * Longer than 400 lines because every shape of the document is in it.
 */

export interface Money {
  /** Decimal string in major units; the platform’s precision, never rounded. */
  amount: string
  /** ISO 4217 */
  currency: string
}

export interface Customer {
  id: string | null
  email: string | null
  name: string | null
  phone: string | null
}

/** The canonical order. What a platform does not tell is null, never guessed. */
export interface Order {
  id: string
  /** The number people see. */
  number: string | null
  status: 'pending' | 'open' | 'completed' | 'canceled' | 'draft' | 'on_hold' | 'failed' | 'unknown'
  paymentStatus:
    | 'unpaid' | 'pending' | 'authorized' | 'partially_paid' | 'paid' | 'partially_refunded'
    | 'refunded' | 'refund_pending' | 'refund_failed' | 'voided' | 'failed' | 'unknown'
  fulfillmentStatus:
    | 'unfulfilled' | 'partially_fulfilled' | 'fulfilled' | 'shipped' | 'delivered'
    | 'partially_returned' | 'returned' | 'canceled' | 'not_required' | 'unknown'
  currency: string | null
  totals: Totals
  customer: Customer | null
  /** null where the platform did not tell them. */
  lines: Line[] | null
  reason: string | null
  canceledAt: string | null
  createdAt: string | null
  updatedAt: string | null
  /** The platform’s own words. */
  native: {
    status: string | null
    paymentStatus: string | null
    fulfillmentStatus: string | null
  }
  /** When this was read from the platform. */
  readAt: string
  /** Where the merchant finds it in the platform’s own admin, where that is known. */
  adminUrl?: string | undefined
}

export interface Totals {
  subtotal: Money | null
  discount: Money | null
  shipping: Money | null
  tax: Money | null
  /** What was ordered, also after a refund. */
  total: {
    /** Decimal string in major units; the platform’s precision, never rounded. */
    amount: string
    /** ISO 4217 */
    currency: string
  } | null
  paid: Money | null
  refunded: Money | null
}

export interface Line {
  id: string | null
  title: string | null
  sku: string | null
  productId: string | null
  variantId: string | null
  quantity: number | null
  unitPrice: Money | null
  total: Money | null
}

/** RFC 9457 application/problem+json */
export interface Problem {
  /** Resolves to a page that explains it. */
  type: string
  title: string
  status: number
  detail: string
  instance?: string | undefined
  code:
    | 'invalid-request' | 'unauthenticated' | 'forbidden' | 'not-found' | 'store-not-found'
    | 'order-not-found' | 'cancellation-not-found' | 'webhook-not-found' | 'link-not-found'
    | 'method-not-allowed' | 'order-not-cancelable' | 'cancellation-conflict' | 'linked-diverged'
    | 'already-linked' | 'needs-attention' | 'not-withdrawable' | 'too-large'
    | 'unsupported-media-type' | 'idempotency-key-reused' | 'invalid-items' | 'unsupported'
    | 'rate-limited' | 'internal' | 'platform-credentials' | 'platform-unavailable'
    | 'platform-throttled' | 'ledger-unavailable'
  retryable: boolean
  /** Whether anything changed at the platform. */
  acted: 'yes' | 'no' | 'unknown'
  cause?:
    | 'fulfilled' | 'completed' | 'payment_pending' | 'payment_authorized' | 'payment_captured'
    | 'payment_failed' | 'open_change' | 'returned' | 'shared_payment' | 'nothing_pending'
    | 'withdrawn' | 'expired' | 'linked_refused' | 'refused' | undefined
  /** Link to the cancellation, if one exists. */
  cancellation?: string | undefined
  upstream?: Upstream | undefined
  errors?: {
    /** In a batch: which item, from 1. */
    row?: number | undefined
    /**
     * In a table: the line as a spreadsheet shows it; the header is line 1, empty lines count, and
     * a cell of several lines is one.
     */
    line?: number | undefined
    /** In a batch: which field. */
    column?: string | undefined
    pointer: string
    detail: string
  }[] | undefined
}

/** What the platform said, scrubbed of secrets and personal data. */
export interface Upstream {
  status: number | null
  code: string | null
  message: string | null
}

export interface CancelRequest {
  /** The store’s id; may be left out when the key reaches exactly one. */
  store?: string | null | undefined
  /**
   * The platform’s own order id: 1–128 characters without white space, control and invisible
   * characters or / \ ? # %, and not “.” or “..”; or such an id in a global one, as
   * gid://shopify/Order/123, where the platform has those.
   */
  orderId: string
  /** Why, for the record; never put into a mail. */
  reason?: string | null | undefined
  /** Why, from a closed list. */
  reasonCode?:
    | 'customer' | 'inventory' | 'fraud' | 'payment' | 'address' | 'pricing' | 'duplicate' | 'staff'
    | 'test' | 'other' | null | undefined
  /** Tell the buyer; left out: no wish. */
  notify?: boolean | null | undefined
  /** Text for the buyer; only with "notify": true. */
  message?: string | null | undefined
  /** Put the goods back; left out: no wish. */
  restock?: boolean | null | undefined
  /**
   * Give captured money back as a part of the cancel; left out: no wish. A platform that has a call
   * of its own for it is not asked.
   */
  refund?: boolean | null | undefined
  /** Refuse beforehand what cannot be honored. Default false. */
  strict?: boolean | null | undefined
  /** The caller’s own reference, echoed and filterable. */
  reference?: string | null | undefined
  /** The order (default), or a pending order-transfer request. */
  target?: 'order' | 'transfer' | null | undefined
  /**
   * Where the order is linked with others: all of them or none (default), each that can be
   * canceled, or this one alone.
   */
  linked?: 'all' | 'each' | 'none' | null | undefined
}

/** What every item has unless it says otherwise. */
export interface ItemDefaults {
  /** The store’s id; may be left out when the key reaches exactly one. */
  store?: string | null | undefined
  /** Why, for the record; never put into a mail. */
  reason?: string | null | undefined
  /** Why, from a closed list. */
  reasonCode?:
    | 'customer' | 'inventory' | 'fraud' | 'payment' | 'address' | 'pricing' | 'duplicate' | 'staff'
    | 'test' | 'other' | null | undefined
  /** Tell the buyer; left out: no wish. */
  notify?: boolean | null | undefined
  /** Text for the buyer; only with "notify": true. */
  message?: string | null | undefined
  /** Put the goods back; left out: no wish. */
  restock?: boolean | null | undefined
  /**
   * Give captured money back as a part of the cancel; left out: no wish. A platform that has a call
   * of its own for it is not asked.
   */
  refund?: boolean | null | undefined
  /** Refuse beforehand what cannot be honored. Default false. */
  strict?: boolean | null | undefined
  /** The caller’s own reference, echoed and filterable. */
  reference?: string | null | undefined
  /** The order (default), or a pending order-transfer request. */
  target?: 'order' | 'transfer' | null | undefined
  /**
   * Where the order is linked with others: all of them or none (default), each that can be
   * canceled, or this one alone.
   */
  linked?: 'all' | 'each' | 'none' | null | undefined
}

export interface ResolveRequest {
  as: 'canceled' | 'not_canceled' | 'retry'
  /** What was found, for the record. */
  note: string
}

export interface BatchRequest {
  defaults?: ItemDefaults | null | undefined
  /** What one cancellation each is asked with. */
  items: CancelRequest[]
  /** Take the valid items and list the others, in the place of taking none. */
  partial?: boolean | null | undefined
}

export interface ReplayRequest {
  since: string
  /** Left out: now. */
  until?: string | null | undefined
}

/** By the clock of the platform. */
export interface SweepRequest {
  since: string
}

export interface LinkRequest {
  members: {
    store: string
    /**
     * 1–128 characters without white space, control and invisible characters or / \ ? # %, and not
     * “.” or “..”; or such an id in a global one, as gid://shopify/Order/123, where the platform
     * has those
     */
    orderId: string
    /**
     * Who is asked when: a later stage waits for the earlier. Left out: the store’s own, or 2.
     * Recommended: 1 who fulfils, 2 copies, 3 who holds the money.
     */
    stage?: number | null | undefined
    notify?: boolean | null | undefined
    message?: string | null | undefined
    restock?: boolean | null | undefined
    refund?: boolean | null | undefined
  }[]
  /** Where a member is canceled at its platform: tell of it (default), or cancel the others. */
  follow?: 'tell' | 'cancel' | null | undefined
}

export interface ErasureRequest {
  store?: string | null | undefined
  orderIds: string[]
}

export interface Cancellation {
  id: string
  status: 'accepted' | 'sending' | 'in_doubt' | 'succeeded' | 'rejected' | 'needs_attention'
  final: boolean
  /** Rises with each event of the record: a receiver drops what is older. */
  revision: number
  /** Who brought it about: a request, somebody at the platform, or the run of a link. */
  origin: 'caller' | 'platform' | 'link'
  /** The link that its order is in. */
  link: {
    name: string
    status: 'open' | 'canceling' | 'canceled' | 'diverged'
  } | null
  /** The record whose run it belongs to; null on that one itself. */
  causedBy: string | null
  /**
   * link: its turn in the run of its link has not come; platform: it has taken the call and is
   * still working on it.
   */
  waitingFor: 'link' | 'platform' | null
  /** Since when its order reads open, though it was canceled. */
  reopenedAt: string | null
  store: string
  platform: string
  target: 'order' | 'transfer'
  orderId: string
  reference: string | null
  /** The batch that asked for it, if one did. */
  batchId: string | null
  reason: string | null
  reasonCode:
    | 'customer' | 'inventory' | 'fraud' | 'payment' | 'address' | 'pricing' | 'duplicate' | 'staff'
    | 'test' | 'other' | null
  notify: boolean | null
  message: string | null
  restock: boolean | null
  refund: boolean | null
  strict: boolean
  alreadyCanceled: boolean
  /** What settled it: the platform’s reply, a later look, or a person. */
  via: 'reply' | 'reconciled' | 'operator' | null
  effects: Effects
  order: Order | null
  problem: Problem | null
  attempts: {
    at: string
    call: string
    result: string | null
    ms: number | null
  }[]
  resolution?: {
    as: 'canceled' | 'not_canceled' | 'retry'
    note: string
    by: string
    at: string
  } | undefined
  /**
   * Of a record that is read by its id, where the key has webhooks: what they are owed of it, or
   * were told.
   */
  deliveries?: Delivery[] | undefined
  createdAt: string
  updatedAt: string
  settledAt: string | null
  erasedAt?: string | undefined
}

export interface Effects {
  order: Effect
  reason: Effect
  notify: Effect
  message: Effect
  restock: Effect
  payment: Effect
}

export interface Effect {
  /** The wish: true, false, or null for none. */
  asked: boolean | null
  /** null: no wish, or it cannot be told. */
  honored: boolean | null
  outcome:
    | 'applied' | 'withheld' | 'automatic' | 'forced' | 'unsupported' | 'partial' | 'failed'
    | 'pending' | 'skipped' | 'unverified' | 'not_applicable'
  /** confirmed: read back; reported: in the reply; documented: the manual promises it. */
  basis: 'confirmed' | 'reported' | 'documented' | 'none'
  amount?: Money | undefined
  detail?: string | undefined
}

export interface Delivery {
  /** The webhook’s. */
  name: string
  type:
    | 'cancellation.succeeded' | 'cancellation.rejected' | 'cancellation.needs_attention'
    | 'cancellation.in_doubt' | 'cancellation.reopened' | 'link.canceled' | 'link.diverged'
    | 'batch.finished' | 'store.silent' | 'store.back' | 'webhook.disabled' | 'webhook.test'
  revision: number
  /**
   * failed: given up, though others passed; superseded: out of date before it was told, and what is
   * newer is not wanted.
   */
  state: 'owed' | 'delivered' | 'failed' | 'superseded'
  /** When the record changed. */
  at: string
  deliveredAt: string | null
  /** How the last try ended: an HTTP status or a word. */
  lastResult: string | null
}

export interface Preview {
  store: string
  platform: string
  target: 'order' | 'transfer'
  orderId: string
  cancelable: boolean
  alreadyCanceled: boolean
  effects: Effects
  order: Order
  problem: Problem | null
  /** Of every other order of its link what a cancel would find; null where it could not be read. */
  linked?: {
    store: string
    orderId: string
    stage: number
    cancelable: boolean
    alreadyCanceled: boolean
    effects: Effects | null
    order: Order | null
    problem: Problem | null
  }[] | undefined
}

export interface Batch {
  id: string
  status: 'running' | 'paused' | 'stopped' | 'finished'
  total: number
  /** How many items are in each status; `accepted` are those whose turn has not come, too. */
  counts: {
    accepted: number
    sending: number
    in_doubt: number
    succeeded: number
    rejected: number
    needs_attention: number
  }
  createdAt: string
  finishedAt: string | null
  /**
   * An estimate from the pace of the last items, the slowest store deciding; null where nothing can
   * be said.
   */
  remainingSeconds: number | null
}

export interface BatchItem {
  /** 1 is the first item, or the first line of data. */
  row: number
  store: string
  orderId: string
  reference: string | null
  status: 'accepted' | 'sending' | 'in_doubt' | 'succeeded' | 'rejected' | 'needs_attention'
  alreadyCanceled: boolean
  /** Link to its cancellation, once it is one. */
  cancellation: string | null
  problem: Problem | null
}

export interface Webhook {
  name: string
  url: string
  /** `*`: all. */
  events:
    | ('*' | 'cancellation.succeeded' | 'cancellation.rejected' | 'cancellation.needs_attention'
    | 'cancellation.in_doubt' | 'cancellation.reopened' | 'link.canceled' | 'link.diverged'
    | 'batch.finished' | 'store.silent' | 'store.back' | 'webhook.disabled' | 'webhook.test')[]
  /** False: switched off, after a 410 or five days without a success. */
  enabled: boolean
  /** Of how many subjects it is still owed the newest state. */
  pending: number
  oldestPendingAt: string | null
  lastSuccessAt: string | null
  failingSince: string | null
  /** An HTTP status or a word. */
  lastResult: string | null
}

export interface WebhookTest {
  delivered: boolean
  /** An HTTP status or a word. */
  result: string
}

export interface WebhookReplay {
  /** How many subjects are told again. */
  owed: number
}

export interface Link {
  name: string
  /**
   * canceling: a run is open; diverged: some are canceled and some are not, and nothing is under
   * way.
   */
  status: 'open' | 'canceling' | 'canceled' | 'diverged'
  revision: number
  follow: 'tell' | 'cancel'
  members: {
    store: string
    orderId: string
    stage: number
    notify: boolean | null
    message: string | null
    restock: boolean | null
    refund: boolean | null
    /** Whether it is held as canceled. */
    canceled: boolean
    /** Its last one. */
    cancellation: {
      id: string
      status: 'accepted' | 'sending' | 'in_doubt' | 'succeeded' | 'rejected' | 'needs_attention'
    } | null
  }[]
  createdAt: string
  updatedAt: string
}

export interface Store {
  id: string
  platform: string
  test: boolean
  /** What this store’s settings leave of the platform’s capabilities. */
  capabilities: {
    order: Capability
    reason: Capability
    notify: Capability
    message: Capability
    restock: Capability
    payment: Capability
    transfer: Capability
  }
  /** What a second cancel does there. */
  repeat: {
    effect: 'refused' | 'harmless' | 'harmful' | 'unknown'
    source: string
  }
  links: {
    platform: string
  }
  /** How it is listened to; in the answer about one store. */
  notices?: {
    /** When a webhook last told of an order. */
    lastAt: string | null
    /** Orders that are due for a look. */
    waiting: number
    oldestDueAt: string | null
    /** Webhooks turned away since the gateway started. */
    refused: number
    lastSweepAt: string | null
    sweepFailingSince: string | null
    /** Sweeps find what its webhooks no longer tell: look at the subscription. */
    silentSince: string | null
  } | undefined
  /**
   * How its calls went since the process that makes them was started; in the answer about one
   * store.
   */
  health?: {
    /** When it last answered, whatever it said; null: not yet. */
    answeredAt: string | null
    /** Since when no call is answered. */
    failingSince: string | null
    credentialsRefusedSince: string | null
    breaker: 'closed' | 'half-open' | 'open'
    /** For how long it is still left alone. */
    restMs: number
    /** Calls that wait for their turn. */
    waiting: number
    pace: {
      perSecond: number
      burst: number
    } | null
  } | undefined
  /** In the sandbox: orders to try. */
  examples?: {
    id: string
    says: string
  }[] | undefined
}

export interface Capability {
  /**
   * choose: the caller’s wish decides; always: the platform does it by itself; never: there is no
   * way; unknown: nobody has shown it.
   */
  can: 'choose' | 'always' | 'never' | 'unknown'
  /** A recording (version, date) or a documentation page. */
  source: string
  note?: string | undefined
  /** Whether the buyer can read the text there. */
  buyerVisible?: 'yes' | 'no' | 'unknown' | undefined
  /** So many characters are kept of a text, where it is cut. */
  maxLength?: number | undefined
}

export interface Platform {
  id: string
  name: string
  docs: string
  capabilities: Capabilities
  /** What a second cancel does there; where versions differ, the store tells. */
  repeat: {
    effect: 'refused' | 'harmless' | 'harmful' | 'unknown'
    source: string
  }
  pace: {
    perSecond: number
    burst: number
    source: string
  }
  /** How long a call that was given up on may still land. */
  settleMs: number
  /**
   * Whether it lists what changed, so that a cancellation which no webhook told of is found; the
   * source says for which stores, where not for all.
   */
  sweep: {
    can: 'yes' | 'never'
    /** How long a change may take to be listed. */
    overlapMs?: number | undefined
    source: string
  }
  /** Whether an order that is canceled there can be open again. */
  mayReopen: {
    can: 'yes' | 'no' | 'unknown'
    source: string
  }
}

export interface Capabilities {
  order: Capability
  reason: Capability
  notify: Capability
  message: Capability
  restock: Capability
  payment: Capability
  transfer: Capability
}

export interface AuditEntry {
  chain: string
  seq: number
  at: string
  by: {
    caller: string | null
    key: string | null
  }
  via: 'api' | 'console' | 'batch' | 'gateway'
  action:
    | 'cancellation.asked' | 'cancellation.previewed' | 'cancellation.withdrawn'
    | 'cancellation.resolved' | 'order.read' | 'order.searched' | 'batch.created' | 'batch.paused'
    | 'batch.resumed' | 'batch.stopped' | 'link.put' | 'link.deleted' | 'webhook.tested'
    | 'webhook.enabled' | 'webhook.replayed' | 'store.swept' | 'store.moved' | 'console.entered'
    | 'console.left' | 'configuration.loaded' | 'buyer.erased' | 'audit.exported'
  store: string | null
  subject: Record<string, string>
  /** `asked`, `done`, `replayed`, `deduplicated`, or the code of a problem. */
  outcome: string
  requestId: string | null
  previous: string
  hash: string
}

export interface AuditHead {
  chain: string
  first: number | null
  seq: number
  hash: string
}

/** How many of each held something, and hold it no more. */
export interface Erasure {
  records: number
  rows: number
  deliveries: number
  links: number
  keys: number
}

export interface ProblemPage {
  type: string
  code:
    | 'invalid-request' | 'unauthenticated' | 'forbidden' | 'not-found' | 'store-not-found'
    | 'order-not-found' | 'cancellation-not-found' | 'webhook-not-found' | 'link-not-found'
    | 'method-not-allowed' | 'order-not-cancelable' | 'cancellation-conflict' | 'linked-diverged'
    | 'already-linked' | 'needs-attention' | 'not-withdrawable' | 'too-large'
    | 'unsupported-media-type' | 'idempotency-key-reused' | 'invalid-items' | 'unsupported'
    | 'rate-limited' | 'internal' | 'platform-credentials' | 'platform-unavailable'
    | 'platform-throttled' | 'ledger-unavailable'
  title: string
  status: number
  retryable: boolean
  about: string
}
