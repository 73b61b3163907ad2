/**
 * A gateway over a ledger in memory, a clock that tests move by hand, and the made-up platform;
 * every record and call is checked.
 */
import { expect, onTestFinished, vi } from 'vitest'
import { openStore, type Store, type StoreOptions } from '../../src/connection/store.ts'
import type { Failpoint } from '../../src/gateway/workflow/run.ts'
import { createGateway, type GatewayOptions } from '../../src/gateway/gateway.ts'
import type { Admitted } from '../../src/gateway/admission.ts'
import { timing, type Timing } from '../../src/gateway/workflow/timing.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { type Cancellation, isAtRest, isFinal } from '../../src/model/cancellation.ts'
import { Effects } from '../../src/model/effect.ts'
import type { Link } from '../../src/model/link.ts'
import { Problem } from '../../src/model/problem.ts'
import type { CancelRequest } from '../../src/model/request.ts'
import { request } from '../model/samples.ts'
import { createPlatform, type Platform } from './platform.ts'
import { toy, type Toy } from './toy.ts'

export const T0 = Date.UTC(2026, 10, 21, 12)
export const SETTLE = 60_000
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const TOKEN = 'canary-token-of-the-customer'

/** Stands in the address of the shop’s webhooks. */
export const HOOK_TOKEN = 'token-of-the-shop-in-the-address-of-its-hook'

/** What is said of an order that was not canceled: nothing happened. */
export const skipped = {
  order: { outcome: 'skipped', honored: false, basis: 'none' },
  payment: { outcome: 'withheld', honored: null },
}

export interface FixtureOptions {
  readonly platform?: Platform
  readonly toy?: Toy
  readonly store?: Partial<StoreOptions>
  readonly baseUrl?: string
  /** The ids of the stores, all on one account. */
  readonly stores?: readonly string[]
  readonly timing?: Partial<Timing>
  readonly random?: () => number
  readonly idSuffix?: NonNullable<GatewayOptions['idSuffix']>
  readonly wrap?: (ledger: FullLedger) => FullLedger
  readonly failpoint?: (name: Failpoint) => void
  /** Whether somebody is told of what happens in the stores. Default: yes. */
  readonly isListened?: boolean
  readonly reachOf?: NonNullable<GatewayOptions['reachOf']>
  readonly mustBeApproved?: NonNullable<GatewayOptions['mustBeApproved']>
  readonly clock?: { now: number }
  readonly ledger?: FullLedger
  /** Calls take no time but what tests give them, unless they are measured for real. */
  readonly realTime?: boolean
}

/** What must hold of every record at every moment. */
const checkRecord = (record: Cancellation) => {
  expect(JSON.stringify(record)).not.toContain(TOKEN)
  expect(JSON.stringify(record)).not.toContain('good-key-of-the-shop')
  expect(record.wakeAt === null).toBe(isAtRest(record.status))
  expect(record.settledAt === null).toBe(!isFinal(record.status))
  expect(record.problem !== null || record.status === 'succeeded' || !isAtRest(record.status)).toBe(
    true,
  )
  if (record.problem) expect(Problem.parse(record.problem).detail).toMatch(/^\S.{3,}/)
  for (const effect of Object.values(Effects.parse(record.effects)))
    if (effect.detail !== undefined) expect(effect.detail).toMatch(/^\S.{3,}/)
  for (const { call, result } of record.attempts)
    expect(`${call} ${result}`).toMatch(/^POST \/orders\/\S+ \S/)
}

/** The stores of these options, all on one account of the made-up platform. */
const openStores = (options: FixtureOptions, adapter: ReturnType<typeof toy>, platform: Platform) =>
  new Map(
    (options.stores ?? ['shop']).map((id) => [
      id,
      openStore(
        id,
        adapter,
        {
          baseUrl: options.baseUrl ?? 'http://toy.test',
          key: 'good-key-of-the-shop',
          webhookToken: HOOK_TOKEN,
        },
        {
          transport: platform.transport,
          callTimeoutMs: 2_000,
          settleMs: SETTLE,
          test: true,
          ...options.store,
        },
      ),
    ]),
  )

/** Each destructive call must follow its written intent, and be one attempt of a record. */
const checkCalls = (platform: Platform, records: ReadonlyMap<string, Cancellation>) => {
  platform.onDestructive = (id) => {
    const those = [...records.values()].filter(({ request }) => request.orderId === id)
    const written = those.reduce((total, record) => total + record.attempts.length, 0)
    if (!those.some(({ status }) => status === 'sending'))
      platform.violations.push('asked without a written intent')
    if (written < platform.count('cancel', id) + platform.count('transfer', id))
      platform.violations.push('more calls than attempts')
  }
}

interface Asking {
  readonly key?: string | null
  readonly token?: string | null
  readonly caller?: string
  readonly needsApproval?: boolean
}

/** What tests do with a gateway: ask, turn its clock, and let time pass. */
const stepsOf = (
  gateway: ReturnType<typeof createGateway>,
  {
    clock,
    platform,
    records,
  }: {
    clock: { now: number }
    platform: Platform
    records: ReadonlyMap<string, Cancellation>
  },
) => {
  /** Until nothing is being worked on. */
  const idle = async () => {
    await Promise.all([...records.keys()].map(gateway.idle))
  }

  const steps = {
    idle,
    async ask(over: Partial<CancelRequest> = {}, asked: Asking = {}): Promise<Admitted> {
      const { key = null, token = null, caller = 'erp', needsApproval = false } = asked
      const terms = { needsApproval }
      const admitted = await gateway.cancel(request(over), caller, key, token, null, terms)
      await idle()
      return { how: admitted.how, record: await gateway.get(admitted.record.id) }
    },
    get: (id: string) => gateway.get(id),
    /** The platform tells of an order: that it was canceled, or of some change. */
    hear: (orderId = 'open', type: 'order.canceled' | null = 'order.canceled', store = 'shop') =>
      gateway.hooks.receive(store, HOOK_TOKEN, {
        body: new TextEncoder().encode(JSON.stringify({ type, data: { orderId } })),
        headers: new Headers(),
        query: new URLSearchParams(),
      }),
    /** Moves the clock and lets it turn. */
    async tick(ms = 0): Promise<number> {
      await idle()
      clock.now += ms
      platform.settle()
      return gateway.tick()
    },
    /** Lets time pass until the record is at rest. */
    async drive(id: string, turns = 60): Promise<Cancellation> {
      for (let turn = 0; turn < turns; turn++) {
        const record = await gateway.get(id)
        if (isAtRest(record.status)) return record
        await steps.tick(Math.max(0, (record.wakeAt ?? 0) - clock.now))
      }
      throw new Error('it never came to rest')
    },
    async resolve(...words: Parameters<typeof gateway.resolve>): Promise<Cancellation> {
      const record = await gateway.resolve(...words)
      await idle()
      return gateway.get(record.id)
    },
  }
  return steps
}

/** What a gateway told: in which order, of what. */
const openTold = () => ({
  records: new Map<string, Cancellation>(),
  history: [] as Cancellation[],
  failpoints: [] as Failpoint[],
  faults: [] as unknown[],
  /** How notices ended. */
  outcomes: [] as string[],
  /** What stores and links owe. */
  turns: [] as string[],
})

/** The options of a gateway that tells them. */
const tellingOf = (
  { records, history, failpoints, faults, outcomes, turns }: ReturnType<typeof openTold>,
  options: FixtureOptions,
) => ({
  failpoint: (name: Failpoint) => {
    failpoints.push(name)
    options.failpoint?.(name)
  },
  onSaved: (record: Cancellation) => {
    records.set(record.id, record)
    history.push(record)
    checkRecord(record)
  },
  owesOfLink: ({ name, status }: Link) => (turns.push(`link.${status} ${name}`), []),
  notices: {
    isListening: () => options.isListened ?? true,
    onNotice: (_: Store, outcome: string) => void outcomes.push(outcome),
    owesOf: ({ id }: Store, type: string) => (turns.push(`${type} ${id}`), []),
  },
  onFault: (error: unknown) => void faults.push(error),
})

export const openFixture = (options: FixtureOptions = {}) => {
  const clock = options.clock ?? { now: T0 }
  const platform = options.platform ?? createPlatform()
  platform.now = () => clock.now
  const stopwatch = options.realTime
    ? null
    : vi.spyOn(performance, 'now').mockImplementation(() => clock.now)
  const memory = options.ledger ?? openMemoryLedger(() => clock.now)
  const ledger = options.wrap ? options.wrap(memory) : memory
  const adapter = toy(options.toy)
  const told = openTold()
  const { records, faults } = told
  const stores = openStores(options, adapter, platform)
  const gateway = createGateway({
    ledger,
    stores,
    timing: { ...timing(), ...options.timing },
    now: () => clock.now,
    random: options.random ?? (() => 0.5),
    ...(options.idSuffix && { idSuffix: options.idSuffix }),
    ...(options.reachOf && { reachOf: options.reachOf }),
    ...(options.mustBeApproved && { mustBeApproved: options.mustBeApproved }),
    ...tellingOf(told, options),
  })
  checkCalls(platform, records)
  const expected: unknown[] = []
  onTestFinished(() => {
    stopwatch?.mockRestore()
    expect(platform.violations).toEqual([])
    expect(faults).toEqual(expected)
  })

  return {
    clock,
    platform,
    ledger,
    memory,
    gateway,
    adapter,
    stores,
    ...told,
    /** Faults that the test means to cause. */
    expectFaults: (...errors: unknown[]) => void expected.push(...errors),
    ...stepsOf(gateway, { clock, platform, records }),
  }
}

export type Fixture = ReturnType<typeof openFixture>
