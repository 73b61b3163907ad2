/** The answers' shapes, and how a record becomes one. */
import { z } from '@hono/zod-openapi'
import type { DeliveryView } from '../gateway/deliveries/service.ts'
import type { Store } from '../connection/store.ts'
import { type LinkedPreview, type Scope, scopesFor } from '../gateway/service.ts'
import { APPROVAL_STATES, awaitsApproval } from '../model/approval.ts'
import {
  type Cancellation,
  isAtRest,
  isFinal,
  isRunning,
  ORIGINS,
  RESOLUTIONS,
  STATUSES,
} from '../model/cancellation.ts'
import { DELIVERY_STATES, EVENT_TYPES } from '../model/delivery.ts'
import { Effects } from '../model/effect.ts'
import { LINK_STATUSES } from '../model/link.ts'
import { Order } from '../model/order.ts'
import { Problem, PROBLEM_CODES } from '../model/problem.ts'
import { type CancelRequest, REASON_CODES } from '../model/request.ts'

/** An answer of the document. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  content: { 'application/json': { schema } },
  description,
})
const aProblem = {
  content: { 'application/problem+json': { schema: Problem } },
  description: 'A problem; `code` says which.',
}
/** Of a route that asks for a key: that it does, and the scopes each of which is enough. */
export const needs = (scope: Scope) => ({
  security: [{ key: [] }],
  'x-scopes': scopesFor(scope),
})
export const problems = { '4XX': aProblem, '5XX': aProblem }

export const aPage = {
  content: { 'text/html': { schema: z.string() } },
  description: 'A page that needs no other host.',
}

/** What everybody may read of the gateway itself, without a key. */
export const open = { method: 'get' as const, tags: ['Gateway'], security: [] }

export const time = () => z.iso.datetime().meta({ example: '2026-11-21T12:00:00.000Z' })

const DeliveryAnswer = z
  .object({
    name: z.string().meta({ description: 'The webhook’s.' }),
    type: z.enum(EVENT_TYPES),
    revision: z.number().int(),
    state: z.enum(DELIVERY_STATES).meta({
      description:
        'failed: given up, though others passed; superseded: out of date before it was told, and ' +
        'what is newer is not wanted.',
    }),
    at: time().meta({ description: 'When the record changed.' }),
    deliveredAt: time().nullable(),
    lastResult: z
      .string()
      .nullable()
      .meta({ description: 'How the last try ended: an HTTP status or a word.', example: '204' }),
  })
  .meta({ id: 'Delivery' })

export const LinkMark = z
  .object({ name: z.string(), status: z.enum(LINK_STATUSES) })
  .meta({ id: 'LinkMark' })

export const RequestedBy = z
  .object({
    caller: z.string().meta({ example: 'erp' }),
    key: z.string().nullable().meta({
      description: 'The name of the key; null: it has none, or the record is older than names.',
      example: 'laptop-2026',
    }),
  })
  .meta({ id: 'RequestedBy' })

export const ApprovalAnswer = z
  .object({
    state: z.enum(APPROVAL_STATES),
    askedAt: time().nullable().meta({
      description:
        'Since when somebody is asked: its order was looked at, and nothing stands in the way.',
    }),
    until: time().nullable().meta({ description: 'While it is awaited: when it expires.' }),
    by: z.string().nullable().meta({ description: 'The caller that approved or declined it.' }),
    key: z.string().nullable(),
    at: time().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Approval' })

export const CancellationAnswer = z
  .object({
    id: z.string().meta({ example: 'can_01KAK3J0X5T9V2W8Q6N4M7R1ZB' }),
    status: z.enum(STATUSES),
    final: z.boolean(),
    revision: z.number().int().meta({
      description: 'Rises with each event of the record: a receiver drops what is older.',
    }),
    origin: z.enum(ORIGINS).meta({
      description:
        'Who brought it about: a request, somebody at the platform, or the run of a link.',
    }),
    requestedBy: RequestedBy.nullable(),
    link: LinkMark.nullable(),
    causedBy: z.string().nullable().meta({
      description: 'The record whose run it belongs to; null on that one itself.',
    }),
    waitingFor: z
      .enum(['approval', 'link', 'platform'])
      .nullable()
      .meta({
        description:
          'approval: somebody else must approve it before anything is sent; link: its turn in ' +
          'the run of its link has not come; platform: it has taken the call and is still ' +
          'working on it.',
      }),
    approval: ApprovalAnswer.nullable(),
    reopenedAt: time()
      .nullable()
      .meta({ description: 'Since when its order reads open, though it was canceled.' }),
    store: z.string(),
    platform: z.string(),
    target: z.enum(['order', 'transfer']),
    orderId: z.string(),
    reference: z.string().nullable(),
    batchId: z
      .string()
      .nullable()
      .meta({ description: 'The batch that asked for it, if one did.' }),
    reason: z.string().nullable(),
    reasonCode: z.enum(REASON_CODES).nullable(),
    notify: z.boolean().nullable(),
    message: z.string().nullable(),
    restock: z.boolean().nullable(),
    refund: z.boolean().nullable(),
    strict: z.boolean(),
    alreadyCanceled: z.boolean(),
    via: z
      .enum(['reply', 'reconciled', 'operator'])
      .nullable()
      .meta({ description: 'What settled it: the platform’s reply, a later look, or a person.' }),
    effects: Effects,
    order: Order.nullable(),
    problem: Problem.nullable(),
    attempts: z.array(
      z.object({
        at: time(),
        call: z.string(),
        result: z.string().nullable(),
        ms: z.number().nullable(),
      }),
    ),
    resolution: z
      .object({
        as: z.enum(RESOLUTIONS),
        note: z.string(),
        by: z.string(),
        key: z.string().nullable().meta({ description: 'The name of the key; null: none.' }),
        at: time(),
      })
      .optional(),
    deliveries: z
      .array(DeliveryAnswer)
      .optional()
      .meta({
        description:
          'Of a record that is read by its id, where the key has webhooks: what they are owed of ' +
          'it, or were told.',
      }),
    createdAt: time(),
    updatedAt: time(),
    settledAt: time().nullable(),
    erasedAt: time().optional(),
  })
  .meta({ id: 'Cancellation' })

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() })

export const PreviewAnswer = z
  .object({
    store: z.string(),
    platform: z.string(),
    target: z.enum(['order', 'transfer']),
    orderId: z.string(),
    cancelable: z.boolean(),
    alreadyCanceled: z.boolean(),
    effects: Effects,
    order: Order,
    problem: Problem.nullable(),
    linked: z
      .array(
        z.object({
          store: z.string(),
          orderId: z.string(),
          stage: z.number().int(),
          cancelable: z.boolean(),
          alreadyCanceled: z.boolean(),
          effects: Effects.nullable(),
          order: Order.nullable(),
          problem: Problem.nullable(),
        }),
      )
      .optional()
      .meta({
        description:
          'Of every other order of its link what a cancel would find; null where it could not be ' +
          'read.',
      }),
  })
  .meta({ id: 'Preview' })

export const ProblemAnswer = z
  .object({
    type: z.string(),
    code: z.enum(PROBLEM_CODES),
    title: z.string(),
    status: z.number(),
    retryable: z.boolean(),
    about: z.string(),
  })
  .meta({ id: 'ProblemPage' })

const iso = (ms: number) => new Date(ms).toISOString()

export const linkTo = (record: Cancellation) => `/v1/cancellations/${record.id}`

/** The problem of a record, as it is answered. */
export const problemOf = (record: Cancellation): Problem | null =>
  record.problem && isAtRest(record.status)
    ? { ...record.problem, instance: linkTo(record), cancellation: linkTo(record) }
    : null

const toResolution = ({
  keyName,
  at,
  ...said
}: NonNullable<Cancellation['resolution']>): z.input<typeof CancellationAnswer>['resolution'] => ({
  ...said,
  key: keyName ?? null,
  at: iso(at),
})

const waitingFor = (record: Cancellation) => {
  if (awaitsApproval(record)) return 'approval'
  if (record.waitsForLink) return 'link'
  return isRunning(record) ? 'platform' : null
}

const timeOf = (at: number | null) => (at === null ? null : iso(at))

const toApproval = (record: Cancellation): z.input<typeof ApprovalAnswer> | null => {
  const { deadlineAt } = record
  if (!record.approval) return null
  const { keyName = null, ...approval } = record.approval
  return {
    ...approval,
    key: keyName,
    askedAt: timeOf(approval.askedAt),
    at: timeOf(approval.at),
    until: awaitsApproval(record) ? iso(deadlineAt) : null,
  }
}

/** A record as callers see it; `link`: how the one that it names is, as far as they reach. */
export const toAnswer = (
  record: Cancellation,
  link: z.input<typeof LinkMark> | null = null,
): z.input<typeof CancellationAnswer> => {
  const { request, resolution } = record
  return {
    id: record.id,
    status: record.status,
    final: isFinal(record.status),
    revision: record.revision ?? 0,
    origin: record.origin ?? 'caller',
    requestedBy:
      record.origin === 'platform' ? null : { caller: record.caller, key: record.keyName ?? null },
    link,
    causedBy: record.causedBy ?? null,
    waitingFor: waitingFor(record),
    approval: toApproval(record),
    reopenedAt: record.reopenedAt === undefined ? null : iso(record.reopenedAt),
    store: request.store,
    platform: record.platform,
    target: request.target,
    orderId: request.orderId,
    reference: request.reference,
    batchId: record.batchId,
    reason: request.reason,
    reasonCode: request.reasonCode,
    notify: request.notify,
    message: request.message,
    restock: request.restock,
    refund: request.refund ?? null,
    strict: request.strict,
    alreadyCanceled: record.alreadyCanceled,
    via: record.via,
    effects: record.effects,
    order: record.order,
    problem: problemOf(record),
    attempts: record.attempts.map(({ at, call, result, ms }) => ({
      at: iso(at),
      call,
      result,
      ms,
    })),
    ...(resolution && { resolution: toResolution(resolution) }),
    createdAt: iso(record.createdAt),
    updatedAt: iso(record.updatedAt),
    settledAt: record.settledAt === null ? null : iso(record.settledAt),
    ...(record.erasedAt !== undefined && { erasedAt: iso(record.erasedAt) }),
  }
}

/** A preview as callers see it. */
export const toPreview = (
  store: Store,
  target: CancelRequest['target'],
  { linked, ...found }: LinkedPreview,
): z.input<typeof PreviewAnswer> => ({
  store: store.id,
  platform: store.adapter.id,
  target,
  ...found,
  ...(linked && {
    linked: linked.map(({ found: one, ...member }) => ({
      ...member,
      cancelable: one?.cancelable ?? false,
      alreadyCanceled: one?.alreadyCanceled ?? false,
      effects: one?.effects ?? null,
      order: one?.order ?? null,
    })),
  }),
})

export const toDelivery = ({
  at,
  deliveredAt,
  ...told
}: DeliveryView): z.input<typeof DeliveryAnswer> => ({
  ...told,
  at: iso(at),
  deliveredAt: deliveredAt === null ? null : iso(deliveredAt),
})
