/**
 * A small stateful imitation of Acme's API, so that demo, tests and curl have something to cancel
 * without an account.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import type { CreateSandbox } from '../../../src/adapter/sandbox.ts'
import { createOrderBook, readJson, recordDeeds } from '../../../src/adapter/sandbox-kit.ts'
// The example of https://acme.example/docs/orders.
import documented from './order.json' with { type: 'json' }
// Words of the same page. What a state does not tell is as in the documented order.
import states from './states.json' with { type: 'json' }

const API_KEY = 'acme-sandbox-key'

type Order = typeof documented

interface State {
  readonly says: string
  readonly order?: Partial<Order>
}
const STATES: Readonly<Record<string, State>> = states

/** Left out, `mail` and `restock` are true, as Acme's page says. */
const VoidBody = z.object({
  note: z.string().default(''),
  mail: z.boolean().default(true),
  restock: z.boolean().default(true),
})

const makeOrder = ({ order }: State, id: string, ordinal: number): Order => ({
  ...documented,
  ...order,
  id,
  no: String(1000 + ordinal),
})

export const createSandbox: CreateSandbox = () => {
  const orders = createOrderBook(STATES, makeOrder)
  const deeds = recordDeeds()
  const app = new Hono()
  app.use('*', async (c, next) =>
    c.req.header('x-api-key') === API_KEY ? next() : c.json({ error: 'bad_key' }, 401),
  )
  app.get('/orders/:id', (c) => {
    const order = orders.find(c.req.param('id'))
    return order ? c.json(order) : c.json({ error: 'unknown_order' }, 404)
  })
  app.post('/orders/:id/void', async (c) => {
    const order = orders.find(c.req.param('id'))
    if (!order) return c.json({ error: 'unknown_order' }, 404)
    const { data: body } = VoidBody.safeParse(await readJson(c.req.raw))
    if (!body) return c.json({ error: 'bad_request' }, 400)
    if (order.state === 'shipped' || order.state === 'delivered')
      return c.json({ error: 'shipped' }, 409)
    deeds.canceled(order.id) // A second one counts too: tests notice it.
    if (order.state === 'void') return c.json({ error: 'already_void' }, 409)
    if (body.mail) deeds.mailed(order.id)
    Object.assign(order, { state: 'void', note: body.note })
    return c.json(order)
  })
  const { cancels, mails } = deeds
  return { app, settings: { apiKey: API_KEY }, examples: orders.examples, cancels, mails }
}
