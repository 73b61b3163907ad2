/** The endpoints of webhooks: how the caller's own are, a test, on again, and told again. */
import { createRoute, z } from '@hono/zod-openapi'
import type { WebhookView } from '../../gateway/deliveries/service.ts'
import { EVENT_TYPES } from '../../model/delivery.ts'
import { refuse } from '../../model/problem.ts'
import { steadyNow } from '../../model/time.ts'
import { json, page, needs, problems } from '../answers.ts'
import type { Access, App } from '../auth.ts'
import { limitBody, readBody } from '../body.ts'
import { instant } from './cancellations.ts'

const tags = ['Webhooks']
const time = () => z.iso.datetime().meta({ example: '2026-11-21T12:00:00.000Z' })
const Name = z.object({ name: z.string().meta({ example: 'orders' }) })
const result = () => z.string().meta({ description: 'An HTTP status or a word.', example: '204' })

const WebhookAnswer = z
  .object({
    name: z.string().meta({ example: 'orders' }),
    url: z.string(),
    events: z
      .array(z.enum(['*', ...EVENT_TYPES]))
      .meta({ description: '`*`: all.', example: ['*'] }),
    enabled: z.boolean().meta({
      description: 'False: switched off, after a 410 or five days without a success.',
    }),
    pending: z
      .number()
      .int()
      .meta({ description: 'Of how many subjects it is still owed the newest state.' }),
    oldestPendingAt: time().nullable(),
    lastSuccessAt: time().nullable(),
    failingSince: time().nullable(),
    lastResult: result().nullable(),
  })
  .meta({ id: 'Webhook' })
const TestAnswer = z
  .object({ delivered: z.boolean(), result: result() })
  .meta({ id: 'WebhookTest' })
const ReplayAnswer = z
  .object({ owed: z.number().int().meta({ description: 'How many subjects are told again.' }) })
  .meta({ id: 'WebhookReplay' })
export const ReplayRequest = z
  .strictObject({
    since: instant(),
    until: instant().nullish().meta({ description: 'Left out: now.' }),
  })
  .meta({ id: 'ReplayRequest' })

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
const toWebhook = ({
  events,
  oldestPendingAt,
  lastSuccessAt,
  failingSince,
  ...webhook
}: WebhookView): z.input<typeof WebhookAnswer> => ({
  ...webhook,
  events: events === null ? ['*'] : [...events],
  oldestPendingAt: iso(oldestPendingAt),
  lastSuccessAt: iso(lastSuccessAt),
  failingSince: iso(failingSince),
})

interface Routes {
  readonly app: App
  readonly access: Access
}

const addListWebhooks = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/webhooks',
      operationId: 'listWebhooks',
      tags,
      summary: 'List webhooks, and how they are',
      ...needs('read'),
      middleware: [access('read')] as const,
      responses: { 200: json(page(WebhookAnswer), 'All of them.'), ...problems },
    }),
    async (c) => {
      const found = await c.get('webhooks').list()
      return c.json({ data: found.map(toWebhook), nextCursor: null }, 200)
    },
  )
}

const addTestWebhook = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{name}/test',
      operationId: 'testWebhook',
      tags,
      summary: 'Test a webhook',
      ...needs('read'),
      description: 'Sends `webhook.test`, once; takes up to 15 seconds, and changes nothing.',
      middleware: [access('read')] as const,
      request: { params: Name },
      responses: { 200: json(TestAnswer, 'What came back.'), ...problems },
    }),
    async (c) => c.json(await c.get('webhooks').test(c.req.valid('param').name), 200),
  )
}

const addEnableWebhook = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{name}/enable',
      operationId: 'enableWebhook',
      tags,
      summary: 'Switch a webhook on again',
      ...needs('read'),
      middleware: [access('read')] as const,
      request: { params: Name },
      responses: { 200: json(WebhookAnswer, 'The webhook as it is now.'), ...problems },
    }),
    async (c) => c.json(toWebhook(await c.get('webhooks').enable(c.req.valid('param').name)), 200),
  )
}

const addReplayWebhook = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/webhooks/{name}/replay',
      operationId: 'replayWebhook',
      tags,
      summary: 'Tell again what changed in a time',
      ...needs('read'),
      description:
        'The newest state of every subject whose last event lies in it, its ends included, with ' +
        'the id and the body that it had.',
      middleware: [access('read'), limitBody] as const,
      request: {
        params: Name,
        body: {
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/ReplayRequest' } },
          },
          required: true,
        },
      },
      responses: { 200: json(ReplayAnswer, 'How many are owed again.'), ...problems },
    }),
    async (c) => {
      const { since, until } = await readBody(c, ReplayRequest)
      const end = until ?? steadyNow()
      if (since > end)
        refuse('invalid-request', 'The time ends before it begins.', {
          errors: [{ pointer: '/since', detail: 'must not be after `until`, or after now' }],
        })
      const { name } = c.req.valid('param')
      return c.json({ owed: await c.get('webhooks').replay(name, since, end) }, 200)
    },
  )
}

export const addWebhooks = (routes: Routes): void => {
  addListWebhooks(routes)
  addTestWebhook(routes)
  addEnableWebhook(routes)
  addReplayWebhook(routes)
}
