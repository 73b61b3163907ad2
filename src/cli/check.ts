/**
 * `rescind stores check`: whether each configured store is there and takes our credentials, found
 * out by a read that harms nothing.
 */
import { CallFailure } from '../adapter/failure.ts'
import { openStore } from '../connection/store.ts'
import type { Transport } from '../connection/transport.ts'
import type { StoreConfig } from '../config/configuration.ts'
import { DEFAULT_CONFIG, isSandbox, loadConfig } from '../hosts/node/load.ts'
import { openTransport } from '../connection/transport-undici.ts'
import { here, next } from './paste.ts'
import { clean, duration, EXIT, Halt, type Terminal } from './terminal.ts'

/** An order that no platform has: that it is not found proves that we were let in. */
const NO_ORDER = '00000000-0000-4000-8000-000000000000'
const PATIENCE_MS = 10_000

export interface Finding {
  readonly store: string
  readonly platform: string
  readonly reachable: boolean
  readonly credentials: 'accepted' | 'refused' | 'unknown'
  /** Of all calls together. */
  readonly ms: number
  readonly pace: { readonly perSecond: number; readonly burst: number }
  /** How far our clock is ahead of the platform’s, by its Date header; null: none came. */
  readonly aheadMs: number | null
  readonly detail: string
}

/** Asks the store for an order that is not there. */
export const checkStore = async ({
  id,
  adapter,
  settings,
  pace = adapter.pace,
}: StoreConfig): Promise<Finding> => {
  const { transport, close } = openTransport()
  let aheadMs: number | null = null
  let reachable = false
  const noting: Transport = async (request) => {
    const asked = Date.now()
    const reply = await transport(request)
    reachable = true
    const date = Date.parse(reply.headers.get('date') ?? '')
    // A Date header is cut to the second; it was written somewhere between asking and now.
    if (!Number.isNaN(date)) aheadMs = Math.round((asked + Date.now()) / 2 - (date + 500))
    return reply
  }
  const started = performance.now()
  const told = async (): Promise<[Finding['credentials'], string]> => {
    try {
      await adapter.order.look(
        openStore(id, adapter, settings, {
          transport: noting,
          callTimeoutMs: PATIENCE_MS,
          settleMs: 0,
        }).client,
        NO_ORDER,
        { request: null, sent: false, byCustomer: false, memo: null },
      )
      return ['accepted', '']
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      const { code, detail, result, upstream } = error.failure
      if (code === 'order-not-found') return ['accepted', '']
      const said = upstream?.message ?? upstream?.code
      return [
        code === 'platform-credentials' ? 'refused' : 'unknown',
        clean(`${detail} (${result}${said ? `: ${said}` : ''})`),
      ]
    }
  }
  try {
    const [credentials, detail] = await told()
    return {
      store: id,
      platform: adapter.id,
      reachable,
      credentials,
      ms: Math.round(performance.now() - started),
      pace: { perSecond: pace.perSecond, burst: pace.burst },
      aheadMs,
      detail,
    }
  } finally {
    await close()
  }
}

/** What a finding is worth: refused before unknown before accepted. */
export const exitOf = (findings: readonly Pick<Finding, 'credentials'>[]): number =>
  findings.some(({ credentials }) => credentials === 'refused')
    ? EXIT.refused
    : findings.some(({ credentials }) => credentials === 'unknown')
      ? EXIT.unknown
      : EXIT.canceled

export const checkStores = async (
  terminal: Terminal,
  only: string | undefined,
): Promise<number> => {
  const config = loadConfig(process.env)
  if (config === null)
    throw new Halt(
      EXIT.usage,
      isSandbox(process.env)
        ? 'RESCIND_SANDBOX is 1: the gateway is a sandbox, whatever is configured.'
        : `There is no configuration: ${DEFAULT_CONFIG} does not exist, so the gateway would be ` +
            'a sandbox.',
      next('This writes one:', here('init')),
    )
  const stores = config.stores.filter(({ id }) => only === undefined || id === only)
  if (stores.length === 0)
    throw new Halt(
      EXIT.usage,
      only === undefined ? 'The configuration has no stores.' : `There is no store ${clean(only)}.`,
      only === undefined
        ? next('This adds one:', here('init'))
        : `Known: ${clean(config.stores.map(({ id }) => id).join(', '))}.`,
    )
  if (terminal.isLive)
    terminal.say(`Reading from ${stores.length === 1 ? 'one store' : `${stores.length} stores`} …`)
  const findings = await Promise.all(stores.map(checkStore))
  if (terminal.json) for (const finding of findings) terminal.result(finding, () => '')
  else
    terminal.result(null, () =>
      terminal.table(
        ['store', 'platform', 'reachable', 'credentials', 'answered in', 'pace', 'why'],
        findings.map(({ store, platform, reachable, credentials, ms, pace, detail }) => [
          store,
          platform,
          reachable ? 'yes' : 'no',
          credentials === 'unknown' ? 'cannot be told' : credentials,
          duration(ms),
          `${pace.perSecond}/s, burst ${pace.burst}`,
          detail,
        ]),
      ),
    )
  return exitOf(findings)
}
