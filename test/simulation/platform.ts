/** The made-up platform as it really is: what each call does to an order, and what it answers. */
import type { Incoming, Outgoing } from '../../src/connection/transport.ts'
import type { Thing } from '../gateway/platform.ts'
import { checkLanding } from './checks-records.ts'
import type { Simulation } from './simulation.ts'
import {
  changeOrder,
  type Destructive,
  type SimulatedOrder,
  shownOf,
  violate,
  type World,
} from './world.ts'

export type Route = 'look' | 'purchase' | 'note' | 'cancel' | 'activity' | 'changes'

/** A call as it comes. */
export interface Asked {
  readonly route: Route
  readonly account: string
  readonly order: SimulatedOrder | null
  readonly body: Readonly<Record<string, unknown>>
  readonly query: URLSearchParams
}

export const asked = ({ orders }: World, account: string, request: Outgoing): Asked => {
  const [path = '', query = ''] = request.url.replace(/^https?:\/\/[^/]+/, '').split('?')
  const [, , id = '', verb = ''] = path.split('/')
  return {
    account,
    route: id === '' ? 'changes' : ((verb === '' ? 'look' : verb) as Route),
    order: orders.get(`${account} ${decodeURIComponent(id)}`) ?? null,
    body: request.body === null ? {} : (JSON.parse(request.body) as Record<string, unknown>),
    query: new URLSearchParams(query),
  }
}

const NONE: ReadonlyMap<string, string> = new Map()

export const answer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Incoming => {
  const named = Object.keys(headers).length === 0 ? NONE : new Map(Object.entries(headers))
  return {
    status,
    headers: { get: (name) => named.get(name.toLowerCase()) ?? null },
    text: typeof body === 'string' ? body : JSON.stringify(body),
  }
}

/** Until when a cache may show the order as it was before this call. */
const staleUntil = (
  { plan, simulation: { random, now }, isStormy }: World,
  call: Destructive | null,
): number | null => {
  if (!isStormy() || !random.chance(plan.rates.stale)) return null
  if (call) return random.between(now(), Math.max(now(), call.mayLandUntil - 1))
  const most = (plan.hasLongCaches ? random.between(1, 4) : 1) * plan.settleMs
  return now() + random.between(0, most - 1)
}

/** It is canceled, by us or by somebody else. */
export const becomeCanceled = (
  world: World,
  order: SimulatedOrder,
  call: Destructive | null,
  more: Partial<Thing> = {},
): void => {
  const { simulation } = world
  const { thing } = order
  const now = simulation.now()
  const change = {
    state: 'canceled',
    refunded: thing.refunded + thing.paid,
    canceledAt: new Date(now).toISOString(),
    job: undefined,
    ...more,
  } as const
  changeOrder(order, now, change, staleUntil(world, call))
  order.canceledBy = call ? 'us' : 'somebody'
  order.by = call
  if (call) {
    call.didCancel = true
    checkLanding(world, call)
  }
  simulation.note(`${thing.id} is canceled by ${call ? `call ${call.number}` : 'somebody'}`)
}

/** Begins a job that ends within the time in which the call could land. */
const beginJob = (world: World, order: SimulatedOrder, call: Destructive, more: Partial<Thing>) => {
  const { simulation } = world
  const { random, now, after, note } = simulation
  order.thing.job = 'running'
  const left = call.sentAt + world.plan.settleMs - now() - 1
  call.landsAt = now() + random.between(0, Math.max(0, left))
  after(call.landsAt - now(), null, () => {
    if (order.thing.job !== 'running') return
    const end = random.weigh([
      [6, 'done'],
      [2, 'failed'],
      [1, 'forgotten'],
    ] as const)
    note(`the job of ${order.thing.id} is ${end}`)
    if (call.heard === 'running' && end === 'forgotten') call.heard = 'doubt'
    if (end === 'done' && order.thing.state === 'open' && !order.thing.shipped)
      becomeCanceled(world, order, call, more)
    else order.thing.job = end === 'forgotten' ? undefined : 'failed'
  })
}

/** The cancel itself, as it reaches the platform. */
export const perform = (world: World, call: Destructive, { body }: Asked): Incoming => {
  const { order } = call
  const { thing, account } = order
  const more = {
    mails: thing.mails + (body['notify'] === true ? 1 : 0),
    restocked: body['restock'] === true,
    ...(typeof body['reason'] === 'string' && { note: body['reason'] }),
  }
  call.landsAt = world.simulation.now()
  if (thing.state === 'canceled') {
    if (account.repeat === 'refused') return answer(409, { code: 'already_canceled' })
    if (account.repeat === 'harmful') {
      thing.refunded += thing.paid
      if (order.canceledBy === 'us') violate(world, 'an order was refunded twice by us')
    }
    return answer(200, thing)
  }
  if (thing.shipped) return answer(409, { code: 'shipped', message: 'The order has left' })
  if (thing.job === 'running') return answer(409, { code: 'at_it', message: 'A job is at it' })
  if (account.toy.jobs) {
    beginJob(world, order, call, more)
    return answer(200, thing)
  }
  becomeCanceled(world, order, call, more)
  return answer(200, thing)
}

/** Two a page, by when they changed. */
const pageOf = ({ orders }: World, { account, query }: Asked) => {
  const [since, until, from] = ['since', 'until', 'cursor'].map((name) => Number(query.get(name)))
  const changed = [...orders.values()]
    .filter((order) => order.account.name === account)
    .map(({ thing }) => thing)
    .filter(({ changedAt }) => changedAt >= Number(since) && changedAt <= Number(until))
    .sort((a, b) => a.changedAt - b.changedAt)
  const end = Number(from) + 2
  return {
    orders: changed.slice(from, end),
    next: end < changed.length ? String(end) : null,
  }
}

/** Everything but the cancel. */
export const attend = (world: World, call: Asked, simulation: Simulation): Incoming => {
  const { order, route, body } = call
  if (route === 'changes') return answer(200, pageOf(world, call))
  if (!order) return answer(404, { code: 'not_found', message: 'No such order' })
  const { thing } = order
  if (route === 'purchase') return answer(200, { purchase: thing.purchase })
  if (route === 'note') {
    const note = body['note'] as string | null
    simulation.note(`the note of ${thing.id} is ${note}`)
    thing.note = note
  }
  if (route === 'activity') thing.activities.push(String(body['text']))
  return answer(200, shownOf(order, simulation.now()))
}
