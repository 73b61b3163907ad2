/** The page of one cancellation: its record and what is known beside it, followed to the end. */
import type { LinkView } from '../gateway/links/service.ts'
import type { CallerService } from '../gateway/service.ts'
import { settlesAt } from '../gateway/workflow/decide.ts'
import { statusWord } from '../messages/words.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { ProblemError } from '../model/problem.ts'
import { sleep } from '../model/time.ts'
import { outlookFor } from './approval.ts'
import { isOpen, numberOf } from './elements.ts'
import { type Call, type ConsoleContext, held, show } from './layout.ts'
import { linkMark } from './links.ts'
import { type Beside, story } from './story.ts'

/** The link that it names; one that went alone, or before there was one, may be in one by now. */
const linkOf = async ({ links }: CallerService, record: Cancellation): Promise<LinkView | null> => {
  const named = await links.of(record)
  const { store, orderId, target } = record.request
  if (named !== null || target !== 'order') return named
  return (await links.list({ store, orderId, limit: 1 })).links[0] ?? null
}

/** A record and the link of its order, which goes on when the record is at rest. */
interface Told {
  readonly record: Cancellation
  readonly link: LinkView | null
}

const storyMark = ({ record, link }: Told): string =>
  link === null ? String(record.version) : `${record.version}.${linkMark(link)}`

/** “Look now” only reads: what follows from it is the gateway’s to say, in its time. */
const besides = async (
  c: Call,
  { stores, timing }: ConsoleContext,
  { record, link }: Told,
): Promise<Beside> => {
  const known = {
    link,
    deliveries: (await c.get('webhooks').of(record.id)) ?? [],
    outlook: await outlookFor(c.get('service'), record),
  }
  const store = stores.get(record.request.store)
  if ((record.status !== 'in_doubt' && record.status !== 'needs_attention') || !store)
    return { settlesAt: null, now: null, ...known }
  const now =
    c.req.query('look') === 'now'
      ? await c
          .get('service')
          .readOrder(store.id, record.request.orderId)
          .then(
            ({ order }) => order,
            (error: unknown) => {
              if (error instanceof ProblemError) return error
              throw error
            },
          )
      : null
  return {
    settlesAt:
      record.status === 'in_doubt' && record.problem === null
        ? settlesAt(record, store, timing.longestCallMs)
        : null,
    now,
    ...known,
  }
}

export const storyPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const service = c.get('service')
  // Woken by what happens in this process; what another writes is seen a second later.
  const told = await held(
    c,
    context,
    async () => {
      const record = await service.get(c.req.param('id') ?? '')
      return { record, link: await linkOf(service, record) }
    },
    storyMark,
    async (signal, { record }) => {
      if (!isOpen(await service.wait(record, 1_000, signal))) await sleep(1_000)(signal)
    },
  )
  if (told === null) return c.body(null, 204)
  const { record, link } = told
  return show(c, context, {
    title: `Order ${numberOf(record)}: ${statusWord(record)}`,
    place: 'cancellations',
    mark: isOpen(record) || link?.link.status === 'canceling' ? storyMark(told) : null,
    say: `Order ${numberOf(record)}: ${statusWord(record)}.`,
    body: story(
      record,
      c.get('caller'),
      new URL(c.req.url).origin,
      await besides(c, context, told),
    ),
  })
}
