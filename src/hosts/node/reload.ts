/**
 * Puts a changed configuration in the place of the one that runs, without a restart: checked whole,
 * then swapped at once, or refused whole.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { ConfigError, type Configuration } from '../../config/configuration.ts'
import type { ConfigStanding } from '../../console/layout.ts'
import type { Keys } from '../../http/keys.ts'
import type { ConfigSource } from './load.ts'
import { type NodeDeliveries, refuseOwn } from './deliveries.ts'
import type { OnFault } from './log.ts'
import type { Metrics } from './metrics.ts'
import { callersOf, type settingsOf } from './settings.ts'
import type { ConnectedStores } from './stores.ts'

export interface ReloadParts {
  readonly source: ConfigSource
  readonly settings: ReturnType<typeof settingsOf>
  readonly connected: Pick<ConnectedStores, 'replace'>
  readonly keys: Keys
  readonly deliveries: Pick<NodeDeliveries, 'replace'>
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'onReload'>
  readonly onFault: OnFault
  /** Told once another configuration runs. */
  readonly onReplaced: (config: Configuration) => Promise<void>
}

/** By name: what came, what went and what is other than before. */
const differences = (
  before: readonly { readonly name: string; readonly value: unknown }[],
  next: typeof before,
) => {
  const known = new Map(before.map(({ name, value }) => [name, value]))
  const names = new Set(next.map(({ name }) => name))
  const list = {
    added: next.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    changed: next
      .filter(({ name, value }) => known.has(name) && !isDeepStrictEqual(known.get(name), value))
      .map(({ name }) => name),
    removed: [...known.keys()].filter((name) => !names.has(name)),
  }
  return Object.fromEntries(Object.entries(list).filter(([, found]) => found.length > 0))
}

/** What differs, by the names of stores, callers and webhooks; never a setting. */
const changesOf = (before: Configuration, next: Configuration) => {
  const all = (config: Configuration) => ({
    stores: config.stores.map((value) => ({ name: value.id, value })),
    callers: config.callers.map((value) => ({ name: value.name, value })),
    webhooks: config.webhooks.map((value) => ({ name: `${value.caller}/${value.name}`, value })),
  })
  const [old, new_] = [all(before), all(next)]
  const found = (['stores', 'callers', 'webhooks'] as const).map(
    (kind) => [kind, differences(old[kind], new_[kind])] as const,
  )
  return Object.fromEntries(found.filter(([, lists]) => Object.keys(lists).length > 0))
}

/** What was read and may run in the place of what does. Throws `ConfigError` where it may not. */
const checked = ({ source, settings, keys }: ReloadParts) => {
  const next = source.load()
  if (!next) throw new ConfigError(`${source.file} is gone`)
  const callers = callersOf(next, settings)
  // A mistake in a file must not open to everybody what asked for keys.
  if ((callers === null) !== (keys.callers() === null))
    throw new ConfigError(
      callers === null
        ? 'callers: there are none; that nobody is asked for a key begins with a restart'
        : 'callers: there were none; that keys are asked for begins with a restart',
    )
  refuseOwn(next.webhooks, settings.listening)
  return { next, callers }
}

/** What is taken up by a restart alone. */
const AT_THE_START = ['timing', 'retention', 'alerts', 'smtp'] as const

export interface Reloading {
  readonly standing: () => ConfigStanding
  /** Reads the file, and runs what stands there if it may; never throws. */
  readonly reload: () => void
}

export const createReloading = (first: Configuration, parts: ReloadParts): Reloading => {
  const { connected, keys, deliveries, log, metrics, onFault, onReplaced } = parts
  let config = first
  let standing: ConfigStanding = { since: Date.now(), refusedAt: null, waiting: [] }
  const refuse = (error: unknown) => {
    standing = { ...standing, refusedAt: Date.now() }
    metrics.onReload('refused', false)
    const isMistake = error instanceof ConfigError
    // Of a fault of ours nothing is said that it may hold.
    if (!isMistake) onFault(error)
    log.error(
      { mistakes: isMistake ? error.message.split('\n') : ['a fault of the gateway itself'] },
      'the configuration was changed and is refused: what ran before runs on',
    )
  }
  const apply = ({ next, callers }: ReturnType<typeof checked>) => {
    const changes = changesOf(config, next)
    // Together, and nothing in between: no request sees half of it.
    connected.replace(next)
    keys.replace(callers)
    deliveries.replace(next.webhooks)
    config = next
    const waiting = AT_THE_START.filter((part) => !isDeepStrictEqual(first[part], next[part]))
    const isChanged = Object.keys(changes).length > 0
    const since = isChanged ? Date.now() : standing.since
    standing = { since, refusedAt: null, waiting }
    metrics.onReload(isChanged ? 'applied' : 'unchanged', waiting.length === 0)
    log.info(changes, isChanged ? 'the configuration was changed' : 'the configuration is the same')
    if (waiting.length > 0)
      log.warn({ waiting }, 'this part of the configuration is taken up by a restart alone')
    onReplaced(next).catch(onFault)
  }
  return {
    standing: () => standing,
    reload() {
      try {
        apply(checked(parts))
      } catch (error) {
        refuse(error)
      }
    },
  }
}
