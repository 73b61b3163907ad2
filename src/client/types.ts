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
  /** The platform’s own id of the customer. */
  id: string | null
  /** The mail address. */
  email: string | null
  /** First and last name. */
  name: string | null
  /** The phone number, as it was given. */
  phone: string | null
}

/** The canonical order. What a platform does not tell is null, never guessed. */
export interface Order {
  /** The platform’s own id. */
  id: string
  /** The number people see. */
  number: string | null
  /** How the order stands. Whether it is canceled is decided from all of its fields. */
  status: 'pending' | 'open' | 'completed' | 'canceled' | 'draft' | 'on_hold' | 'failed' | 'unknown'
  /** How the payment stands; authorized: held and not captured; voided: a hold was given up. */
  paymentStatus:
    | 'unpaid' | 'pending' | 'authorized' | 'partially_paid' | 'paid' | 'partially_refunded'
    | 'refunded' | 'refund_pending' | 'refund_failed' | 'voided' | 'failed' | 'unknown'
  /** How far the goods have gone. */
  fulfillmentStatus:
    | 'unfulfilled' | 'partially_fulfilled' | 'fulfilled' | 'shipped' | 'delivered'
    | 'partially_returned' | 'returned' | 'canceled' | 'not_required' | 'unknown'
  /** ISO 4217. */
  currency: string | null
  /** The amounts of the order. */
  totals: Totals
  /** The buyer; not kept with a record that has ended. */
  customer: Customer | null
  /** null where the platform did not tell them. */
  lines: Line[] | null
  /** The reason of its cancel, as the platform shows it. */
  reason: string | null
  /** When it was canceled, by the platform’s clock. */
  canceledAt: string | null
  /** When it was placed, by the platform’s clock. */
  createdAt: string | null
  /** When it last changed, by the platform’s clock. */
  updatedAt: string | null
  /** The platform’s own words. */
  native: {
    /** Its word for how the order stands. */
    status: string | null
    /** Its word for the payment. */
    paymentStatus: string | null
    /** Its word for the goods. */
    fulfillmentStatus: string | null
  }
  /** When this was read from the platform. */
  readAt: string
  /** Where the merchant finds it in the platform’s own admin, where that is known. */
  adminUrl?: string | undefined
}

export interface Totals {
  /** What the goods come to, before discounts, shipping and tax. */
  subtotal: Money | null
  /** What was taken off. */
  discount: Money | null
  /** What shipping costs. */
  shipping: Money | null
  /** The tax, included or on top as the platform has it. */
  tax: Money | null
  /** What was ordered, also after a refund. */
  total: Money | null
  /** What the buyer has paid; what is only held is not. */
  paid: Money | null
  /** What went back to the buyer. */
  refunded: Money | null
}

export interface Line {
  /** The platform’s own id of the line. */
  id: string | null
  /** What was bought. */
  title: string | null
  /** The merchant’s own number of it. */
  sku: string | null
  /** The platform’s own id of the product. */
  productId: string | null
  /** The platform’s own id of the variant. */
  variantId: string | null
  /** How many. */
  quantity: number | null
  /** What one costs. */
  unitPrice: Money | null
  /** What the line comes to. */
  total: Money | null
}

/** RFC 9457 application/problem+json */
export interface Problem {
  /** Resolves to a page that explains it. */
  type: string
  /** What kind of problem it is, in a few words. */
  title: string
  /** The HTTP status. */
  status: number
  /** What happened here, and what to do. */
  detail: string
  /** What it is about: an address of this gateway. */
  instance?: string | undefined
  /** Which problem of the catalogue; `/problems/{code}` explains each. */
  code:
    | 'invalid-request' | 'unauthenticated' | 'forbidden' | 'not-found' | 'store-not-found'
    | 'order-not-found' | 'cancellation-not-found' | 'webhook-not-found' | 'link-not-found'
    | 'method-not-allowed' | 'order-not-cancelable' | 'cancellation-conflict' | 'linked-diverged'
    | 'already-linked' | 'needs-attention' | 'not-withdrawable' | 'too-large'
    | 'unsupported-media-type' | 'idempotency-key-reused' | 'invalid-items' | 'unsupported'
    | 'rate-limited' | 'internal' | 'platform-credentials' | 'platform-unavailable'
    | 'platform-throttled' | 'ledger-unavailable'
  /** Whether the same request may succeed later. */
  retryable: boolean
  /** Whether anything changed at the platform. */
  acted: 'yes' | 'no' | 'unknown'
  /** Why an order cannot be canceled, from a closed list. */
  cause?:
    | 'fulfilled' | 'completed' | 'payment_pending' | 'payment_authorized' | 'payment_captured'
    | 'payment_failed' | 'open_change' | 'returned' | 'shared_payment' | 'nothing_pending'
    | 'withdrawn' | 'declined' | 'expired' | 'linked_refused' | 'refused' | undefined
  /** Link to the cancellation, if one exists. */
  cancellation?: string | undefined
  /** What the platform said, scrubbed of secrets and personal data. */
  upstream?: Upstream | undefined
  /** Every place of the request that is wrong. */
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
    /** The place in the request, as a JSON pointer; “” is all of it. */
    pointer: string
    /** What is wrong with it. */
    detail: string
  }[] | undefined
}

/** What the platform said, scrubbed of secrets and personal data. */
export interface Upstream {
  /** The HTTP status of its answer. */
  status: number | null
  /** Its own code of the error. */
  code: string | null
  /** Its own words. */
  message: string | null
}

export interface LinkMark {
  /** The name of the link. */
  name: string
  /** How the orders of the link stand together. */
  status: 'open' | 'canceling' | 'canceled' | 'diverged'
}

export interface RequestedBy {
  /** The caller, by its name. */
  caller: string
  /** The name of the key; null: it has none, or the record is older than names. */
  key: string | null
}

export interface Approval {
  /** awaited: nothing is sent yet; given: it goes its way; declined: it ended, nothing was sent. */
  state: 'awaited' | 'given' | 'declined'
  /** Since when somebody is asked: its order was looked at, and nothing stands in the way. */
  askedAt: string | null
  /** While it is awaited: when it expires. */
  until: string | null
  /** The caller that approved or declined it. */
  by: string | null
  /** The name of the key that it was said with; null: it has none. */
  key: string | null
  /** When it was approved or declined; null: not yet. */
  at: string | null
  /** What was said to that, for the record. */
  note: string | null
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
  /**
   * canceled: it is, in the platform; not_canceled: it is not; retry: look again, then send once
   * more if it is still open.
   */
  as: 'canceled' | 'not_canceled' | 'retry'
  /** What was found, for the record. */
  note: string
}

export interface ApproveRequest {
  /** For the record. */
  note?: string | null | undefined
}

export interface DeclineRequest {
  /** Why, for the record. */
  note: string
}

export interface BatchRequest {
  /** What every item has unless it says otherwise. */
  defaults?: ItemDefaults | null | undefined
  /** What one cancellation each is asked with. */
  items: CancelRequest[]
  /** Take the valid items and list the others, in the place of taking none. */
  partial?: boolean | null | undefined
}

export interface ReplayRequest {
  /** From when on, inclusive; RFC 3339. */
  since: string
  /** Left out: now. */
  until?: string | null | undefined
}

/** By the clock of the platform. */
export interface SweepRequest {
  /** From when on, RFC 3339, by the platform’s clock. */
  since: string
}

export interface LinkRequest {
  /** The orders that are one sale, of one store or several. */
  members: {
    /** The store, by its id. */
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
    /** The wish to tell the buyer: true, false, or null for none. */
    notify?: boolean | null | undefined
    /** The text for the buyer. */
    message?: string | null | undefined
    /** The wish to put the goods back: true, false, or null for none. */
    restock?: boolean | null | undefined
    /** The wish to give captured money back by the cancel: true, false, or null for none. */
    refund?: boolean | null | undefined
  }[]
  /** Where a member is canceled at its platform: tell of it (default), or cancel the others. */
  follow?: 'tell' | 'cancel' | null | undefined
}

export interface ErasureRequest {
  /** The store’s id; may be left out when the key reaches exactly one. */
  store?: string | null | undefined
  /** The buyer’s orders, in any spelling that their platform reads. */
  orderIds: string[]
}

export interface Cancellation {
  /** Its id. */
  id: string
  /**
   * accepted: written down, not sent; sending: the platform is being asked, or is at it; in_doubt:
   * asked, and no clear answer, so it is looked at; succeeded: canceled; rejected: not canceled;
   * needs_attention: a person must look.
   */
  status: 'accepted' | 'sending' | 'in_doubt' | 'succeeded' | 'rejected' | 'needs_attention'
  /** Whether it has ended: succeeded or rejected. */
  final: boolean
  /** Rises with each event of the record: a receiver drops what is older. */
  revision: number
  /** Who brought it about: a request, somebody at the platform, or the run of a link. */
  origin: 'caller' | 'platform' | 'link'
  /** Who asked for it; null: nobody did, the platform told of it. */
  requestedBy: RequestedBy | null
  /** The link that its order is in; null: it is in none. */
  link: LinkMark | null
  /** The record whose run it belongs to; null on that one itself. */
  causedBy: string | null
  /**
   * approval: somebody else must approve it before anything is sent; link: its turn in the run of
   * its link has not come; platform: it has taken the call and is still working on it.
   */
  waitingFor: 'approval' | 'link' | 'platform' | null
  /**
   * Whether another caller has approved it; null: it needs none, or ended before anybody gave it.
   */
  approval: Approval | null
  /** Since when its order reads open, though it was canceled. */
  reopenedAt: string | null
  /** The store, by its id. */
  store: string
  /** The platform, by its id. */
  platform: string
  /** What is canceled: the order, or a pending request to transfer it to another customer. */
  target: 'order' | 'transfer'
  /** The platform’s own id of the order, in its one spelling. */
  orderId: string
  /** The caller’s own reference, as it was sent. */
  reference: string | null
  /** The batch that asked for it, if one did. */
  batchId: string | null
  /** Why, in words, for the record. */
  reason: string | null
  /** Why, from the closed list. */
  reasonCode:
    | 'customer' | 'inventory' | 'fraud' | 'payment' | 'address' | 'pricing' | 'duplicate' | 'staff'
    | 'test' | 'other' | null
  /** The wish to tell the buyer: true, false, or null for none. */
  notify: boolean | null
  /** The text for the buyer. */
  message: string | null
  /** The wish to put the goods back: true, false, or null for none. */
  restock: boolean | null
  /** The wish to give captured money back by the cancel: true, false, or null for none. */
  refund: boolean | null
  /** Whether it was to be refused beforehand where a wish cannot be honored. */
  strict: boolean
  /** Canceled before this request: nothing was sent for it. */
  alreadyCanceled: boolean
  /** What settled it: the platform’s reply, a later look, or a person. */
  via: 'reply' | 'reconciled' | 'operator' | null
  /** What was asked, what happened, and how that is known. */
  effects: Effects
  /** The order as it was last read; null where it was not. */
  order: Order | null
  /** Why it was rejected or needs attention; null otherwise. */
  problem: Problem | null
  /** Every call that was to cancel it. */
  attempts: {
    /** When the call was made. */
    at: string
    /** Which call it was: method and path. */
    call: string
    /** How it ended: an HTTP status or a word; null: not known, or not yet. */
    result: string | null
    /** How long it took, in milliseconds. */
    ms: number | null
  }[]
  /** A person’s word that ended its attention. */
  resolution?: {
    /** What the person found, or wanted: canceled, not_canceled, or retry. */
    as: 'canceled' | 'not_canceled' | 'retry'
    /** What was seen, in that person’s words. */
    note: string
    /** The caller who said so. */
    by: string
    /** The name of the key; null: none. */
    key: string | null
    /** When it was said. */
    at: string
  } | undefined
  /**
   * Of a record that is read by its id, where the key has webhooks: what they are owed of it, or
   * were told.
   */
  deliveries?: Delivery[] | undefined
  /** When it was written down. */
  createdAt: string
  /** When it last changed. */
  updatedAt: string
  /** When it ended; null: it has not. */
  settledAt: string | null
  /** Since when it holds nothing personal any more; left out: nobody asked for that. */
  erasedAt?: string | undefined
}

export interface Effects {
  /** The cancel itself. */
  order: Effect
  /** Keeping the reason. */
  reason: Effect
  /** Telling the buyer. */
  notify: Effect
  /** The caller’s text in the mail. */
  message: Effect
  /** Putting the goods back. */
  restock: Effect
  /** Giving the money back, or a hold up. */
  payment: Effect
}

export interface Effect {
  /** The wish: true, false, or null for none. */
  asked: boolean | null
  /** null: no wish, or it cannot be told. */
  honored: boolean | null
  /**
   * applied: asked and done; withheld: refused or not asked, and not done; automatic: not asked,
   * the platform does it by itself; forced: refused, and done all the same; unsupported: asked, and
   * there is no way; partial, failed, pending: as they say; skipped: asked, and not attempted;
   * unverified: it cannot be told; not_applicable: there was nothing to do it with.
   */
  outcome:
    | 'applied' | 'withheld' | 'automatic' | 'forced' | 'unsupported' | 'partial' | 'failed'
    | 'pending' | 'skipped' | 'unverified' | 'not_applicable'
  /** confirmed: read back; reported: in the reply; documented: the manual promises it. */
  basis: 'confirmed' | 'reported' | 'documented' | 'none'
  /** How much money it is about. */
  amount?: Money | undefined
  /** More about it, in a sentence. */
  detail?: string | undefined
}

export interface Delivery {
  /** The webhook’s. */
  name: string
  /** Which event it is. */
  type:
    | 'cancellation.succeeded' | 'cancellation.rejected' | 'cancellation.needs_attention'
    | 'cancellation.in_doubt' | 'cancellation.reopened' | 'cancellation.approval_awaited'
    | 'link.canceled' | 'link.diverged' | 'batch.finished' | 'store.silent' | 'store.back'
    | 'webhook.disabled' | 'webhook.test'
  /** A number that rises with each event that is told of it. */
  revision: number
  /**
   * failed: given up, though others passed; superseded: out of date before it was told, and what is
   * newer is not wanted.
   */
  state: 'owed' | 'delivered' | 'failed' | 'superseded'
  /** When the record changed. */
  at: string
  /** When it was taken; null: not yet. */
  deliveredAt: string | null
  /** How the last try ended: an HTTP status or a word. */
  lastResult: string | null
}

export interface Preview {
  /** The store, by its id. */
  store: string
  /** The platform, by its id. */
  platform: string
  /** What would be canceled: the order, or a pending transfer of it. */
  target: 'order' | 'transfer'
  /** The platform’s own id of the order, in its one spelling. */
  orderId: string
  /** Whether a cancel would be sent. */
  cancelable: boolean
  /** It is canceled already: there is nothing to send. */
  alreadyCanceled: boolean
  /** What would become of every effect. */
  effects: Effects
  /** The order as it is now. */
  order: Order
  /** Why it could not be canceled; null: it can. */
  problem: Problem | null
  /** Of every other order of its link what a cancel would find; null where it could not be read. */
  linked?: {
    /** The store, by its id. */
    store: string
    /** The platform’s own id of the order, in its one spelling. */
    orderId: string
    /** Who is asked when: a later stage waits for the earlier. */
    stage: number
    /** Whether a cancel would be sent. */
    cancelable: boolean
    /** Canceled before this request: nothing was sent for it. */
    alreadyCanceled: boolean
    /** What would become of every effect. */
    effects: Effects | null
    /** The order as it was last read; null where it was not. */
    order: Order | null
    /** Why it was rejected or needs attention; null otherwise. */
    problem: Problem | null
  }[] | undefined
}

export interface Batch {
  /** Its id, `bat_…`. */
  id: string
  /**
   * running: items are taken up; paused: none for now; stopped: none any more; finished: every item
   * is at rest.
   */
  status: 'running' | 'paused' | 'stopped' | 'finished'
  /** How many items it has. */
  total: number
  /** How many items are in each status; `accepted` are those whose turn has not come, too. */
  counts: {
    /** Written down, not sent; or not begun. */
    accepted: number
    /** Being asked. */
    sending: number
    /** Asked, and looked at. */
    in_doubt: number
    /** Canceled. */
    succeeded: number
    /** Not canceled. */
    rejected: number
    /** A person must look. */
    needs_attention: number
  }
  /** When it was written down. */
  createdAt: string
  /** When the last item came to rest; null: not yet. */
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
  /** The store, by its id. */
  store: string
  /** The platform’s own id of the order, in its one spelling. */
  orderId: string
  /** The caller’s own reference, as it was sent. */
  reference: string | null
  /** How it stands; see the status of a Cancellation. */
  status: 'accepted' | 'sending' | 'in_doubt' | 'succeeded' | 'rejected' | 'needs_attention'
  /** Canceled before this request: nothing was sent for it. */
  alreadyCanceled: boolean
  /** Link to its cancellation, once it is one. */
  cancellation: string | null
  /** Why it was rejected or needs attention; null otherwise. */
  problem: Problem | null
}

export interface Webhook {
  /** Its name. */
  name: string
  /** Where it is told; a login in it is not shown. */
  url: string
  /** `*`: all. */
  events:
    | ('*' | 'cancellation.succeeded' | 'cancellation.rejected' | 'cancellation.needs_attention'
    | 'cancellation.in_doubt' | 'cancellation.reopened' | 'cancellation.approval_awaited'
    | 'link.canceled' | 'link.diverged' | 'batch.finished' | 'store.silent' | 'store.back'
    | 'webhook.disabled' | 'webhook.test')[]
  /** False: switched off, after a 410 or five days without a success. */
  enabled: boolean
  /** Of how many subjects it is still owed the newest state. */
  pending: number
  /** Since when it is owed something; null: it is owed nothing. */
  oldestPendingAt: string | null
  /** When it last took an event. */
  lastSuccessAt: string | null
  /** Since when every try fails; null: the last one did not. */
  failingSince: string | null
  /** An HTTP status or a word. */
  lastResult: string | null
}

export interface WebhookTest {
  /** Whether it was taken. */
  delivered: boolean
  /** An HTTP status or a word. */
  result: string
}

export interface WebhookReplay {
  /** How many subjects are told again. */
  owed: number
}

export interface Link {
  /** The name that the caller gave it. */
  name: string
  /**
   * canceling: a run is open; diverged: some are canceled and some are not, and nothing is under
   * way.
   */
  status: 'open' | 'canceling' | 'canceled' | 'diverged'
  /** A number that rises with each event that is told of it. */
  revision: number
  /** Where a member is canceled at its platform: tell of it, or cancel the others too. */
  follow: 'tell' | 'cancel'
  /** The orders that are one sale, and how each stands. */
  members: {
    /** The store, by its id. */
    store: string
    /** The platform’s own id of the order, in its one spelling. */
    orderId: string
    /** Who is asked when: a later stage waits for the earlier. */
    stage: number
    /** The wish to tell the buyer: true, false, or null for none. */
    notify: boolean | null
    /** The text for the buyer. */
    message: string | null
    /** The wish to put the goods back: true, false, or null for none. */
    restock: boolean | null
    /** The wish to give captured money back by the cancel: true, false, or null for none. */
    refund: boolean | null
    /** Whether it is held as canceled. */
    canceled: boolean
    /** Its last one. */
    cancellation: {
      /** Its id, `can_…`. */
      id: string
      /** How it stands. */
      status: 'accepted' | 'sending' | 'in_doubt' | 'succeeded' | 'rejected' | 'needs_attention'
    } | null
  }[]
  /** When it was written down. */
  createdAt: string
  /** When it last changed. */
  updatedAt: string
}

export interface Store {
  /** The id that the configuration gives it. */
  id: string
  /** The platform, by its id. */
  platform: string
  /** A test store: its timing may be shorter. */
  test: boolean
  /** What this store’s settings leave of the platform’s capabilities. */
  capabilities: Capabilities
  /** What a second cancel does there. */
  repeat: {
    /**
     * refused: it is turned away; harmless: it changes nothing; harmful: nothing is ever sent
     * again; unknown: nobody has shown it.
     */
    effect: 'refused' | 'harmless' | 'harmful' | 'unknown'
    /** Where that is written: a page of the manual, or a recording with version and date. */
    source: string
  }
  /** Where more is told. */
  links: {
    /** The platform’s capabilities. */
    platform: string
  }
  /** How it is listened to; in the answer about one store. */
  notices?: {
    /** When a webhook last told of an order. */
    lastAt: string | null
    /** Orders that are due for a look. */
    waiting: number
    /** Since when the oldest of them is due; null: none is. */
    oldestDueAt: string | null
    /** Webhooks turned away since the gateway started. */
    refused: number
    /** When it was last asked what changed. */
    lastSweepAt: string | null
    /** Since when it gives no answer to that; null: it does. */
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
    /** Since when it refuses our credentials; null: it does not. */
    credentialsRefusedSince: string | null
    /**
     * closed: it is called; open: it is left alone; half-open: one read finds out whether it is
     * well again.
     */
    breaker: 'closed' | 'half-open' | 'open'
    /** For how long it is still left alone. */
    restMs: number
    /** Calls that wait for their turn. */
    waiting: number
    /** How fast it may be called; null: without a limit. */
    pace: {
      /** Calls a second. */
      perSecond: number
      /** Calls at once. */
      burst: number
    } | null
  } | undefined
  /** In the sandbox: orders to try. */
  examples?: {
    /** The id of an order. */
    id: string
    /** What it is an example of. */
    says: string
  }[] | undefined
}

export interface Capabilities {
  /** Canceling an order. */
  order: Capability
  /** Keeping a reason. */
  reason: Capability
  /** Telling the buyer. */
  notify: Capability
  /** A text of the caller’s in that mail. */
  message: Capability
  /** Putting the goods back. */
  restock: Capability
  /** Giving the money back by the cancel. */
  payment: Capability
  /** Canceling a pending transfer to another customer. */
  transfer: Capability
}

export interface Capability {
  /**
   * choose: the caller’s wish decides; always: the platform does it by itself; never: there is no
   * way; unknown: nobody has shown it.
   */
  can: 'choose' | 'always' | 'never' | 'unknown'
  /** A recording (version, date) or a documentation page. */
  source: string
  /** What that means there. */
  note?: string | undefined
  /** Whether the buyer can read the text there. */
  buyerVisible?: 'yes' | 'no' | 'unknown' | undefined
  /** So many characters are kept of a text, where it is cut. */
  maxLength?: number | undefined
}

export interface Platform {
  /** The id that stores name it by. */
  id: string
  /** Its name. */
  name: string
  /** Its documentation of the cancel. */
  docs: string
  /** What it can do with each input of a cancellation. */
  capabilities: Capabilities
  /** What a second cancel does there; where versions differ, the store tells. */
  repeat: {
    /**
     * refused: it is turned away; harmless: it changes nothing; harmful: nothing is ever sent
     * again; unknown: nobody has shown it.
     */
    effect: 'refused' | 'harmless' | 'harmful' | 'unknown'
    /** Where that is written: a page of the manual, or a recording with version and date. */
    source: string
  }
  /** How fast it may be called. */
  pace: {
    /** Calls a second. */
    perSecond: number
    /** Calls at once. */
    burst: number
    /** Where that is written: a page of the manual, or a recording with version and date. */
    source: string
  }
  /** How long a call that was given up on may still land. */
  settleMs: number
  /**
   * Whether it lists what changed, so that a cancellation which no webhook told of is found; the
   * source says for which stores, where not for all.
   */
  sweep: {
    /** yes: it lists what changed; never: it does not. */
    can: 'yes' | 'never'
    /** How long a change may take to be listed. */
    overlapMs?: number | undefined
    /** Where that is written: a page of the manual, or a recording with version and date. */
    source: string
  }
  /** Whether an order that is canceled there can be open again. */
  mayReopen: {
    /** yes, no, or unknown: nobody has shown it. */
    can: 'yes' | 'no' | 'unknown'
    /** Where that is written: a page of the manual, or a recording with version and date. */
    source: string
  }
}

export interface AuditEntry {
  /** Which chain: a gateway has one, on Workers each object its own. */
  chain: string
  /** Its number in the chain: from one, without gaps. */
  seq: number
  /** When, by the gateway’s clock. */
  at: string
  /** Who asked. */
  by: {
    /** The caller, by its name; null: the gateway itself. */
    caller: string | null
    /** The name of the key; null: none. */
    key: string | null
  }
  /** The way that it came; batch: by the run of one; gateway: by the process itself. */
  via: 'api' | 'console' | 'batch' | 'gateway'
  /** What was asked for. */
  action:
    | 'cancellation.asked' | 'cancellation.previewed' | 'cancellation.withdrawn'
    | 'cancellation.approved' | 'cancellation.declined' | 'cancellation.resolved' | 'order.read'
    | 'order.searched' | 'batch.created' | 'batch.paused' | 'batch.resumed' | 'batch.stopped'
    | 'link.put' | 'link.deleted' | 'webhook.tested' | 'webhook.enabled' | 'webhook.replayed'
    | 'store.swept' | 'store.moved' | 'console.entered' | 'console.left' | 'configuration.loaded'
    | 'buyer.erased' | 'audit.exported'
  /** In which store; null: in none. */
  store: string | null
  /** What it is about: ids of orders, cancellations and batches, names of links and webhooks. */
  subject: Record<string, string>
  /** `asked`, `done`, `replayed`, `deduplicated`, or the code of a problem. */
  outcome: string
  /** The `Request-Id` of the answer; null: it was none over HTTP. */
  requestId: string | null
  /** The hash of the entry before; of the first, 64 zeros. */
  previous: string
  /** SHA-256, in hex, of the canonical JSON (RFC 8785) of all other members. */
  hash: string
}

export interface AuditHead {
  /** The chain, by its name. */
  chain: string
  /** The number of the oldest entry that is kept; null: none is. */
  first: number | null
  /** The number of the last entry; 0: there is none yet. */
  seq: number
  /** The hash of the last entry, to be noted where the ledger is not. */
  hash: string
}

/** How many of each held something, and hold it no more. */
export interface Erasure {
  /** Cancellations. */
  records: number
  /** Items of batches. */
  rows: number
  /** What webhooks are told. */
  deliveries: number
  /** Links, of their words to the buyer. */
  links: number
  /** Idempotency keys, with the request that each came with. */
  keys: number
}

export interface ProblemPage {
  /** Its address at this gateway. */
  type: string
  /** Which problem it is. */
  code:
    | 'invalid-request' | 'unauthenticated' | 'forbidden' | 'not-found' | 'store-not-found'
    | 'order-not-found' | 'cancellation-not-found' | 'webhook-not-found' | 'link-not-found'
    | 'method-not-allowed' | 'order-not-cancelable' | 'cancellation-conflict' | 'linked-diverged'
    | 'already-linked' | 'needs-attention' | 'not-withdrawable' | 'too-large'
    | 'unsupported-media-type' | 'idempotency-key-reused' | 'invalid-items' | 'unsupported'
    | 'rate-limited' | 'internal' | 'platform-credentials' | 'platform-unavailable'
    | 'platform-throttled' | 'ledger-unavailable'
  /** The problem in a few words. */
  title: string
  /** The HTTP status that it comes with. */
  status: number
  /** Whether the same request may succeed later. */
  retryable: boolean
  /** What it means, and what to do. */
  about: string
}
