/**
 * The audit log on Node: what the process itself does is noted too, and the end of the chain is
 * told to the log once a day and at a stop, so that it is known elsewhere than in the ledger.
 */
import type { Logger } from 'pino'
import type { Configuration } from '../../config/configuration.ts'
import { digestOf } from '../../config/outline.ts'
import type { Store } from '../../connection/store.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { askedBy, type Noted } from '../../model/audit.ts'
import { DAY_MS } from '../../model/cancellation.ts'
import { steadyNow } from '../../model/time.ts'

const ITSELF = { caller: null, key: null, via: 'gateway', requestId: null } as const

const done = (what: Pick<Noted, 'action' | 'store' | 'subject'>): Noted => ({
  ...askedBy(ITSELF, steadyNow(), what),
  outcome: 'done',
})

/** Notes the configuration, and each store that it says to have moved from where it was. */
export const noteStart = async (
  ledger: Pick<FullLedger, 'audit' | 'bindings'>,
  config: Configuration | null,
  stores: ReadonlyMap<string, Store>,
): Promise<void> => {
  const subject = { digest: config ? await digestOf(config) : 'sandbox' }
  const bound = await ledger.bindings()
  const moved = [...stores.values()].filter(({ id, movedFrom }) =>
    movedFrom.includes(bound.get(id) ?? ''),
  )
  await ledger.audit.append([
    done({ action: 'configuration.loaded', store: null, subject }),
    ...moved.map(({ id }) => done({ action: 'store.moved', store: id, subject: {} })),
  ])
}

export interface AuditTeller {
  /** Tells where a day is over since it last did. */
  readonly daily: () => Promise<void>
  readonly tell: () => Promise<void>
}

export const openAuditTeller = (ledger: Pick<FullLedger, 'audit'>, log: Logger): AuditTeller => {
  let toldAt = -Infinity
  const tell = async (): Promise<void> => {
    const { chain, seq, hash } = await ledger.audit.head()
    toldAt = steadyNow()
    log.info({ chain, seq, hash }, 'audit head')
  }
  return { tell, daily: async () => (steadyNow() - toldAt < DAY_MS ? undefined : tell()) }
}
