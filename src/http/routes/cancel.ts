/** The endpoints that ask: cancel an order, and look what a cancel would do. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { markOf } from '../../gateway/links/caller.ts'
import type { LinkView } from '../../gateway/links/service.ts'
import type { CallerService, CancellationService } from '../../gateway/service.ts'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { isAsked } from '../../model/approval.ts'
import { type Cancellation, isAtRest, isRunning } from '../../model/cancellation.ts'
import { type Problem, problem, refuse } from '../../model/problem.ts'
import { CancelRequest } from '../../model/request.ts'
import { steadyNow } from '../../model/time.ts'
import type { Access, App, Env } from '../auth.ts'
import {
  CancellationAnswer,
  json,
  linkTo,
  PreviewAnswer,
  problemOf,
  needs,
  problems,
  toAnswer,
  toPreview,
} from '../answers.ts'
import {
  limitBody,
  type Preferred,
  readBody,
  readCustomerToken,
  readKey,
  readPrefer,
} from '../body.ts'

/**
 * A body by its name in the document; the handler reads it itself, after the checks that come
 * first.
 */
export const body = (name: string) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  required: true,
})

export const Prefer = z.string().optional().meta({
  description:
    '`wait=N` (seconds, at most 25), `respond-async`, or both: wait so long, then answer 202.',
  example: 'wait=15',
})
const AskHeaders = z.object({
  'idempotency-key': z.string().optional().meta({
    description: '1–255 visible ASCII characters, quoted or bare: the same request is done once.',
    example: '"9f1c2c1e-7b1d-4b57-9b8e-0c1f6a3d2e10"',
  }),
  prefer: Prefer,
  'rescind-customer-token': z.string().optional().meta({
    description: 'Transfers: the customer’s own token; used within this request and never kept.',
  }),
})
const SENDING_RETRY_S = 2
/** A person takes minutes at best. */
const APPROVAL_RETRY_S = 60

/** The customer's own token, which only a transfer can have a use for. */
const tokenFor = (c: Context<Env>, target: CancelRequest['target']): string | null => {
  const token = readCustomerToken(c.req.header('rescind-customer-token'))
  if (token !== null && target !== 'transfer')
    refuse('invalid-request', 'A customer’s token is for transfers only.', {
      errors: [{ pointer: '/Rescind-Customer-Token', detail: 'only with "target": "transfer"' }],
    })
  return token
}

const answerProblem = (c: Context<Env>, found: Problem) => {
  c.set('code', found.code)
  return c.json(found, found.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
  })
}

/** It is canceled, and others of its link are not. */
const diverged = ({ link, standings }: LinkView, record: Cancellation): Problem => {
  const sent = standings.some(
    ({ record: one }) =>
      one?.attempts.some(({ unsent }) => !unsent) &&
      (one.id === link.run?.id || one.causedBy === link.run?.id),
  )
  return problem(
    'linked-diverged',
    'This order is canceled, and not every order that it is linked with.',
    {
      acted: sent ? 'yes' : 'no',
      instance: linkTo(record),
      cancellation: linkTo(record),
      errors: standings.map(({ member, state }, index) => ({
        pointer: `/members/${index}`,
        detail: `order ${member.orderId} of the store ${member.store}: ${state}`,
      })),
    },
  )
}

/** In how many seconds there may be something to see. */
const retryAfter = (record: Cancellation, now: number): number => {
  if (isAsked(record)) return APPROVAL_RETRY_S
  const seconds = Math.ceil(((record.wakeAt ?? now) - now) / 1000)
  // While the platform is being asked its answer may come at any moment, long before the lease
  // ends.
  const isSending = record.status === 'sending' && !isRunning(record)
  return Math.max(1, isSending ? Math.min(seconds, SENDING_RETRY_S) : seconds)
}

/**
 * The HTTP status follows the record, and the run of its link: 200 or 201 canceled, 202 not known
 * yet, no 2xx ever means refused.
 */
const answer = (
  c: Context<Env>,
  record: Cancellation,
  view: LinkView | null,
  created: boolean,
  now: number,
) => {
  const told = toAnswer(record, markOf(view))
  c.header('location', linkTo(record))
  const isOpen = view?.link.run?.isOpen ?? false
  if (record.status === 'succeeded' && !isOpen) {
    if (!view || view.link.status === 'canceled') return c.json(told, created ? 201 : 200)
    return answerProblem(c, diverged(view, record))
  }
  if (isOpen || !isAtRest(record.status)) {
    c.header('retry-after', String(retryAfter(record, now)))
    return c.json(told, 202)
  }
  return answerProblem(c, problemOf(record) ?? problem('internal', 'The record lacks its problem.'))
}

export const tellApplied = (
  c: Context<Env>,
  record: Cancellation,
  applied: Preferred['applied'],
): void => {
  const told = applied(!isAtRest(record.status))
  if (told !== null) c.header('preference-applied', told)
}

/**
 * The record once it is at rest, or time is up. It is written down: a ledger that fails now takes
 * nothing back.
 */
const held = async (
  service: CallerService,
  record: Cancellation,
  waitMs: number,
  signal: AbortSignal,
): Promise<Cancellation> => {
  try {
    return await service.wait(record, waitMs, signal)
  } catch (error) {
    if (error instanceof LedgerUnavailable) return record
    throw error
  }
}

export interface Routes {
  readonly app: App
  readonly gateway: CancellationService
  readonly access: Access
  /** Aborted when the gateway is about to leave: whoever waits is answered with what is known. */
  readonly leaving?: AbortSignal | undefined
}

/** How long it matters that somebody waits. */
export const patience = (c: Context<Env>, leaving: AbortSignal | undefined): AbortSignal =>
  leaving ? AbortSignal.any([c.req.raw.signal, leaving]) : c.req.raw.signal

const addCancel = ({ app, access, gateway, leaving }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations',
      operationId: 'cancel',
      tags: ['Cancellations'],
      summary: 'Cancel an order, or an order transfer',
      ...needs('cancel'),
      description:
        '200 or 201 means canceled, 202 means not known yet; no 2xx ever means refused. Where ' +
        'what this key asks must be approved, it is looked at, and answered 202 as soon as ' +
        'somebody is asked: `approval` is `awaited`, and nothing is sent until another key has ' +
        'approved it.',
      middleware: [access('cancel'), limitBody] as const,
      request: { headers: AskHeaders, body: body('CancelRequest') },
      responses: {
        200: json(CancellationAnswer, 'Canceled, by an earlier request.'),
        201: json(CancellationAnswer, 'Canceled.'),
        202: json(
          CancellationAnswer,
          'Written down; not known yet. `Retry-After` says when to look.',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const { store, ...rest } = await readBody(c, CancelRequest)
      const service = c.get('service')
      const key = readKey(c.req.header('idempotency-key'))
      const token = tokenFor(c, rest.target)
      const { waitMs, applied } = readPrefer(c.req.header('prefer'), gateway.timing.waitMs)
      const asked = await service.cancel({ ...rest, store }, key, token)
      const record =
        (isAtRest(asked.record.status) && asked.record.link === undefined) || waitMs === 0
          ? asked.record
          : await held(service, asked.record, waitMs, patience(c, leaving))
      tellApplied(c, record, applied)
      if (asked.how !== 'created') c.header('idempotent-replayed', 'true')
      if (asked.how === 'deduplicated') c.header('rescind-deduplicated', 'true')
      const view = await service.links.of(record)
      return answer(c, record, view, asked.how === 'created', steadyNow()) as never
    },
  )
}

const addPreview = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/cancellations/preview',
      operationId: 'preview',
      tags: ['Cancellations'],
      summary: 'Preview a cancellation',
      ...needs('preview'),
      middleware: [access('preview'), limitBody] as const,
      request: {
        headers: AskHeaders.pick({ 'rescind-customer-token': true }),
        body: body('CancelRequest'),
      },
      responses: { 200: json(PreviewAnswer, 'What a cancel would find and do.'), ...problems },
    }),
    async (c) => {
      const { store: id, ...rest } = await readBody(c, CancelRequest)
      const byCustomer = tokenFor(c, rest.target) !== null
      const service = c.get('service')
      const store = service.store(id)
      const found = await service.preview({ ...rest, store: store.id }, byCustomer)
      return c.json(toPreview(store, rest.target, found), 200)
    },
  )
}

export const addAsking = (routes: Routes): void => {
  addCancel(routes)
  addPreview(routes)
}
