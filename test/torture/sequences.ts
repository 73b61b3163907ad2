/**
 * Chance writes sequences of what callers, operators, platforms and power cuts do; a model of a few
 * rules says what each answer may be.
 */
import fc from 'fast-check'
import { isLong, report, ROUNDS, secondsSince, SEED } from './figures.ts'
import {
  type Answer,
  ask,
  call,
  isAtRest,
  kill,
  pause,
  type Process,
  recordsOf,
  sqlite,
  startGateway,
  startPlatform,
  storeOf,
  TIMING,
} from './lab.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { openRedis } from './redis.ts'
import { truthOf } from './truth.ts'
import { expected, type Model, newModel, observe, outcomeOf, sameBody } from './model.ts'

const LANES = 8
const SEQUENCES = (isLong ? 60 : 24) * ROUNDS
const MOST_COMMANDS = 12
const PATIENCE_MS = 30_000

const KINDS = [
  'order_paid',
  'order_open',
  'order_fulfilled',
  'order_canceled',
  'order_400-after-refund',
  'order_open late',
  'order_paid late',
] as const
const WISHES = [{}, { restock: true }] as const

interface Lane {
  readonly name: string
  readonly proxy: Proxy
  gateway: Process
  readonly counts: { commands: number; crashes: number; asked: number }
}
type Command = fc.AsyncCommand<Model, Lane>

const ensure = (holds: unknown, fault: string): void => {
  if (!holds) throw new Error(fault)
}

/** Every record of an order, each held against what was seen of it before. */
const look = async (model: Model, lane: Lane, orderId: string): Promise<Answer[]> => {
  const records = await recordsOf(lane.gateway, orderId)
  for (const record of records) observe(model, record)
  const known = [...model.records.values()]
    .filter((record) => record.orderId === orderId)
    .map(({ id }) => id)
  ensure(
    known.every((id) => records.some((record) => record.id === id)),
    `a record of ${orderId} is gone`,
  )
  return records
}

const command = (name: string, run: (model: Model, lane: Lane) => Promise<void>): Command => ({
  check: () => true,
  toString: () => name,
  async run(model, lane) {
    lane.counts.commands += 1
    await run(model, lane)
  },
})

const cancel = ({ order, wishes, key }: { order: number; wishes: 0 | 1; key: string | null }) =>
  command(`cancel(${order}, ${wishes}, ${key})`, async (model, lane) => {
    const orderId = model.orders[order % model.orders.length] as string
    const body = { orderId, ...WISHES[wishes] }
    const before = await look(model, lane, orderId)
    const bound =
      key === null ? undefined : model.keys.get(`${storeOf(orderId)} ${key} ${model.name}`)
    const response = await ask(
      lane.gateway,
      body,
      'respond-async',
      key === null ? null : `${key}-${model.name}`,
    )
    lane.counts.asked += 1
    if (!response) throw new Error('no answer')
    const { outcome, id } = await outcomeOf(response)
    // A retryable rejection starts again by its key.
    if (outcome === 'replayed' && id !== null) model.restarted.add(id)
    const after = await look(model, lane, orderId)
    const wanted = [
      before,
      after.filter((record) => record.id !== id || outcome !== 'created'),
    ].map((records) => expected(records, body, bound))
    ensure(
      wanted.some((one) => one.outcome === outcome && (one.id === null || one.id === id)),
      `${outcome} ${id} for ${JSON.stringify(body)} ${key}, wanted ${JSON.stringify(wanted)}`,
    )
    if (outcome === 'created')
      ensure(!before.some((record) => record.id === id), 'created what was there')
    if (key !== null && id !== null && (outcome === 'created' || outcome === 'deduplicated'))
      model.keys.set(`${storeOf(orderId)} ${key} ${model.name}`, { body, id })
    if (bound) ensure(!sameBody(bound.body, body) || id === bound.id, 'one key, two ids')
  })

/** A record that is known, by chance; none: nothing is done. */
const withRecord =
  (name: string, run: (model: Model, lane: Lane, record: Answer) => Promise<void>) =>
  (index: number) =>
    command(`${name}(${index})`, async (model, lane) => {
      const record = [...model.records.values()][index % Math.max(1, model.records.size)]
      if (record) await run(model, lane, record)
    })

const statusOf = async (model: Model, lane: Lane, { id, orderId }: Answer) =>
  (await look(model, lane, orderId)).find((record) => record.id === id)?.status

const withdraw = withRecord('withdraw', async (model, lane, record) => {
  const before = await statusOf(model, lane, record)
  const response = await call(lane.gateway, 'POST', `/v1/cancellations/${record.id}/withdraw`)
  const after = await statusOf(model, lane, record)
  // What was being sent a moment ago is accepted again where it provably never left.
  if (response?.status === 200)
    ensure(
      (before === 'accepted' || before === 'sending') && after === 'rejected',
      `withdrawn from ${before} to ${after}`,
    )
  else
    ensure(
      response?.status === 409 &&
        !(before === 'accepted' && after === 'accepted' && !model.retried.has(record.id)),
      `not withdrawn: ${response?.status}, ${before}, ${after}`,
    )
})

const resolve = (as: 'canceled' | 'not_canceled' | 'retry') =>
  withRecord(`resolve as ${as}`, async (model, lane, record) => {
    const before = await statusOf(model, lane, record)
    model.resolved.add(record.id)
    const response = await call(lane.gateway, 'POST', `/v1/cancellations/${record.id}/resolve`, {
      as,
      note: 'Looked.',
    })
    ensure(
      response?.status === (before === 'needs_attention' ? 200 : 409) ||
        before === 'in_doubt' ||
        before === 'sending',
      `resolved from ${before}: ${response?.status}`,
    )
    if (response?.status !== 200) return
    if (as === 'retry') model.retried.add(record.id)
    else model.answered.add(record.id)
  })

const wait = withRecord('wait', async (model, lane, record) => {
  const response = await call(lane.gateway, 'GET', `/v1/cancellations/${record.id}`, undefined, {
    prefer: 'wait=1',
  })
  ensure(response?.status === 200, `reading answered ${response?.status}`)
  observe(model, (await response?.json()) as Answer)
})

const list = command('list', async (model, lane) => {
  const response = await call(lane.gateway, 'GET', '/v1/cancellations?status=succeeded&limit=100')
  ensure(response?.status === 200, `a list answered ${response?.status}`)
  const { data } = (await (response as Response).json()) as { data: Answer[] }
  ensure(
    data.every(({ status }) => status === 'succeeded'),
    'a list of what succeeded holds something else',
  )
  for (const record of data) if (model.records.has(record.id)) observe(model, record)
})

const crash = command('kill -9', async (model, lane) => {
  await kill(lane.gateway)
  lane.gateway = await restart(lane)
  lane.counts.crashes += 1
  for (const orderId of model.orders) await look(model, lane, orderId)
})
const tick = command('tick', () => pause(TIMING.settleMs))
const down = command('platform down', (_, lane) => lane.proxy.refuse(true))
const up = command('platform up', (_, lane) => lane.proxy.refuse(false))

const index = fc.nat(7)
const COMMANDS: fc.Arbitrary<Command>[] = [
  ...Array.from({ length: 4 }, () =>
    fc
      .record({
        order: fc.nat(1),
        wishes: fc.constantFrom(0 as const, 1 as const),
        key: fc.constantFrom(null, 'a', 'b'),
      })
      .map(cancel),
  ),
  index.map(withdraw),
  fc
    .tuple(fc.constantFrom('canceled' as const, 'not_canceled' as const, 'retry' as const), index)
    .map(([as, at]) => resolve(as)(at)),
  index.map(wait),
  fc.constant(list),
  fc.constant(crash),
  fc.constant(tick),
  fc.constant(down),
  fc.constant(up),
]

/**
 * When all is well again everything comes to rest, and the platform has seen at most one cancel,
 * but for those that a person had tried again.
 */
const settle = async (model: Model, lane: Lane, platform: Process) => {
  await lane.proxy.refuse(false)
  for (const orderId of model.orders) {
    const end = performance.now() + PATIENCE_MS
    let records = await look(model, lane, orderId)
    while (!records.every(isAtRest) && performance.now() < end) {
      await pause(100)
      records = await look(model, lane, orderId)
    }
    ensure(
      records.every(isAtRest),
      `${orderId} never came to rest: ${records.map(({ status }) => status).join(', ')}`,
    )
    await pause(TIMING.settleMs)
    const truth = await truthOf(platform, orderId)
    const retries = records.filter(({ id }) => model.retried.has(id)).length
    ensure(
      truth.canceled + truth.repeated <= 1 + retries,
      `${orderId}: canceled ${truth.canceled}, repeated ${truth.repeated}, retried ${retries}`,
    )
    const byHand = records.some(({ id }) => model.answered.has(id))
    const ours = records.filter(
      ({ status, alreadyCanceled, via }) =>
        status === 'succeeded' && !alreadyCanceled && via !== 'operator',
    )
    ensure(ours.length <= 1, `${orderId}: ${ours.length} records claim the one cancel`)
    const succeeded = records.some(({ status }) => status === 'succeeded')
    if (!byHand)
      ensure(
        (truth.isCanceled || !succeeded) &&
          (succeeded || !truth.isCanceled || truth.canceled === 0),
        `${orderId}: ${records.map(({ status }) => status).join(', ')}, canceled: ` +
          `${truth.isCanceled}, by us: ${truth.canceled}`,
      )
    if (!byHand && records.length > 0 && records.every(({ status }) => status === 'rejected'))
      ensure(truth.canceled === 0, `${orderId}: all rejected, canceled ${truth.canceled}`)
  }
}

const started = performance.now()
const platform = await startPlatform()
const what = 'sequences by chance, against a model'
const redis = process.argv[2] === 'redis' ? await openRedis(what) : null
if (process.argv[2] === 'redis' && redis === null) process.exit()
const restart = ({ name, proxy }: { name: string; proxy: Proxy }) =>
  startGateway({
    platform,
    baseUrl: proxy.url,
    ledger: redis ? `${redis.url}/${name.replace('lane-', '')}` : sqlite(name),
  })
const violations: string[] = []
const counts = { commands: 0, crashes: 0, asked: 0 }
let sequences = 0

await Promise.all(
  Array.from({ length: LANES }, async (_, number) => {
    const name = `lane-${number}`
    const proxy = await openProxy({ target: platform.url, choose: () => 'none', lateMs: () => 0 })
    const lane: Lane = { name, proxy, gateway: await restart({ name, proxy }), counts }
    const story = fc.asyncProperty(
      fc.constantFrom(...KINDS),
      fc.constantFrom(...KINDS),
      fc.commands(COMMANDS, { maxCommands: MOST_COMMANDS, size: 'max' }),
      async (one, two, commands) => {
        const serial = `${number}-${sequences++}`
        const model = newModel(
          serial,
          [one, two].map(
            (kind, at) =>
              kind.replace(/ late$/, '') +
              `-${serial}${at}${kind.endsWith(' late') ? `_${TIMING.callTimeoutMs + 300}ms` : ''}`,
          ),
        )
        await fc.asyncModelRun(() => ({ model, real: lane }), commands)
        await settle(model, lane, platform)
      },
    )
    const details = await fc.check(story, {
      numRuns: Math.ceil(SEQUENCES / LANES),
      seed: SEED + number,
      endOnFailure: true,
    })
    if (details.failed)
      violations.push(
        `seed ${details.seed}, path ${details.counterexamplePath}: ` +
          `${String(details.errorInstance)}; ${String(details.counterexample)}`,
      )
    await kill(lane.gateway)
    proxy.close()
  }),
)
report({
  what,
  ledger: redis ? 'Redis' : 'SQLite',
  gateways: 1,
  faults: `${counts.crashes} kills`,
  accepted: counts.asked,
  double: violations.filter((fault) => fault.includes('repeated')).length,
  lost: violations.filter((fault) => / is gone|never came/.test(fault)).length,
  wrong: violations.length,
  seconds: secondsSince(started),
  says: `${sequences} sequences, ${counts.commands} commands, ${violations.length} divergences`,
  violations,
})
process.exit()
