/**
 * A made-up platform that can be told to fail in every way a platform fails, and that counts what
 * reaches it.
 */
import { type Transport, TransportError, fetchTransport } from '../../src/connection/transport.ts'

/** One order of the platform, in its own words. */
export interface Thing {
  readonly id: string
  readonly number: string
  readonly purchase: string
  state: 'open' | 'canceled'
  shipped: boolean
  paid: number
  refunded: number
  note: string | null
  activities: string[]
  mails: number
  restocked: boolean
  transfer: string | null
  /** When its state last changed. */
  changedAt: number
  canceledAt: string | null
  /** A cancel that it took and is, or was, at. */
  job?: 'running' | 'failed' | undefined
}

export type Route =
  | 'look'
  | 'purchase'
  | 'note'
  | 'cancel'
  | 'activity'
  | 'transfer'
  | 'find'
  | 'changes'
const DESTRUCTIVE: readonly Route[] = ['cancel', 'transfer']

/** How a platform fails to answer: the connection breaks, or the caller's time runs out. */
export interface Wire {
  readonly hangUp: () => Promise<never>
  readonly silence: () => Promise<never>
}

/** Without a network, nobody has to wait for it. */
const INSIDE: Wire = {
  hangUp: () => Promise.reject(new TypeError('socket hang up')),
  silence: () => Promise.reject(new TransportError('timeout', null)),
}

/** One call as it reaches the platform. */
export interface Calling {
  readonly route: Route
  readonly thing: Thing
  readonly request: Request
  /** What the platform does when nothing is wrong. */
  go(): Response
  readonly line: Wire
  /** Does it all the same, so much later by the clock, when the caller has gone. */
  later(ms: number): void
}
export type Step = (calling: Calling) => Response | Promise<Response>

export const well: Step = ({ go }) => go()
/** Nothing listens: provably nothing was sent. */
export const unreachable: Step = () => {
  throw new TransportError('unreachable', false)
}
export const lost: Step = ({ line }) => line.hangUp()
export const lostAfter: Step = ({ go, line }) => {
  go()
  return line.hangUp()
}
export const silent: Step = ({ line }) => line.silence()
export const silentAfter: Step = ({ go, line }) => {
  go()
  return line.silence()
}
/** Lost on the way back, and done only so much later. */
export const landsLate =
  (ms: number): Step =>
  ({ later, line }) => {
    later(ms)
    return line.hangUp()
  }
/** An answer in the platform's own words. */
export const says =
  (status: number, code: string | null = null, headers: Record<string, string> = {}): Step =>
  () =>
    Response.json(code === null ? {} : { code, message: `about ${code}` }, { status, headers })
export const saysAfter =
  (status: number, code: string | null = null): Step =>
  (calling) => {
    calling.go()
    return says(status, code)(calling)
  }
export const html =
  (status = 200): Step =>
  () =>
    new Response('<html>Please wait</html>', { status, headers: { 'content-type': 'text/html' } })
export const htmlAfter: Step = (calling) => {
  calling.go()
  return html()(calling)
}
/** Something else happens to the order first. */
export const after =
  (change: (thing: Thing) => void, step: Step = well): Step =>
  (calling) => {
    change(calling.thing)
    return step(calling)
  }
export const unauthorized = says(401, 'who')

export interface PlatformOptions {
  readonly repeat?: 'refused' | 'harmless' | 'harmful'
}

/** An order as it is placed: open, paid, not shipped. */
const placed = (thing: Partial<Thing>, index: number): Thing => {
  const id = thing.id ?? `order${index}`
  return {
    id,
    number: `10${index}`,
    purchase: id,
    state: 'open',
    shipped: false,
    paid: 100,
    refunded: 0,
    note: null,
    activities: [],
    mails: 0,
    restocked: false,
    transfer: null,
    changedAt: 0,
    canceledAt: null,
    ...thing,
  }
}

/** What each call does to an order, and what is answered. */
const handlersOf = ({
  repeat = 'refused',
}: PlatformOptions): Record<
  Exclude<Route, 'find' | 'changes'>,
  (thing: Thing, body: any) => Response
> => ({
  look: (thing) => Response.json(thing),
  purchase: ({ purchase }) => Response.json({ purchase }),
  note: (thing, { note }) => {
    thing.note = note
    return Response.json(thing)
  },
  activity: (thing, { text }) => {
    thing.activities.push(text)
    return Response.json(thing)
  },
  cancel: (thing, { notify, restock }) => {
    if (thing.state === 'canceled' && repeat === 'refused')
      return Response.json({ code: 'already_canceled' }, { status: 409 })
    if (thing.shipped)
      return Response.json({ code: 'shipped', message: 'The order has left' }, { status: 409 })
    if (thing.state === 'open' || repeat === 'harmful') thing.refunded += thing.paid
    thing.state = 'canceled'
    if (notify) thing.mails += 1
    thing.restocked = Boolean(restock)
    return Response.json(thing)
  },
  transfer: (thing) => {
    if (thing.transfer === null) return Response.json({ code: 'no_transfer' }, { status: 409 })
    thing.transfer = null
    return Response.json(thing)
  },
})

interface Watched {
  readonly violations: string[]
  readonly onDestructive: (id: string) => void
  readonly now: () => number
}

/** Destructive calls: what is under way, and what lands later. */
const openDestruction = (platform: Watched) => {
  const busy = new Map<string, number>()
  const landings: { at: number; land: () => void }[] = []
  const hold = (purchase: string, by: number) => busy.set(purchase, (busy.get(purchase) ?? 0) + by)

  /**
   * One at a time: what it shares its fate with is busy until the answer, and until a late call has
   * landed.
   */
  const perform = async (calling: Calling, step: Step): Promise<Response> => {
    const { id, purchase } = calling.thing
    platform.onDestructive(id)
    if (busy.get(purchase)) platform.violations.push(`two calls at once for ${purchase}`)
    hold(purchase, 1)
    const later = (ms: number) => {
      hold(purchase, 1)
      landings.push({
        at: platform.now() + ms,
        land: () => {
          hold(purchase, -1)
          calling.go()
        },
      })
    }
    try {
      return await step({ ...calling, later })
    } finally {
      hold(purchase, -1)
    }
  }
  /** Lets what was to land by now land. */
  const settle = () => {
    for (const landing of landings.filter(({ at }) => at <= platform.now())) {
      landings.splice(landings.indexOf(landing), 1)
      landing.land()
    }
  }
  return { perform, settle }
}

/** Two a page, by when they changed. */
const pageOf = (orders: Iterable<Thing>, query: URLSearchParams) => {
  const [since, until, from] = ['since', 'until', 'cursor'].map((name) => Number(query.get(name)))
  const changed = [...orders]
    .filter(({ changedAt }) => changedAt >= Number(since) && changedAt <= Number(until))
    .sort((a, b) => a.changedAt - b.changedAt)
  const end = Number(from) + 2
  return {
    orders: changed.slice(from, end),
    next: end < changed.length ? String(end) : null,
  }
}

/** What is asked, and of which order. */
const routeOf = (request: Request) => {
  const { pathname, searchParams } = new URL(request.url)
  const [, , id = '', verb = '', more] = pathname.split('/')
  const ofList = searchParams.has('since') ? 'changes' : 'find'
  const ofOrder = more === 'cancel' ? 'transfer' : verb === '' ? 'look' : verb
  return { route: (id === '' ? ofList : ofOrder) as Route, id, searchParams }
}

const isKnown = ({ headers }: Request): boolean =>
  headers.get('x-key') === 'good-key-of-the-shop' || headers.has('x-customer')

export const createPlatform = (
  things: readonly Partial<Thing>[] = [{ id: 'open' }],
  options: PlatformOptions = {},
) => {
  const orders = new Map(things.map(placed).map((thing) => [thing.id, thing]))
  const planned = new Map<Route, Step[]>()
  const calls: { route: Route; id: string; body: any; headers: Headers }[] = []
  const violations: string[] = []
  const handlers = handlersOf(options)

  const platform = {
    orders,
    calls,
    violations,
    /** Told at the first byte of every destructive call. */
    onDestructive: (_id: string): void => {},
    now: () => 0,
    order: (id = 'open'): Thing => orders.get(id) as Thing,
    /** What the next calls of a route meet, one step each; then all is well again. */
    plan: (route: Route, ...steps: Step[]) => {
      planned.set(route, [...(planned.get(route) ?? []), ...steps])
    },
    count: (route: Route, id?: string) =>
      calls.filter((call) => call.route === route && (id === undefined || call.id === id)).length,
    /** Somebody cancels an order there, or opens it again. */
    turn(state: Thing['state'], id = 'open') {
      Object.assign(platform.order(id), { state, changedAt: platform.now() })
    },
    /** Lets what was to land by now land. */
    settle: () => destruction.settle(),

    async fetch(request: Request, line: Wire = INSIDE): Promise<Response> {
      const { route, id, searchParams } = routeOf(request)
      const body = request.body ? await request.json() : {}
      const step = planned.get(route)?.shift() ?? well
      if (step !== unreachable) calls.push({ route, id, body, headers: request.headers })
      if (!isKnown(request)) return Response.json({ code: 'who' }, { status: 401 })
      const found = [...orders.values()].filter((thing) =>
        id === '' ? thing.number === searchParams.get('number') : thing.id === id,
      )
      const [thing] = found
      if (id !== '' && !thing)
        return Response.json({ code: 'not_found', message: 'No such order' }, { status: 404 })
      const go = () => {
        if (route === 'changes') return Response.json(pageOf(orders.values(), searchParams))
        return route === 'find' ? Response.json(found) : handlers[route](thing as Thing, body)
      }
      const calling = { route, thing: thing as Thing, request, line, go, later: () => {} }
      return thing && DESTRUCTIVE.includes(route) && step !== unreachable
        ? destruction.perform(calling, step)
        : step(calling)
    },
    transport: undefined as unknown as Transport,
  }
  const destruction = openDestruction(platform)
  platform.transport = fetchTransport((url, init) => platform.fetch(new Request(url, init)))
  return platform
}

export type Platform = ReturnType<typeof createPlatform>
