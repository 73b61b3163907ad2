/**
 * The endpoints that platforms call of their own accord. No API key: the signature over the bytes
 * is the key, or the token in the address.
 */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Answer, Hooks } from '../../gateway/notices/hear.ts'
import { problem, ProblemError, refuse } from '../../model/problem.ts'
import { problems } from '../answers.ts'
import type { App, Env } from '../auth.ts'
import { bytesOf, limitBytes } from '../body.ts'

const limitNotice = limitBytes(1_048_576, '1 MiB')
/** How soon a platform may come again where too many of a store's orders wait. */
const FULL_SECONDS = '60'

const StoreId = z.object({ store: z.string().meta({ example: 'sandbox-medusa' }) })
const tags = ['Stores']
const description =
  'What it says is not believed: the orders that it names are looked at. 200 once they are ' +
  'written down as due, also for what is not about an order; 401 where it is not proved, 404 ' +
  'where the store takes none in this way.'
const responses = {
  200: { description: 'Taken; no body.' },
  ...problems,
}

/** Refuses what was not taken. */
const answered = (answer: Answer): void => {
  switch (answer) {
    case 'taken':
      return
    case 'absent':
      return refuse('not-found', 'Nothing has this address.')
    case 'refused':
      return refuse('unauthenticated', 'This is not proved to be the platform’s.')
    case 'full':
      throw new ProblemError(
        problem(
          'ledger-unavailable',
          'Too many orders of this store wait for a look; nothing was written.',
        ),
        { 'retry-after': FULL_SECONDS },
      )
  }
}

export interface HooksRoutes {
  readonly app: App
  readonly hooks: Hooks
}

const receive = async (
  c: Context<Env>,
  hooks: Hooks,
  store: string,
  token: string | null,
): Promise<Response> => {
  const body = new Uint8Array(await bytesOf(c))
  const { searchParams } = new URL(c.req.url)
  answered(
    await hooks.receive(store, token, { body, headers: c.req.raw.headers, query: searchParams }),
  )
  return c.body(null, 200)
}

export const addHooks = ({ app, hooks }: HooksRoutes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/hooks/{store}',
      operationId: 'receiveNotice',
      tags,
      summary: 'A webhook that the platform signed',
      description,
      security: [],
      middleware: [limitNotice] as const,
      request: { params: StoreId },
      responses,
    }),
    (c) => receive(c, hooks, c.req.valid('param').store, null),
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/hooks/{store}/{token}',
      operationId: 'receiveUnsignedNotice',
      tags,
      summary: 'A webhook that nobody signed',
      description,
      security: [],
      middleware: [limitNotice] as const,
      request: { params: StoreId.extend({ token: z.string() }) },
      responses,
    }),
    (c) => receive(c, hooks, c.req.valid('param').store, c.req.valid('param').token),
  )
}
