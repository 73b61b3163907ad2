/** The endpoint that erases one buyer’s data, from all that is kept of some orders. */
import { createRoute, z } from '@hono/zod-openapi'
import { ID_RULE, isOrderId } from '../../model/request.ts'
import { json, needs, problems } from '../answers.ts'
import type { Access, App } from '../auth.ts'
import { limitBody, readBody } from '../body.ts'

/** A buyer has a few; the audit log names each. */
const MOST_ORDERS = 50

export const ErasureRequest = z
  .strictObject({
    store: z
      .string()
      .min(1)
      .max(128)
      .nullish()
      .transform((value) => value ?? null),
    orderIds: z
      .array(z.string().refine(isOrderId, { message: ID_RULE }))
      .min(1)
      .max(MOST_ORDERS),
  })
  .meta({ id: 'ErasureRequest' })

const count = z.number().int()
const ErasureAnswer = z
  .object({ records: count, rows: count, deliveries: count, links: count, keys: count })
  .meta({ id: 'Erasure', description: 'How many of each held something, and hold it no more.' })

export const addErasures = ({
  app,
  access,
}: {
  readonly app: App
  readonly access: Access
}): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/erasures',
      operationId: 'erase',
      tags: ['Audit'],
      summary: 'Erase one buyer’s data',
      ...needs('operate'),
      description:
        'Reason, message, reference, notes and details go; that it was canceled, when, and with ' +
        'what effects stays. 409 while a cancellation of one of the orders is open.',
      middleware: [access('operate'), limitBody] as const,
      request: {
        body: {
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/ErasureRequest' } },
          },
          required: true,
        },
      },
      responses: { 200: json(ErasureAnswer, 'How much of what was erased.'), ...problems },
    }),
    async (c) => {
      const { store, orderIds } = await readBody(c, ErasureRequest)
      return c.json(await c.get('service').erase(store, orderIds), 200)
    },
  )
}
