/**
 * Platforms of a world that is not as assumed, in a process of its own: three sandboxes behind a
 * go-between whose cache is late, whose replies may be about another order, and where others cancel
 * too; beside it the count of what reached them, which no gateway can see.
 */
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Sandbox } from '../../src/adapter/sandbox.ts'
import { createSandbox as createMedusa } from '../../adapters/medusa/sandbox/index.ts'
import { createSandbox as createAsia } from '../../adapters/shopline-asia/sandbox/index.ts'
import { createSandbox as createWix } from '../../adapters/wix/sandbox/index.ts'
import { chance } from './figures.ts'

/** What `/world/orders/{orderId}` tells. */
export interface PlatformState {
  readonly isCanceled: boolean
  /** Cancels that were carried out for a gateway. */
  readonly carried: number
  /** Cancels of a gateway that were refused because the order was canceled. */
  readonly repeated: number
  /**
   * Of those two: sent after a look that the cache answered, for longer than anybody may assume,
   * with the order as it was.
   */
  readonly blind: number
  /** Looks that the cache answered so, for longer than anybody may assume. */
  readonly hid: number
  /** Somebody else canceled it, behind the gateway's back. */
  readonly elsewhere: boolean
}

/** How likely what is, while it is not calm. */
const SHARE = { anotherLook: 0.04, anotherReply: 0.04, elsewhere: 0.06 }
/**
 * How long reads may lag behind a deed, and how often: not at all, less than the settle time, for
 * seconds, for as long as it is not calm.
 */
const LAGS = [
  [0.4, 0],
  [0.6, 250],
  [0.85, 3_000],
  [1, Infinity],
] as const
/** A lag that a settle time covers, with a call that landed late before it. */
const COVERED_MS = 250

interface Site {
  readonly name: 'medusa' | 'wix' | 'asia'
  readonly sandbox: Sandbox
  /** Where its orders are: what comes before the id, the id, and what follows. */
  readonly place: RegExp
  /** The sandbox's readable name of an id that looks like the platform's own. */
  readonly inside: (orderId: string) => string
  readonly isCanceled: (body: never) => boolean
  /** How it refuses a cancel of what is canceled. */
  readonly repeats: RegExp
  /** Its cancel replies with the order, as its look does. */
  readonly tellsOrder: boolean
}

/** Ids that begin with an even digit are of open orders, the others of paid ones. */
const named = (id: string): string =>
  `${Number.parseInt(id[0] ?? '0', 16) % 2 === 0 ? 'open' : 'paid'}-${id.toLowerCase()}`

const SITES: readonly Site[] = [
  {
    name: 'medusa',
    sandbox: createMedusa(),
    place: /^\/admin\/orders\/([^/]+)(.*)$/,
    inside: (id) => id,
    isCanceled: ({ order }: { order: { status: string } }) => order.status === 'canceled',
    repeats: /has been canceled/,
    tellsOrder: true,
  },
  {
    name: 'wix',
    sandbox: createWix(),
    place: /^\/ecom\/v1\/orders\/([^/]+)(.*)$/,
    inside: named,
    isCanceled: ({ order }: { order: { status: string } }) => order.status === 'CANCELED',
    repeats: /STATUS_ALREADY_SET/,
    tellsOrder: true,
  },
  {
    name: 'asia',
    sandbox: createAsia(),
    place: /^\/v1\/orders\/([^/]+)(.*)$/,
    inside: named,
    isCanceled: ({ status }: { status: string }) => status === 'cancelled',
    repeats: /is cancelled already/,
    tellsOrder: false,
  },
]

interface Known {
  readonly site: Site
  readonly id: string
  /** The last true reply to a look. */
  seen: string | null
  wasCanceled: boolean
  /** Reads lag until then. */
  lagsUntil: number
  lag: number
  /** The last look was answered with the order as it was before. */
  hidden: boolean
  /** It will be canceled by somebody else, was, or will not. */
  elsewhere: 'never' | 'soon' | 'done'
  /** Who we are, as the last caller said it. */
  headers: Headers
  carried: number
  repeated: number
  blind: number
  hid: number
}

const random = chance(Number(process.env['SEED'] ?? 1))
const orders = new Map<string, Known>()
let calm = true
/** Calls that change something, whatever of. */
let writes = 0

const knownAs = (site: Site, spelling: string, headers: Headers): Known => {
  const id = site.name === 'medusa' ? spelling : spelling.toLowerCase()
  const order =
    orders.get(id) ??
    ({
      site,
      id,
      seen: null,
      wasCanceled: false,
      lagsUntil: 0,
      lag: 0,
      hidden: false,
      elsewhere: !calm && random() < SHARE.elsewhere ? 'soon' : 'never',
      headers,
      carried: 0,
      repeated: 0,
      blind: 0,
      hid: 0,
    } satisfies Known)
  orders.set(id, order)
  order.headers = headers
  return order
}

/** Letters' case means nothing in these ids, and nobody promises one. */
const inAnyCase = (id: string): string =>
  [...id].map((letter) => (random() < 0.5 ? letter.toUpperCase() : letter)).join('')

/**
 * The sandbox's own answer, with its readable name of the order replaced by an id as the platform
 * has them.
 */
const pass = async (
  { site, id, headers }: Pick<Known, 'site' | 'id' | 'headers'>,
  method: string,
  path: string,
  body: string | null = null,
): Promise<{ status: number; text: string; headers: Headers }> => {
  const inside = site.inside(id)
  const response = await site.sandbox.app.fetch(
    new Request(`http://sandbox${path}`, { method, headers, ...(body && { body }) }),
  )
  const text = await response.text()
  return {
    status: response.status,
    headers: new Headers({ 'content-type': 'application/json' }),
    text: inside === id ? text : text.replaceAll(inside, () => inAnyCase(id)),
  }
}

const answer = ({ status, text, headers }: Awaited<ReturnType<typeof pass>>): Response =>
  new Response(text, { status, headers })
const cached = (text: string): Response =>
  answer({
    status: 200,
    text,
    headers: new Headers({ 'content-type': 'application/json', age: '1' }),
  })

/** What was read of another order there, a canceled one as often as not. */
const another = ({ site, id }: Known): string | null => {
  const others = [...orders.values()].filter(
    (order) => order.site === site && order.id !== id && order.seen !== null,
  )
  const canceled = others.filter(({ wasCanceled }) => wasCanceled)
  const from = canceled.length > 0 && random() < 0.5 ? canceled : others
  return from[Math.floor(random() * from.length)]?.seen ?? null
}

/** From now on, for a while, reads show the order as it was. */
const lag = (order: Known): void => {
  const drawn = random()
  const most = LAGS.find(([share]) => drawn < share)?.[1] ?? 0
  order.lag = most === 3_000 ? 500 + random() * 2_500 : most
  order.lagsUntil = performance.now() + order.lag
}

const lookAt = async (order: Known, path: string): Promise<Response> => {
  order.hidden = !calm && order.seen !== null && performance.now() < order.lagsUntil
  if (order.hidden && order.lag > COVERED_MS) order.hid += 1
  if (order.hidden && order.seen) return cached(order.seen)
  const other = !calm && random() < SHARE.anotherLook ? another(order) : null
  if (other) return cached(other)
  const reply = await pass(order, 'GET', path)
  if (reply.status === 200) {
    order.seen = reply.text
    order.wasCanceled = order.site.isCanceled(JSON.parse(reply.text) as never)
  }
  if (order.elsewhere === 'soon' && !order.wasCanceled) {
    order.elsewhere = 'done'
    await pass(order, order.site.name === 'asia' ? 'PATCH' : 'POST', `${path.split('?')[0]}/cancel`)
    lag(order)
  }
  return answer(reply)
}

const cancel = async (
  order: Known,
  method: string,
  path: string,
  body: string,
): Promise<Response> => {
  const drawn = calm ? 1 : random()
  const other = order.site.tellsOrder && drawn < SHARE.anotherReply ? another(order) : null
  // It went astray, or its answer did.
  if (other && drawn < SHARE.anotherReply / 2) return cached(other)
  const isBlind = order.hidden && order.lag > COVERED_MS
  const reply = await pass(order, method, path, body)
  const isCarried = reply.status < 300
  const isRepeated = !isCarried && order.site.repeats.test(reply.text)
  if (isCarried || isRepeated) {
    if (isBlind && order.carried + order.repeated > 0) order.blind += 1
    if (isCarried) order.carried += 1
    else order.repeated += 1
    lag(order)
  }
  return other ? cached(other) : answer(reply)
}

const tell = async (id: string): Promise<Response> => {
  const order = orders.get(id)
  if (!order)
    return Response.json({
      isCanceled: false,
      carried: 0,
      repeated: 0,
      blind: 0,
      hid: 0,
      elsewhere: false,
    } satisfies PlatformState)
  const { site, carried, repeated, blind, hid, elsewhere } = order
  const path =
    { medusa: '/admin/orders/', wix: '/ecom/v1/orders/', asia: '/v1/orders/' }[site.name] +
    site.inside(id)
  const { text } = await pass(order, 'GET', path)
  return Response.json({
    isCanceled: site.isCanceled(JSON.parse(text) as never),
    carried,
    repeated,
    blind,
    hid,
    elsewhere: elsewhere === 'done',
  } satisfies PlatformState)
}

const server = serve(
  {
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const [, told, what = ''] = /^\/world\/(orders|weather|writes)\/?(.*)$/.exec(pathname) ?? []
      if (told === 'writes') return Response.json({ writes })
      if (told === 'orders') return tell(what)
      if (told === 'weather') {
        calm = what === 'calm'
        // Every cache is emptied.
        for (const order of orders.values()) order.lagsUntil = 0
        return Response.json({ calm })
      }
      // What `truthOf` asks.
      if (pathname.startsWith('/state/')) {
        const order = orders.get(pathname.slice('/state/'.length))
        return Response.json({
          canceled: order?.carried ?? 0,
          repeated: (order?.repeated ?? 0) - (order?.blind ?? 0),
        })
      }
      if (request.method !== 'GET') writes += 1
      const headers = new Headers(request.headers)
      headers.delete('content-length')
      for (const site of SITES) {
        const [, spelling, rest = ''] = site.place.exec(pathname) ?? []
        if (spelling === undefined) continue
        const order = knownAs(site, spelling, headers)
        const path = pathname.replace(spelling, () => site.inside(order.id)) + search
        if (request.method === 'GET' && rest === '') return lookAt(order, path)
        const body = await request.text()
        return rest === '/cancel'
          ? cancel(order, request.method, path, body)
          : answer(await pass(order, request.method, path, body))
      }
      return new Response(null, { status: 404 })
    },
  },
  () =>
    process.send?.({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      settings: SITES[0]?.sandbox.settings,
      sites: Object.fromEntries(SITES.map(({ name, sandbox }) => [name, sandbox.settings])),
    }),
)

// A connection that is closed as idle in the moment in which it is used again would end a part.
if (server instanceof Server) server.keepAliveTimeout = 600_000

process.once('disconnect', () => process.exit(0))
