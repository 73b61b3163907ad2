/**
 * A cancel is a job of Shopify's: it ends well, fails, never ends, is forgotten, and our process
 * dies meanwhile. Whatever comes, no second mutation goes out while one may be at work.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/connection/store.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import type { Failpoint } from '../../src/gateway/workflow/run.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { type Cancellation, isAtRest, isRunning } from '../../src/model/cancellation.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { type Between, sandboxTransport } from '../../src/testing/harness.ts'
import { VERSIONS } from './access.ts'
import { shopify } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

const SETTLE = shopify.settleMs
const DAY = 86_400_000
const T0 = Date.UTC(2026, 10, 30, 12)
const DIES = new Error('the process is gone')

interface World {
  readonly clock: { now: number }
  readonly sandbox: ReturnType<typeof createSandbox>
  /** Every mutation that went out, with what was at work when it did. */
  readonly mutations: { readonly at: number; readonly isBusy: boolean }[]
  readonly between: Between
}

/** A shop, and a clock for all who talk to it. `onReply`: what becomes of an answer on its way. */
const openWorld = (onReply: (response: Response) => Response = (one) => one): World => {
  const clock = { now: T0 }
  const sandbox = createSandbox()
  const mutations: { readonly at: number; readonly isBusy: boolean }[] = []
  const isBusy = () => sandbox.isBusy('paid')
  return {
    clock,
    sandbox,
    mutations,
    async between(request, pass) {
      const { query } = (await request.clone().json()) as { readonly query: string }
      if (!query.startsWith('mutation')) return pass()
      mutations.push({ at: clock.now, isBusy: isBusy() })
      return onReply(await pass())
    },
  }
}

/** A process of ours on that shop; it dies at this failpoint, and writes nothing from then on. */
const openProcess = (
  { clock, sandbox, between }: World,
  ledger: FullLedger,
  { diesAt, apiVersion = '2026-10' }: { diesAt?: Failpoint; apiVersion?: string } = {},
) => {
  const life = { isOver: false }
  const faults: unknown[] = []
  const settings = { ...sandbox.settings, apiVersion, baseUrl: 'https://shopify.example' }
  const store = openStore('shop', shopify, shopify.settings.parse(settings), {
    transport: sandboxTransport(sandbox, between),
    callTimeoutMs: 1_000,
    settleMs: SETTLE,
  })
  const gateway = createGateway({
    ledger,
    stores: new Map([[store.id, store]]),
    timing: timing(),
    now: () => clock.now,
    random: () => 0.5,
    failpoint(name) {
      if (name === diesAt) life.isOver = true
      if (life.isOver) throw DIES
    },
    onFault: (error) => faults.push(error),
  })
  const step = async (id: string, ms: number): Promise<Cancellation> => {
    clock.now += ms
    await gateway.tick()
    await gateway.idle(id)
    return gateway.get(id)
  }
  return {
    gateway,
    faults,
    step,
    async ask(body: object): Promise<Cancellation> {
      const request = { ...CancelRequest.parse(body), store: store.id }
      const { record } = await gateway.cancel(request, 'erp', null, null)
      await gateway.idle(record.id)
      return gateway.get(record.id)
    },
    /** Lets time pass until the record is at rest. */
    async drive(id: string): Promise<Cancellation> {
      for (let turn = 0; turn < 500; turn += 1) {
        const record = await gateway.get(id)
        if (isAtRest(record.status)) return record
        await step(id, Math.max(0, (record.wakeAt ?? 0) - clock.now))
      }
      throw new Error('it never came to rest')
    },
  }
}

const LEDGERS: readonly [string, (world: World) => FullLedger][] = [
  ['memory', ({ clock }) => openMemoryLedger(() => clock.now)],
  [
    'SQLite',
    ({ clock }) => {
      const folder = mkdtempSync(join(tmpdir(), 'rescind-shopify-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      return openSqliteLedger(join(folder, 'ledger.db'), () => clock.now)
    },
  ],
]

const ORDER = { orderId: 'paid', reason: 'Ordered twice', notify: true, restock: true }

/** What must hold whatever happened: nothing was sent while something may have been at work. */
const neverTwice = ({ mutations, sandbox }: World) => {
  expect(mutations.filter(({ isBusy }) => isBusy)).toEqual([])
  expect(sandbox.cancels.get('paid') ?? 0).toBeLessThanOrEqual(1)
}

describe.each(LEDGERS)('a job, kept in %s', (_, openLedger) => {
  it.each(VERSIONS)('that ends well: proved by the order, on %s', async (apiVersion) => {
    const world = openWorld()
    world.sandbox.planFor('paid', { waits: true })
    const { ask, step, drive } = openProcess(world, openLedger(world), { apiVersion })
    const asked = await ask(ORDER)
    expect(isRunning(asked)).toBe(true)
    expect(asked).toMatchObject({
      status: 'sending',
      running: { memo: { job: expect.stringMatching(/^gid:\/\/shopify\/Job\//) } },
      attempts: [{ result: '200, job queued', unsent: false }],
      effects: { order: { outcome: 'pending' } },
    })
    expect(await step(asked.id, 2_000)).toMatchObject({
      status: 'sending',
      attempts: [{ result: '200, job at work' }],
    })
    world.sandbox.endAll()
    expect(await drive(asked.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: {
        order: { outcome: 'applied', basis: 'confirmed' },
        reason: { outcome: 'applied', basis: 'confirmed' },
        notify: { outcome: 'applied', basis: 'documented' },
        restock: { outcome: 'applied', basis: 'documented' },
        payment: { outcome: 'withheld', basis: 'confirmed' },
      },
    })
    // Without the settle time.
    expect(world.clock.now - T0).toBeLessThan(SETTLE)
    expect(world.mutations).toHaveLength(1)
    neverTwice(world)
  })

  it('that fails, from 2026-10 on: refused, with its words', async () => {
    const world = openWorld()
    const words = 'Cannot cancel an order that has outstanding fulfillments'
    world.sandbox.planFor('paid', { waits: true, fails: words })
    const { ask, step, drive } = openProcess(world, openLedger(world))
    const { id } = await ask(ORDER)
    await step(id, 2_000)
    world.sandbox.endAll()
    expect(await drive(id)).toMatchObject({
      status: 'rejected',
      problem: {
        code: 'order-not-cancelable',
        cause: 'fulfilled',
        acted: 'no',
        upstream: { code: 'INVALID', message: words },
      },
      effects: { order: { outcome: 'skipped' }, payment: { outcome: 'withheld' } },
    })
    expect(world.mutations).toHaveLength(1)
    neverTwice(world)
  })

  it.each(VERSIONS)(
    'that somebody else overtakes: canceled already, and nothing of our call is told, on %s',
    async (apiVersion) => {
      const world = openWorld()
      world.sandbox.planFor('paid', { waits: true, overtaken: true })
      const { ask, step, drive } = openProcess(world, openLedger(world), { apiVersion })
      const { id } = await ask(ORDER)
      await step(id, 2_000)
      world.sandbox.endAll()
      expect(await drive(id)).toMatchObject({
        status: 'succeeded',
        alreadyCanceled: true,
        effects: { notify: { outcome: 'skipped' }, restock: { outcome: 'skipped' } },
      })
      expect(world.mutations).toHaveLength(1)
    },
  )

  it('that fails on an earlier version, which does not say so: doubt, and sent again', async () => {
    const world = openWorld()
    world.sandbox.planFor('paid', { waits: true, fails: 'Something' }, {})
    const { ask, step, drive } = openProcess(world, openLedger(world), { apiVersion: '2026-07' })
    const { id } = await ask(ORDER)
    await step(id, 2_000)
    world.sandbox.endAll()
    const seen = await step(id, 4_000)
    expect(seen).toMatchObject({ status: 'in_doubt', wakeAt: world.clock.now + SETTLE })
    await step(id, SETTLE - 1)
    expect(world.mutations).toHaveLength(1)
    expect(await drive(id)).toMatchObject({ status: 'succeeded' })
    expect(world.mutations).toHaveLength(2)
    neverTwice(world)
  })

  it('that never ends: a person at giveUpMs, and one mutation', async () => {
    const world = openWorld()
    world.sandbox.planFor('paid', { waits: true })
    const { ask, drive } = openProcess(world, openLedger(world))
    const { id } = await ask(ORDER)
    expect(await drive(id)).toMatchObject({
      status: 'needs_attention',
      problem: { code: 'needs-attention', acted: 'unknown' },
    })
    expect(world.clock.now - T0).toBeGreaterThanOrEqual(DAY)
    expect(world.clock.now - T0).toBeLessThan(DAY + 600_000)
    expect(world.mutations).toHaveLength(1)
    neverTwice(world)
  })

  it.each(VERSIONS)(
    'that is forgotten, on %s: “done”, and never was; doubt, then sent again',
    async (apiVersion) => {
      const world = openWorld()
      world.sandbox.planFor('paid', { forgotten: true })
      const { ask, step, drive } = openProcess(world, openLedger(world), { apiVersion })
      const { id } = await ask(ORDER)
      const seen = await step(id, 2_000)
      expect(seen).toMatchObject({ status: 'in_doubt', wakeAt: world.clock.now + SETTLE })
      await step(id, SETTLE - 1)
      expect(world.mutations).toHaveLength(1)
      expect(await drive(id)).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
      expect(world.mutations).toHaveLength(2)
      neverTwice(world)
    },
  )

  it.each([
    // The intent is written, and nothing left: sent once nobody can be at work.
    ['intended', {}],
    // The job is begun, and its id is lost with the process: what it did is found by the order.
    ['performed', { waits: true }],
  ] as const)('whose process dies when it is %s', async (diesAt, plan) => {
    const world = openWorld()
    world.sandbox.planFor('paid', plan)
    const ledger = openLedger(world)
    const first = openProcess(world, ledger, { diesAt })
    const asked = await first.ask(ORDER)
    expect([asked.status, isRunning(asked)]).toEqual(['sending', false])
    expect(first.faults).toEqual([DIES])
    const second = openProcess(world, ledger)
    // Past the lease of who is gone: doubt, with the whole settle time.
    await second.step(asked.id, 61_000)
    expect(await second.gateway.get(asked.id)).toMatchObject({ status: 'in_doubt' })
    world.sandbox.endAll()
    expect((await second.drive(asked.id)).status).toBe('succeeded')
    expect(world.sandbox.taken.get('paid')).toBe(1)
    neverTwice(world)
  })

  it('whose id is lost, and that outlives the settle time: Shopify takes no second', async () => {
    const world = openWorld()
    world.sandbox.planFor('paid', { waits: true })
    const ledger = openLedger(world)
    const first = openProcess(world, ledger, { diesAt: 'performed' })
    const { id } = await first.ask(ORDER)
    const second = openProcess(world, ledger)
    await second.step(id, 61_000)
    await second.step(id, SETTLE)
    expect(world.mutations).toHaveLength(2)
    // Shopify itself turned the second one away: “Cancellation is already in progress”.
    expect(world.sandbox.taken.get('paid')).toBe(1)
    expect(await second.gateway.get(id)).toMatchObject({ status: 'in_doubt' })
    world.sandbox.endAll()
    expect(await second.drive(id)).toMatchObject({ status: 'succeeded' })
    expect(world.sandbox.cancels.get('paid')).toBe(1)
  })

  it('whose process dies between two looks: the next one asks on, and sends nothing', async () => {
    const world = openWorld()
    world.sandbox.planFor('paid', { waits: true })
    const ledger = openLedger(world)
    const first = openProcess(world, ledger, { diesAt: 'looked' })
    // It looks before it sends, too: this one dies at its second look.
    const begun = openProcess(world, ledger)
    const { id } = await begun.ask(ORDER)
    await first.step(id, 2_000)
    const second = openProcess(world, ledger)
    const seen = await second.step(id, 61_000 + SETTLE)
    expect(seen).toMatchObject({ status: 'sending', attempts: [{ result: '200, job at work' }] })
    world.sandbox.endAll()
    expect(await second.drive(id)).toMatchObject({
      status: 'succeeded',
      effects: { notify: { outcome: 'applied' } },
    })
    expect(world.mutations).toHaveLength(1)
    neverTwice(world)
  })

  it('whose reply is lost: nothing is sent within the settle time', async () => {
    const world = openWorld(() => {
      throw new TypeError('fetch failed')
    })
    world.sandbox.planFor('paid', { waits: true })
    const { ask, step, drive } = openProcess(world, openLedger(world))
    const { id, status } = await ask(ORDER)
    expect(status).toBe('in_doubt')
    await step(id, SETTLE - 1)
    expect(world.mutations).toHaveLength(1)
    world.sandbox.endAll()
    expect(await drive(id)).toMatchObject({
      status: 'succeeded',
      // What the lost call said nobody knows but the order, which shows the note.
      effects: {
        reason: { outcome: 'applied', basis: 'confirmed' },
        notify: { outcome: 'unverified' },
      },
    })
    expect(world.mutations).toHaveLength(1)
    neverTwice(world)
  })

  it('twenty requests at once, and as many while it is at work: one mutation', async () => {
    const world = openWorld()
    world.sandbox.planFor('paid', { waits: true })
    const { ask, drive } = openProcess(world, openLedger(world))
    const twenty = () => Promise.all(Array.from({ length: 20 }, () => ask(ORDER)))
    const records = [...(await twenty()), ...(await twenty())]
    const [{ id } = { id: '' }] = records
    expect(new Set(records.map((record) => record.id)).size).toBe(1)
    world.sandbox.endAll()
    expect(await drive(id)).toMatchObject({ status: 'succeeded' })
    expect(world.mutations).toHaveLength(1)
    neverTwice(world)
  })
})
