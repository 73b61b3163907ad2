/** How far a batch is, in words. */
import type { BatchView } from '../gateway/batches/service.ts'
import { span } from './layout.ts'

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
  if (rest === 0)
    return (
      `${count(succeeded)} of ${orders(total)} ${succeeded === 1 ? 'is' : 'are'} ` +
      `canceled.${needs > 0 ? ` ${orders(needs)} ${needs === 1 ? 'needs' : 'need'} you.` : ''}${finishedAt === null ? '' : ` It took ${span(finishedAt - createdAt)}.`}`
    )
  if (status === 'finished' || status === 'stopped') return done
  if (status === 'paused')
    return (
      `${done} Paused: ${orders(accepted)} ${accepted === 1 ? 'waits' : 'wait'} until it ` +
      'is ' +
      `resumed${rest > accepted ? `; ${count(rest - accepted)} under way ${rest - accepted === 1 ? 'goes' : 'go'} on to the end` : ''}.`
    )
  const rate = (total - rest) / Math.max(1, (now - createdAt) / 1_000)
  return (
    `${done} ` +
    `${remainingSeconds === null ? 'How long the rest takes cannot be told yet.' : `About ${roughly(remainingSeconds)} left${rate >= 0.1 ? `, at ${rate.toFixed(1)} orders a second so far` : ''}.`}`
  )
}

export const address = ({ id }: Pick<BatchView, 'id'>): string => `/console/batches/${id}`
