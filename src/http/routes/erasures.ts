/** The endpoint that erases one buyer’s data, from all that is kept of some orders. */
import { createRoute, z } from '@hono/zod-openapi'
import { ID_RULE, isOrderId } from '../../model/request.ts'
import { json, problems } from '../answers.ts'
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
      .transform((value) => value ?? null)
      .meta({ description: 'May be left out when the key reaches exactly one.', example: 'paris' }),
    orderIds: z
      .array(z.string().refine(isOrderId, { message: ID_RULE }))
      .min(1)
      .max(MOST_ORDERS)
      .meta({ description: 'The platform’s own ids of the buyer’s orders.' }),
  })
  .meta({ id: 'ErasureRequest' })

const count = (of: string) =>
  z
    .number()
    .int()
    .meta({ description: `How many ${of}.` })
const ErasureAnswer = z
  .object({
    records: count('records now hold nothing personal; none: they did not before'),
    rows: count('rows of batches'),
    deliveries: count('events that webhooks are or were told, of which the reference went'),
    links: count('links of which a message to the buyer went'),
    keys: count('idempotency keys that an earlier version kept in plain words'),
  })
  .meta({ id: 'Erasure' })

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
      security: [{ key: [] }],
      description:
        'Takes reason, message, reference, notes, details and what is left of a customer out of ' +
        'everything that is kept of these orders. That they were canceled, when, with what ' +
        'effects and amounts stays, so that nothing is canceled twice. 409 while a cancellation ' +
        'of one of them is open. Asked once more it finds nothing to do.',
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
