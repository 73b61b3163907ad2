/** What a store is sent by its platform: proved, and written down as orders that are due. */
import {
  readNotice,
  readTokenNotice,
  type Received,
  type Verdict,
} from '../../connection/notices.ts'
import type { Store } from '../../connection/store.ts'
import type { NoticeLedger } from '../../ledger/port.ts'

/** How a webhook of a platform was answered, in one word. */
export type Answer =
  | 'taken' // its orders are due, or nothing is to be done about it
  | 'refused' // it is not the platform's
  | 'absent' // nothing is taken here
  | 'full' // too many orders wait

/** What a store's webhooks came to, for its operator: counts since this process started. */
export interface Refused {
  readonly refused: number
  readonly lastRefusedAt: number | null
}

export interface Hooks {
  /** `token`: of the address; null where the bytes are signed. */
  receive(store: string, token: string | null, received: Received): Promise<Answer>
  /** Who was turned away; nothing of that is written down. */
  refused(store: string): Refused
}

export interface HooksDeps {
  readonly ledger: Pick<NoticeLedger, 'hear'>
  readonly stores: ReadonlyMap<string, Store>
  readonly now: () => number
  /** Told of what was not taken up, and why: words of ours. */
  readonly onIgnored: (store: Store, because: string) => void
  readonly onRefused: (store: Store, because: string) => void
  readonly onEcho: (store: Store) => void
  /** A store's orders are due for a look. */
  readonly onDue: (store: Store) => void
}

const NOBODY: Refused = { refused: 0, lastRefusedAt: null }

/** Writes down the orders of a notice that was proved. */
const take = async (
  { ledger, now, onEcho, onDue }: HooksDeps,
  store: Store,
  { orderIds, namesCancellation }: Extract<Verdict, { kind: 'accepted' }>,
): Promise<Answer> => {
  const at = now()
  const hearings = await ledger.hear(
    orderIds.map((orderId) => ({
      store: store.id,
      orderId,
      at,
      namesCancellation,
      by: 'webhook' as const,
    })),
  )
  if (hearings === null) return 'full'
  for (const hearing of hearings) if (hearing === 'echo') onEcho(store)
  if (hearings.includes('due')) onDue(store)
  return 'taken'
}

export const createHooks = (deps: HooksDeps): Hooks => {
  const { stores, now, onIgnored, onRefused } = deps
  const refusals = new Map<string, Refused>()
  const answer = async (store: Store, verdict: Verdict): Promise<Answer> => {
    switch (verdict.kind) {
      case 'accepted':
        return take(deps, store, verdict)
      case 'ignored':
        onIgnored(store, verdict.because)
        return 'taken'
      case 'ping':
        onIgnored(store, 'ping')
        return 'taken'
      case 'refused': {
        const { refused } = refusals.get(store.id) ?? NOBODY
        refusals.set(store.id, { refused: refused + 1, lastRefusedAt: now() })
        onRefused(store, verdict.because)
        return 'refused'
      }
      case 'absent':
        return 'absent'
    }
  }
  return {
    async receive(id, token, received) {
      const store = stores.get(id)
      if (!store) return 'absent'
      const { adapter, client } = store
      const verdict =
        token === null
          ? await readNotice(adapter, client.settings, received, now())
          : await readTokenNotice(adapter, client.settings, token, received)
      return answer(store, verdict)
    },
    refused: (id) => refusals.get(id) ?? NOBODY,
  }
}

/** Where no webhooks of platforms are taken. */
export const NO_HOOKS: Hooks = { receive: async () => 'absent', refused: () => NOBODY }
