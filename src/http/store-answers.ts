/** How a store and a platform are told: what each can do, how it is, and how it is listened to. */
import { z } from '@hono/zod-openapi'
import { repeatInGeneral } from '../adapter/contract.ts'
import type { Store, StoreHealth } from '../connection/store.ts'
import type { StoreNotices } from '../gateway/notices/service.ts'
import { Capabilities } from '../model/capability.ts'
import { time } from './answers.ts'

const RepeatAnswer = z.object({
  effect: z.enum(['refused', 'harmless', 'harmful', 'unknown']),
  source: z.string(),
})

export const PlatformAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    docs: z.string(),
    capabilities: Capabilities,
    repeat: RepeatAnswer.meta({
      description: 'What a second cancel does there; where versions differ, the store tells.',
    }),
    pace: z.object({ perSecond: z.number(), burst: z.number(), source: z.string() }),
    settleMs: z
      .number()
      .meta({ description: 'How long a call that was given up on may still land.' }),
    sweep: z
      .object({
        can: z.enum(['yes', 'never']),
        overlapMs: z
          .number()
          .optional()
          .meta({ description: 'How long a change may take to be listed.' }),
        source: z.string(),
      })
      .meta({
        description:
          'Whether it lists what changed, so that a cancellation which no webhook told of is ' +
          'found; the source says for which stores, where not for all.',
      }),
    mayReopen: z
      .object({ can: z.enum(['yes', 'no', 'unknown']), source: z.string() })
      .meta({ description: 'Whether an order that is canceled there can be open again.' }),
  })
  .meta({ id: 'Platform' })

export const StoreAnswer = z
  .object({
    id: z.string(),
    platform: z.string(),
    test: z.boolean(),
    capabilities: Capabilities,
    repeat: RepeatAnswer.meta({ description: 'What a second cancel does there.' }),
    links: z.object({ platform: z.string() }),
    notices: z
      .object({
        lastAt: time().nullable().meta({ description: 'When a webhook last told of an order.' }),
        waiting: z.number().int().meta({ description: 'Orders that are due for a look.' }),
        oldestDueAt: time().nullable(),
        refused: z
          .number()
          .int()
          .meta({ description: 'Webhooks turned away since the gateway started.' }),
        lastSweepAt: time().nullable(),
        sweepFailingSince: time().nullable(),
        silentSince: time().nullable().meta({
          description: 'Sweeps find what its webhooks no longer tell: look at the subscription.',
        }),
      })
      .optional()
      .meta({ description: 'How it is listened to; in the answer about one store.' }),
    health: z
      .object({
        answeredAt: time()
          .nullable()
          .meta({ description: 'When it last answered, whatever it said; null: not yet.' }),
        failingSince: time().nullable().meta({ description: 'Since when no call is answered.' }),
        credentialsRefusedSince: time().nullable(),
        breaker: z.enum(['closed', 'half-open', 'open']),
        restMs: z.number().meta({ description: 'For how long it is still left alone.' }),
        waiting: z.number().int().meta({ description: 'Calls that wait for their turn.' }),
        pace: z.object({ perSecond: z.number(), burst: z.number() }).nullable(),
      })
      .optional()
      .meta({
        description:
          'How its calls went since the process that makes them was started; in the answer about ' +
          'one store.',
      }),
    examples: z
      .array(z.object({ id: z.string(), says: z.string() }))
      .optional()
      .meta({ description: 'In the sandbox: orders to try.' }),
  })
  .meta({ id: 'Store' })

export const toPlatform = ({
  id,
  name,
  docs,
  capabilities,
  repeat,
  pace,
  settleMs,
  sweep,
  mayReopen,
}: Store['adapter']): z.input<typeof PlatformAnswer> => ({
  id,
  name,
  docs,
  capabilities,
  repeat: repeatInGeneral({ repeat }),
  pace,
  settleMs,
  sweep: sweep
    ? { can: 'yes', overlapMs: sweep.overlapMs, source: sweep.source }
    : { can: 'never', source: 'No list of what changed is known.' },
  mayReopen: mayReopen ?? { can: 'unknown', source: 'Nobody has shown it.' },
})

const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
const toNotices = (notices: StoreNotices) => ({
  ...notices,
  lastAt: isoOrNull(notices.lastAt),
  oldestDueAt: isoOrNull(notices.oldestDueAt),
  lastSweepAt: isoOrNull(notices.lastSweepAt),
  sweepFailingSince: isoOrNull(notices.sweepFailingSince),
  silentSince: isoOrNull(notices.silentSince),
})

const toHealth = (
  { answeredAt, failingSince, refusedSince, breaker, restMs, waiting }: StoreHealth,
  pace: Store['pace'],
) => ({
  answeredAt: isoOrNull(answeredAt),
  failingSince: isoOrNull(failingSince),
  credentialsRefusedSince: isoOrNull(refusedSince),
  breaker,
  restMs: Math.ceil(restMs),
  waiting,
  pace: pace && { perSecond: pace.perSecond, burst: pace.burst },
})

/** What is told of one store alone. */
export interface Particulars {
  readonly notices: StoreNotices
  /** Null: the caller may not read. */
  readonly health: StoreHealth | null
}

export const toStore = (
  store: Store,
  particulars: Particulars | null = null,
): z.input<typeof StoreAnswer> => ({
  id: store.id,
  platform: store.adapter.id,
  test: store.test,
  capabilities: store.capabilities,
  repeat: store.repeat,
  links: { platform: `/v1/platforms/${store.adapter.id}` },
  ...(particulars && {
    notices: toNotices(particulars.notices),
    ...(particulars.health && { health: toHealth(particulars.health, store.pace) }),
    ...(store.examples.length > 0 && { examples: [...store.examples] }),
  }),
})
