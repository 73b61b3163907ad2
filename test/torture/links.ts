/**
 * Links of five orders in three stages, asked for, refused and followed while their gateways kill
 * themselves at every failpoint; judged by what the platform counted and a receiver was told.
 */
import type { Cancellation, Link } from '../../src/client/types.ts'
import { chance, isLong, report, ROUNDS, SEED, secondsSince } from './figures.ts'
import type { CrashPoint } from './gateway.ts'
import { type Kind, KINDS, POINTS, TURNS } from './links-kinds.ts'
import { arm, authorizationOf, kill, pause, type Process, sqlite, startPlatform } from './lab.ts'
import {
  callAs,
  enable,
  endLeases,
  notify,
  openReceiver,
  putLink,
  read,
  startLinked,
} from './links-lab.ts'
import type { PlatformState } from './platform.ts'
import { openRedis } from './redis.ts'
import { each } from './storm.ts'

const STORES = ['erp', 'copy-a', 'copy-b', 'shop-a', 'shop-b'] as const
const STAGES = [1, 2, 2, 3, 3] as const
const LANES = Number(process.env['RESCIND_LANES'] ?? (isLong ? 8 : 4))
/** Kills of one ledger. */
const KILLS = Number(process.env['RESCIND_KILLS'] ?? (isLong ? 100 * ROUNDS : 15))
/** Links that are begun in one life. */
const PER_LIFE = 2
/** A life that has not met its point by then is over all the same. */
const LIFE_MS = 2_500
/**
 * For how long nothing may move before it is stuck: of many lives a record has many tries, and up to
 * five minutes between two of them.
 */
const PATIENCE_MS = isLong ? 330_000 : 60_000
const AWAY = { everyMs: 5_000, ms: 1_200 }

interface Sale {
  readonly name: string
  readonly kind: Kind
  readonly kindName: string
  readonly orderIds: readonly string[]
  /** Who is canceled at its platform. */
  readonly there: number
}

interface Lane {
  readonly gateways: Process[]
  readonly ledger: string
  readonly path: string
  readonly sales: Sale[]
  readonly random: () => number
}

const platform = await startPlatform()
const receiver = await openReceiver()
const violations: string[] = []

/** Asks until there is an answer that is one; a gateway may be dying. */
const insist = async (
  lane: Lane,
  act: (gateway: Process) => Promise<Response | null>,
  isDone: (response: Response) => boolean,
): Promise<void> => {
  for (;;) {
    const { gateways, random } = lane
    const response = await act(gateways[Math.floor(random() * gateways.length)] as Process)
    if (response && isDone(response)) return
    if (response && response.status < 500 && response.status !== 429)
      throw new Error(`${response.status} ${await response.text()}`)
    await pause(50)
  }
}

const cancelThere = ({ orderIds, there }: Sale) =>
  fetch(`${platform.url}/admin/orders/${orderIds[there]}/cancel`, {
    method: 'POST',
    headers: { authorization: authorizationOf(platform) },
  })

const bodyOf = ({ kind, orderIds }: Sale) => ({
  members: orderIds.map((orderId, index) => ({
    store: STORES[index] as string,
    orderId,
    stage: STAGES[index] as number,
  })),
  follow: kind.asked.includes(-1) && !kind.isLate ? ('cancel' as const) : ('tell' as const),
})

/** Links five orders, and has them canceled in the way of their kind. */
const begin = async (lane: Lane, sale: Sale): Promise<void> => {
  const { name, kind, orderIds, there } = sale
  if (kind.isLate) await cancelThere(sale)
  await insist(
    lane,
    (gateway) => putLink(gateway, name, bodyOf(sale)),
    ({ ok }) => ok,
  )
  if (kind.asked.includes(-1)) {
    if (!kind.isLate) await cancelThere(sale)
    const store = STORES[there] as string
    await insist(
      lane,
      (gateway) => notify(gateway, store, orderIds[there] as string),
      ({ ok }) => ok,
    )
    return
  }
  const { linked } = kind
  await Promise.all(
    kind.asked.map((index) =>
      insist(
        lane,
        (gateway) =>
          callAs(
            gateway,
            'POST',
            '/v1/cancellations',
            {
              store: STORES[index],
              orderId: orderIds[index],
              reason: `Because of ${name}`,
              reference: name,
              ...(linked && { linked }),
            },
            { prefer: 'respond-async', 'idempotency-key': `${name}-${index}` },
          ),
        ({ status, headers }) => status < 500 && headers.has('location'),
      ),
    ),
  )
}

let serial = 0
const newSale = (label: string, lane: Lane): Sale => {
  const nth = serial++
  const kindName = TURNS[nth % TURNS.length] as string
  const kind = KINDS[kindName] as Kind
  const name = `${label}-${nth}`
  return {
    name,
    kind,
    kindName,
    orderIds: kind.orders.map(
      ([example, mark = ''], index) =>
        `${example}${mark.startsWith('-') ? mark : ''}-${name}-${index}` +
        (mark.startsWith('_') ? mark : ''),
    ),
    there: Math.floor(lane.random() * STORES.length),
  }
}

const stateOf = async (orderId: string): Promise<PlatformState> =>
  (await (await fetch(`${platform.url}/state/${orderId}`)).json()) as PlatformState

/** Where what the platform counted is not what may have become of these orders. */
const faultsThere = async ({ kind, orderIds, there }: Sale) => {
  const states = await Promise.all(orderIds.map(stateOf))
  const faults: string[] = []
  const double = states.filter((state) => state.canceled + state.repeated > 1).length
  if (double > 0) faults.push(`${double} canceled twice`)
  const expected = kind.isLate ? orderIds.map((_, index) => index === there) : kind.canceled
  const wrong = states.filter(
    (state, index) => expected[index] !== null && expected[index] !== state.canceled > 0,
  ).length
  if (wrong > 0) faults.push(`canceled ${states.map(({ canceled }) => canceled).join()}`)
  const ours = states.map((state, index) => ({ ...state, stage: STAGES[index] as number, index }))
  const early = ours.some((one) =>
    ours.some(
      (before) =>
        before.stage < one.stage &&
        !(kind.asked.includes(-1) && [one.index, before.index].includes(there)) &&
        one.beganAt !== null &&
        before.doneAt !== null &&
        one.beganAt < before.doneAt,
    ),
  )
  if (early) faults.push('a stage before its turn')
  return { double, wrong: early ? Math.max(1, wrong) : wrong, faults }
}

/** Where the link, its records or what was told of them is not as it should be. */
const faultsOf = async (lane: Lane, { name, kind }: Sale): Promise<string[]> => {
  const [gateway] = lane.gateways as [Process]
  const faults: string[] = []
  const link = await read<Link>(gateway, `/v1/links/${name}`)
  if (!link) return ['no link']
  const announced = kind.status === 'open' ? 0 : 1
  if (link.status !== kind.status || link.revision !== announced)
    faults.push(`link ${link.status}, revision ${link.revision}`)
  const told = lane.path === '' ? new Map<string, never>() : receiver.of(lane.path)
  const messages = [...told.values()].filter(({ subject }) => subject === name)
  const types = messages.map(({ type }) => type)
  if (JSON.stringify(types) !== JSON.stringify(announced ? [`link.${kind.status}`] : []))
    faults.push(`told of the link: ${types.join() || 'nothing'}`)
  for (const { store, orderId } of link.members) {
    const path = `/v1/cancellations?store=${store}&orderId=${orderId}`
    const records = (await read<{ data: Cancellation[] }>(gateway, path))?.data ?? []
    for (const { id, revision, status, final, waitingFor } of records) {
      if (!final) faults.push(`${orderId} ${status}${waitingFor === 'link' ? ', waits' : ''}`)
      if (revision > 0 && !told.has(`evt_${id}_${revision}`))
        faults.push(`${status} ${orderId} was not told`)
    }
  }
  return faults
}

const restart = async (lane: Lane, index: number, start: () => Promise<Process>) => {
  await kill(lane.gateways[index] as Process)
  await endLeases(lane.ledger)
  lane.gateways[index] = await start()
}

interface Reached {
  readonly kills: Map<CrashPoint, number>
  missed: number
}

/** What is still to be met: a point and its hit; one that was missed comes again, at its first. */
const plan = Array.from({ length: KILLS }, (_, nth) => ({
  point: POINTS[nth % POINTS.length] as CrashPoint,
  hit: 1 + (Math.floor(nth / POINTS.length) % 4),
  tries: 0,
}))
/** A busy machine misses many; the short version is to be short. */
const TRIES = isLong ? 4 : 1
let lives = 0
/** Lives and deaths of one lane's gateways, each with new links. */
const torment = async (
  lane: Lane,
  label: string,
  reached: Reached,
  start: () => Promise<Process>,
) => {
  const begun: Promise<void>[] = []
  for (let next = plan.shift(); next; next = plan.shift()) {
    const { point, hit, tries } = next
    const victim = lives++ % lane.gateways.length
    const gateway = lane.gateways[victim] as Process
    await arm(gateway, { point, hit })
    for (let count = 0; count < PER_LIFE; count++) {
      const sale = newSale(label, lane)
      lane.sales.push(sale)
      begun.push(
        begin(lane, sale).catch((error: unknown) => {
          violations.push(`${sale.kindName} (${sale.name}): ${String(error)}`)
        }),
      )
    }
    const hasDied = await Promise.race([
      gateway.ended.then(() => true),
      pause(LIFE_MS).then(() => false),
    ])
    if (hasDied) reached.kills.set(point, (reached.kills.get(point) ?? 0) + 1)
    else {
      reached.missed += 1
      if (tries < TRIES) plan.push({ point, hit: 1, tries: tries + 1 })
    }
    await restart(lane, victim, start)
  }
  await Promise.all(begun)
}

/** Waits for the end of every sale while anything moves, and says what is not so then. */
const judge = async (lane: Lane, figures: { double: number; lost: number; wrong: number }) => {
  let movedAt = performance.now()
  // What a dead gateway held beside the one that lives is over.
  await endLeases(lane.ledger)
  for (const gateway of lane.gateways) await enable(gateway)
  await each(lane.sales, async (sale) => {
    let faults = await faultsOf(lane, sale)
    while (faults.length > 0 && performance.now() - movedAt < PATIENCE_MS) {
      await pause(200)
      const now = await faultsOf(lane, sale)
      if (now.join() !== faults.join()) movedAt = performance.now()
      faults = now
    }
    const { double, wrong, faults: there } = await faultsThere(sale)
    figures.double += double
    figures.lost += faults.length > 0 ? 1 : 0
    figures.wrong += wrong
    if (faults.length + there.length > 0)
      violations.push(`${sale.kindName} (${sale.name}): ${[...there, ...faults].join('; ')}`)
  })
}

/** The receiver is away now and then, until this is over. */
const comeAndGo = (isOver: Promise<unknown>) => {
  const going = setInterval(() => {
    receiver.isAway = true
    setTimeout(() => {
      receiver.isAway = false
    }, AWAY.ms)
  }, AWAY.everyMs)
  return isOver.finally(() => clearInterval(going)).then(() => pause(AWAY.ms))
}

const links = async (label: string, count: number, ledgerOf: (lane: number) => string) => {
  const started = performance.now()
  const reached: Reached = { kills: new Map(), missed: 0 }
  const figures = { double: 0, lost: 0, wrong: 0 }
  const lanes: Lane[] = []
  await comeAndGo(
    Promise.all(
      Array.from({ length: LANES }, async (_, index) => {
        const ledger = ledgerOf(index)
        const path = `/${label}-${index}`
        const url = receiver.url + path
        const start = () => startLinked({ platform, ledger, stores: STORES, url })
        const gateways = [await start()]
        while (gateways.length < count) gateways.push(await start())
        const lane: Lane = { gateways, ledger, path, sales: [], random: chance(SEED + index) }
        lanes.push(lane)
        await torment(lane, `${label}-${index}`, reached, start)
      }),
    ),
  )
  await Promise.all(lanes.map((lane) => judge(lane, figures)))
  await Promise.all(lanes.flatMap(({ gateways }) => gateways.map(kill)))
  const kills = [...reached.kills.values()].reduce((sum, some) => sum + some, 0)
  const missing = POINTS.filter((point) => !reached.kills.has(point))
  if (isLong ? missing.length > 0 : missing.length > POINTS.length / 2)
    violations.push(`never reached: ${missing.join(', ')}`)
  report({
    what: 'links killed at every failpoint',
    ledger: label,
    gateways: count,
    faults: `${kills + reached.missed} kills`,
    accepted: lanes.reduce((sum, { sales }) => sum + sales.length, 0),
    ...figures,
    seconds: secondsSince(started),
    says:
      `links of five orders in three stages; ${kills} kills at ${reached.kills.size} failpoints, ` +
      `${reached.missed} in between; the receiver cut ${receiver.cuts()} messages`,
    violations,
  })
}

if (process.argv[2] === 'redis') {
  const redis = await openRedis('links killed at every failpoint')
  if (redis) await links('Redis', 2, (lane) => `${redis.url}/${lane}`)
} else {
  await links('SQLite', 1, (lane) => sqlite(`links-${lane}`))
}
process.exit()
