/**
 * The audit log: who asked for what, and how that ended, as entries of a chain of hashes. No entry
 * holds a text of a buyer's or a merchant's, an amount or a secret: what was done is told by ids.
 */

export const AUDIT_ACTIONS = [
  'cancellation.asked',
  'cancellation.previewed',
  'cancellation.withdrawn',
  'cancellation.approved',
  'cancellation.declined',
  'cancellation.resolved',
  'order.read',
  'order.searched',
  'batch.created',
  'batch.paused',
  'batch.resumed',
  'batch.stopped',
  'link.put',
  'link.deleted',
  'webhook.tested',
  'webhook.enabled',
  'webhook.replayed',
  'store.swept',
  'store.moved',
  'console.entered',
  'console.left',
  'configuration.loaded',
  'buyer.erased',
  'audit.exported',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export const AUDIT_VIAS = ['api', 'console', 'batch', 'gateway'] as const
/** The way that somebody came: `batch` is the run of one, `gateway` the process itself. */
export type AuditVia = (typeof AUDIT_VIAS)[number]

/** Who asks: a caller by its name in the configuration; null: the gateway itself. */
export interface AuditBy {
  readonly caller: string | null
  /** Which of the caller's keys, where keys have names. */
  readonly key: string | null
}

/** Who asks, and how: what every entry says of its origin. */
export interface Asker extends AuditBy {
  readonly via: AuditVia
  /** Of the request over HTTP; the same in the log. */
  readonly requestId: string | null
}

/** What an entry is about, by ids; which of them depends on its action. */
export type AuditSubject = Readonly<
  Partial<
    Record<
      | 'cancellation'
      | 'order'
      | 'orders'
      | 'target'
      | 'batch'
      | 'link'
      | 'webhook'
      | 'as'
      | 'digest',
      string
    >
  >
>

/** What is to be written down. */
export interface Noted {
  readonly at: number
  readonly by: AuditBy
  readonly via: AuditVia
  readonly action: AuditAction
  readonly store: string | null
  readonly subject: AuditSubject
  /**
   * `asked`: what follows in an entry of its own, or was never done; `done`, `replayed` and
   * `deduplicated`; else the code of the problem that came of it.
   */
  readonly outcome: string
  readonly requestId: string | null
}

/** An entry as it is told, and as its hash is made. */
export interface AuditEntry extends Omit<Noted, 'at'> {
  /** Which chain: a gateway has one, on Workers each object its own. */
  readonly chain: string
  /** From one, without gaps. */
  readonly seq: number
  /** RFC 3339. */
  readonly at: string
  /** The hash of the entry before. */
  readonly previous: string
  /** SHA-256, in hex, of the canonical JSON of all other members. */
  readonly hash: string
}

/** What the first entry of a chain follows on. */
export const NO_HASH = '0'.repeat(64)

/**
 * Canonical JSON after RFC 8785, of what entries are made of: members in the order of their names,
 * no white space. Numbers are whole here, so they are written as everywhere.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** SHA-256 in hex. */
export const sha256Hex = async (text: string): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')

/** The hash of an entry, whatever hash it has. */
export const hashOfEntry = (
  entry: Omit<AuditEntry, 'hash'> & { readonly hash?: string },
): Promise<string> => sha256Hex(canonicalJson({ ...entry, hash: undefined }))

/** What is asked of the gateway, before it is known how it ends. */
export const askedBy = (
  { caller, key, via, requestId }: Asker,
  at: number,
  what: Pick<Noted, 'action' | 'store' | 'subject'>,
): Noted => ({ at, by: { caller, key }, via, requestId, outcome: 'asked', ...what })
