/**
 * What the doctor finds out about being told: how each store is heard of, whether that works, and
 * which old secrets are still taken.
 */
import { sweepOf } from '../adapter/contract.ts'
import type { WebhookSettings } from '../adapter/settings.ts'
import { createClient, type Store } from '../client/index.ts'
import type { Configuration, StoreConfig } from '../config/configuration.ts'
import { type Line, ok, warn } from './doctor-line.ts'
import { clean, count, moment } from './terminal.ts'

const ASK_MS = 5_000

/** What the gateway that runs says of its stores, by id. Null: it was not asked, or did not say. */
export type Told = ReadonlyMap<string, NonNullable<Store['notices']>> | null

/** Asks the gateway that runs here; `key` is one that may read every store. */
export const toldBy = async (
  url: string,
  key: string | undefined,
  config: Configuration,
): Promise<Told> => {
  const client = createClient({ baseUrl: url, key, timeoutMs: ASK_MS })
  try {
    const stores = await Promise.all(config.stores.map(({ id }) => client.store(id)))
    return new Map(stores.flatMap(({ id, notices }) => (notices ? [[id, notices] as const] : [])))
  } catch {
    // No key, one that may not read, or a gateway of another configuration: said in a line.
    return null
  }
}

const howLine = ({ id, adapter, settings, sweep }: StoreConfig): Line => {
  const { webhookSecret, webhookToken } = settings as WebhookSettings
  const isTold = webhookSecret !== undefined || webhookToken !== undefined
  const isSwept = sweep !== false && sweepOf(adapter, settings) !== null
  const check = `notices of ${id}`
  const not = sweep === false ? 'it is not swept ("sweep": false)' : 'it cannot be swept'
  if (isTold)
    return isSwept
      ? ok(check, 'it may send webhooks, and is swept for what they do not tell')
      : ok(check, `it may send webhooks; ${not}, so what they do not tell is not found`)
  return isSwept
    ? ok(check, 'it has no webhook setting: what is canceled there is found by sweeps alone')
    : warn(
        check,
        `it has no webhook setting, and ${not}: what is canceled there is not found`,
        'set webhookSecret or webhookToken, and make the webhook at the platform (docs/sync.md)',
      )
}

const trouble = (id: string, told: NonNullable<Store['notices']>): Line[] => {
  const { silentSince, refused, sweepFailingSince } = told
  const check = `notices of ${id}`
  return [
    ...(silentSince === null
      ? []
      : [
          warn(
            check,
            `it is silent since ${moment(silentSince)}: sweeps find what its webhooks do not tell`,
            'the platform may have taken the subscription away: make it again',
          ),
        ]),
    ...(refused === 0
      ? []
      : [
          warn(
            check,
            `${refused === 1 ? 'one webhook was' : `${count(refused)} webhooks were`} refused ` +
              'since the gateway started',
            'is its webhook secret the one that the platform signs with?',
          ),
        ]),
    ...(sweepFailingSince === null
      ? []
      : [
          warn(
            check,
            `it could not be swept since ${moment(sweepFailingSince)}`,
            'look into the gateway’s log; may its credentials list orders?',
          ),
        ]),
  ]
}

/** Nobody knows since when it has been there: the file tells of its last change of any kind. */
const oldSecrets = ({ stores, webhooks }: Configuration): Line[] => [
  ...stores
    .filter(({ settings }) => (settings as WebhookSettings).previousWebhookSecret !== undefined)
    .map(({ id }) =>
      warn(
        `notices of ${id}`,
        'its previousWebhookSecret is still taken',
        'as soon as the platform signs with the new one, delete it',
      ),
    ),
  ...webhooks
    .filter(({ keys }) => keys.length > 1)
    .map(({ caller, name }) =>
      warn(
        `webhook ${name} of ${clean(caller)}`,
        'it is still signed with previousSecret too',
        'as soon as its receiver verifies by the new one, delete it',
      ),
    ),
]

export const checkNotices = (config: Configuration, isRunning: boolean, told: Told): Line[] => [
  ...config.stores.flatMap((store) => {
    const notices = told?.get(store.id)
    return [howLine(store), ...(notices ? trouble(store.id, notices) : [])]
  }),
  ...(isRunning && told === null && config.stores.length > 0
    ? [
        ok(
          'notices',
          'which stores are silent or refused is the running gateway’s to say: RESCIND_KEY, of a ' +
            'caller that may read every store, asks it',
        ),
      ]
    : []),
  ...oldSecrets(config),
]
