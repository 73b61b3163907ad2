/**
 * `rescind`: the gateway for a program of your own on Node, as a whole or in its parts
 * (docs/embed.md).
 */
import { openLedger as open, pauseOf } from './hosts/node/ledger.ts'
import { platforms } from './hosts/platforms.ts'
import { timing } from './gateway/workflow/timing.ts'
import { guarded } from './ledger/rules.ts'
import type { RedisOptions } from './ledger/redis/redis.ts'
import type { FullLedger as Ledger } from './ledger/port.ts'

export { ConfigError, type Configuration, readConfig } from './config/configuration.ts'
export { openSandbox, type SandboxStores } from './config/sandbox.ts'
export { openStores, type StoresOptions } from './config/stores.ts'
export { openStore, type Store, type StoreOptions } from './connection/store.ts'
export { type NodeTransport, openTransport } from './connection/transport-undici.ts'
export { createGateway, type Gateway, type GatewayOptions } from './gateway/gateway.ts'
export { start, type Started, type StartOptions } from './hosts/node/index.ts'
export { type Environment, loadConfig } from './hosts/node/load.ts'
export { type AppOptions, createApp } from './http/app.ts'
export type { App } from './http/auth.ts'
export { LedgerUnavailable } from './ledger/port.ts'
export type { Cancellation, Status } from './model/cancellation.ts'
export type { Effects } from './model/effect.ts'
export type { Order } from './model/order.ts'
export { type Problem, ProblemError } from './model/problem.ts'
export { CancelRequest } from './model/request.ts'
export type { Timing } from './gateway/workflow/timing.ts'
export { type Ledger, platforms, type RedisOptions, timing }

/**
 * Opens the ledger at `sqlite:PATH`, `redis://HOST:PORT`, `rediss://HOST:PORT`,
 * `postgres://USER@HOST:PORT/DATABASE` or `memory:`. Throws `ConfigError` for an address or a
 * server that cannot keep one; what the ledger cannot do later rejects with `LedgerUnavailable`.
 * Redis and PostgreSQL: `pauseMs` must be as long as a call can take and settle, which the preset
 * is for the listed platforms and the preset timing.
 */
export const openLedger = async (
  address: string,
  options: Partial<RedisOptions> = {},
): Promise<Ledger> => {
  const pauseMs = pauseOf(
    timing(),
    platforms.map(({ adapter }) => adapter),
  )
  return guarded(await open(address, { pauseMs, ...options }))
}
