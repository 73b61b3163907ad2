/**
 * What was wished for and did not come, of a batch that is at its end: a person must do it instead,
 * and would not know it from how many orders are canceled.
 */
import type { BatchView } from '../gateway/batches/service.ts'
import type { CallerService } from '../gateway/service.ts'
import type { Cancellation } from '../model/cancellation.ts'
import type { Effect } from '../model/effect.ts'
import { count, orders } from './progress.ts'

/** Of larger batches it is not counted, and said that it is not. */
const MOST = 1_000
const PAGE = 100

const canceledIn = async (service: CallerService, batchId: string): Promise<Cancellation[]> => {
  const found: Cancellation[] = []
  for (;;) {
    const last = found.at(-1)
    const page = await service.list({
      batchId,
      status: 'succeeded',
      order: 'asc',
      limit: PAGE,
      ...(last && { after: { at: last.createdAt, id: last.id } }),
    })
    found.push(...page)
    if (page.length < PAGE) return found
  }
}

/** Asked for, and not come or not wholly. */
const isMissed = ({ asked, honored }: Effect): boolean => asked === true && honored === false

/** In sentences, the same kinds as before a batch is started; none while it runs. */
export const unkept = async (service: CallerService, batch: BatchView): Promise<string[]> => {
  const { id, finishedAt, counts } = batch
  if (finishedAt === null || counts.succeeded === 0) return []
  if (counts.succeeded > MOST)
    return [`Of more than ${count(MOST)} orders the list alone says what did not come as asked.`]
  const records = await canceledIn(service, id)
  const ours = records.filter(({ alreadyCanceled }) => !alreadyCanceled)
  const missed = (name: 'notify' | 'restock' | 'payment') =>
    ours.filter(({ effects }) => isMissed(effects[name])).length
  const [mail, goods, money] = [missed('notify'), missed('restock'), missed('payment')]
  return [
    mail > 0 && `The buyers of ${orders(mail)} were not mailed: write to them yourself.`,
    goods > 0 && `The goods of ${orders(goods)} did not all go back: put them back by hand.`,
    money > 0 && `The money of ${orders(money)} was not all given back: refund it at the store.`,
  ].filter((says) => says !== false)
}
