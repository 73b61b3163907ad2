/** The way between a process and the platform: what is sent, what arrives, and what comes back. */
import {
  type Incoming,
  type Outgoing,
  type Transport,
  TransportError,
} from '../../src/connection/transport.ts'
import { checkSending } from './checks-calls.ts'
import {
  BUSY,
  CANCEL_FATES,
  type Fate,
  LOST_FATES,
  READ_FATES,
  THROTTLED,
  WELL,
  WRITE_FATES,
} from './fates.ts'
import { answer, type Asked, asked, attend, perform } from './platform.ts'
import type { Process } from './simulation.ts'
import { type Destructive, fault, type Heard, shownOf, type World } from './world.ts'

const fateOf = (world: World, { route, account }: Asked): Fate => {
  const { plan, simulation, isStormy, stormUntil } = world
  const { random, now } = simulation
  if (plan.lost === account && now() > plan.stormMs / 2) return random.weigh(LOST_FATES)
  if (!isStormy()) return WELL
  if (now() < stormUntil) return random.chance(0.5) ? THROTTLED : BUSY
  if (!random.chance(plan.rates.network)) return WELL
  const fates =
    route === 'cancel'
      ? CANCEL_FATES
      : route === 'note' || route === 'activity'
        ? WRITE_FATES
        : READ_FATES
  return random.weigh(fates)
}

/** What a reply proves of a cancel. */
const provenBy = ({ back }: Fate, { status, text }: Incoming): Heard => {
  if (back === 'throttled' || back === 'busy') return 'unsent'
  if (back === 'refused' || back === 'a redirect' || back === 'unauthorized') return 'no'
  if (back !== 'its answer') return 'doubt'
  if (status === 200) return text.includes('"job":"running"') ? 'running' : 'yes'
  return 'no'
}

/** The reply of another order of the same account, whichever there is. */
const another = (world: World, { route, account, order }: Asked): Incoming => {
  const others = [...world.orders.values()].filter(
    (one) => one.account.name === account && one !== order,
  )
  const now = world.simulation.now()
  // Which lock an order shares is told with the order, or adapters could not tell another's.
  return others.length === 0 || route === 'purchase'
    ? answer(500, {})
    : answer(200, shownOf(world.simulation.random.pick(others), now))
}

const replyOf = (world: World, fate: Fate, call: Asked, own: () => Incoming): Incoming => {
  const { random } = world.simulation
  const retry = random.chance(0.5) ? { 'retry-after': String(random.between(1, 20)) } : {}
  switch (fate.back) {
    case 'throttled':
      return answer(429, { code: 'slow' }, retry)
    case 'busy':
      return answer(503, { code: 'busy' }, retry)
    case 'unauthorized':
      return answer(401, { code: 'who' })
    case 'refused':
      return answer(400, { code: 'nope', message: 'Not this one' })
    case 'a page':
      return answer(200, '<html>Please wait</html>', { 'content-type': 'text/html' })
    case 'a redirect':
      return answer(302, '', { location: 'https://elsewhere.test/' })
    case 'another order':
      return another(world, call)
    case 'accepted':
      return answer(202, {})
    case 500:
    case 504:
      return answer(fate.back, {})
    case 'its answer':
      return own()
    default:
      return answer(200, {})
  }
}

/** One call under way, as its sender waits for it. */
interface Waiting {
  readonly resolve: (incoming: Incoming) => void
  readonly reject: (error: TransportError) => void
  isOver: boolean
}

/** What the sender of a cancel heard of it, and until when it may land then. */
const hear = (world: World, call: Destructive, heard: Heard) => {
  const { plan, simulation, isStormy } = world
  const { now, note, random } = simulation
  const { stale } = call.order
  call.heard = heard
  call.heardAt = now()
  // Who was held still hears late of what was over long since.
  const end = Math.min(now(), call.sentAt + plan.callTimeoutMs)
  call.mayLandUntil = heard === 'doubt' ? end + plan.settleMs : now()
  if (heard === 'running') call.mayLandUntil = Math.max(now(), call.landsAt ?? 0)
  // What nobody heard a yes of is seen within the settle time; a yes needs no cache to agree.
  if (stale && call.order.by === call)
    stale.until =
      heard === 'yes' && plan.hasLongCaches && isStormy() && random.chance(0.7)
        ? now() + random.between(1, 4) * plan.settleMs
        : Math.min(stale.until, now() + plan.settleMs - 1)
  note(`call ${call.number} is heard of as ${heard}`)
}

const arrive = (world: World, fate: Fate, call: Asked, sent: Destructive | null): Incoming => {
  const own = () => (sent ? perform(world, sent, call) : attend(world, call, world.simulation))
  if (fate.does !== 'at once') return replyOf(world, fate, call, own)
  const done = own()
  return replyOf(world, fate, call, () => done)
}

/** Has the platform do it when its caller has gone, but within the settle time. */
const landLate = (world: World, call: Asked, sent: Destructive, from: number) => {
  const { simulation, plan } = world
  const { random, now, after } = simulation
  const last = from + plan.settleMs - 1
  const at = random.chance(0.3) ? last : random.between(now(), last)
  sent.landsAt = at
  after(at - now(), null, () => {
    simulation.note(`call ${sent.number} lands late`)
    perform(world, sent, call)
  })
}

/** What comes back, at its time. */
const comeBack = (
  world: World,
  fate: Fate,
  reply: Incoming,
  { resolve, reject }: Waiting,
  sent: Destructive | null,
) => {
  const { back } = fate
  if (back === 'unreachable') {
    if (sent) hear(world, sent, 'unsent')
    return reject(new TransportError('unreachable', false))
  }
  if (back === 'lost' || back === 'half a body') {
    if (sent) hear(world, sent, 'doubt')
    const answered = back === 'lost' ? null : { status: reply.status, headers: reply.headers }
    return reject(new TransportError('connection_lost', null, { answered }))
  }
  if (sent) hear(world, sent, provenBy(fate, reply))
  resolve(reply)
}

/** Writes a cancel down as it leaves, and holds it against every promise. */
const leave = (world: World, process: Process, { order }: Asked): Destructive | null => {
  if (!order) return null
  const { plan, calls, simulation } = world
  const record = checkSending(world, process, order)
  const call: Destructive = {
    number: calls.length + 1,
    order,
    process,
    sentAt: simulation.now(),
    record,
    heard: null,
    heardAt: null,
    mayLandUntil: simulation.now() + plan.callTimeoutMs + plan.settleMs,
    landsAt: null,
    didCancel: false,
  }
  calls.push(call)
  return call
}

/** The transport of one process to one account. */
export const openTransport =
  (world: World, process: Process, account: string): Transport =>
  (request: Outgoing) =>
    new Promise((resolve, reject) => {
      const { simulation, plan } = world
      const { random, after, note, now } = simulation
      if (!process.isAlive) return
      const call = asked(world, account, request)
      const fate = fateOf(world, call)
      if (fate !== WELL) fault(world, `network: ${fate.name}`)
      const sent = call.route === 'cancel' ? leave(world, process, call) : null
      note(
        `${process.name} asks ${call.route} ${call.order?.thing.id ?? ''}: ${fate.name}` +
          (sent ? ` (call ${sent.number} of ${sent.record})` : ''),
      )
      const waiting: Waiting = { resolve, reject, isOver: false }
      request.signal.addEventListener('abort', () => {
        if (waiting.isOver) return
        waiting.isOver = true
        if (sent) hear(world, sent, 'doubt')
        reject(new TransportError('timeout', null))
      })
      const [there, back] = [random.between(1, 150), random.between(1, 150)]
      const answeredAt = now() + there + back
      if (fate.does === 'late' && sent)
        landLate(
          world,
          call,
          sent,
          fate.back === 'silence' ? now() + plan.callTimeoutMs : answeredAt,
        )
      after(there, null, () => {
        const reply = arrive(world, fate, call, sent)
        if (fate.back === 'silence') return
        after(back, process, () => {
          if (waiting.isOver) return
          waiting.isOver = true
          comeBack(world, fate, reply, waiting, sent)
        })
      })
    })
