/** How far a batch is, in words. */
import type { BatchView } from '../gateway/batches/service.ts'
import { span } from './elements.ts'

export const BATCH_WORDS: Readonly<Record<BatchView['status'], string>> = {
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
}

export const count = (n: number): string => n.toLocaleString('en')
export const orders = (n: number): string => (n === 1 ? '1 order' : `${count(n)} orders`)

export const restOf = ({ total, counts }: BatchView): number =>
  total - counts.succeeded - counts.rejected - counts.needs_attention

/** “35 seconds”, “3 minutes”, “2 hours”: no estimate is more exact. */
const roughly = (seconds: number): string => {
  const [size, word] =
    seconds < 90 ? [1, 'second'] : seconds < 5_400 ? [60, 'minute'] : [3_600, 'hour']
  const many = Math.max(1, Math.round(seconds / (size as number)))
  return many === 1 ? `1 ${word} is` : `${many} ${word}s are`
}

/** “4,310 of 5,000 orders are settled. About 3 minutes are left, at 5.1 orders a second.” */
export const progress = (batch: BatchView, now: number): string => {
  const { status, total, createdAt, finishedAt, remainingSeconds } = batch
  const rest = restOf(batch)
  const { succeeded, needs_attention: needs, accepted } = batch.counts
  const done =
    `${count(total - rest)} of ${orders(total)} ` +
    (total - rest === 1 ? 'is settled.' : 'are settled.')
  if (rest === 0) {
    const needed = needs > 0 ? ` ${orders(needs)} ${needs === 1 ? 'needs' : 'need'} you.` : ''
    const took = finishedAt === null ? '' : ` It took ${span(finishedAt - createdAt)}.`
    const are = succeeded === 1 ? 'is' : 'are'
    return `${count(succeeded)} of ${orders(total)} ${are} canceled.${needed}${took}`
  }
  if (status === 'finished' || status === 'stopped') return done
  if (status === 'paused') {
    const under = rest - accepted
    const goes = under === 1 ? 'goes' : 'go'
    const others = under > 0 ? `; ${count(under)} under way ${goes} on to the end` : ''
    const wait = accepted === 1 ? 'waits' : 'wait'
    return `${done} Paused: ${orders(accepted)} ${wait} until it is resumed${others}.`
  }
  if (remainingSeconds === null) return `${done} How long the rest takes cannot be told yet.`
  const rate = (total - rest) / Math.max(1, (now - createdAt) / 1_000)
  const pace = rate >= 0.1 ? `, at ${rate.toFixed(1)} orders a second so far` : ''
  return `${done} About ${roughly(remainingSeconds)} left${pace}.`
}

export const address = ({ id }: Pick<BatchView, 'id'>): string => `/console/batches/${id}`
