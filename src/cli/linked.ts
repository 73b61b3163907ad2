/** What the preview of a linked order says of the others. */
import type { Preview } from '../client/index.ts'
import { consequences } from '../messages/sentence.ts'
import { clean, type Terminal } from './terminal.ts'

type Other = NonNullable<Preview['linked']>[number]

const would = ({ alreadyCanceled, cancelable, effects, order, problem }: Other): string => {
  if (alreadyCanceled) return 'canceled already'
  if (!cancelable || !effects) return problem?.detail ?? 'cannot be read now'
  const comes = consequences(effects, order).join(', ')
  return `would be canceled${comes === '' ? '' : `: ${comes}`}`
}

/** Those that would be canceled with it. */
export const alongOf = ({ linked = [] }: Preview): number =>
  linked.filter(({ cancelable }) => cancelable).length

/** Where all or none are meant: an order for whose sake nothing would be sent. */
export const blockedBy = ({ linked = [] }: Preview): Other | null =>
  linked.find(({ cancelable, alreadyCanceled }) => !cancelable && !alreadyCanceled) ?? null

/** Nothing where it is linked with none. */
export const tellLinked = (terminal: Terminal, { linked = [] }: Preview): string[] =>
  linked.length === 0
    ? []
    : [
        '',
        'Linked with:',
        terminal.table(
          ['stage', 'store', 'order', 'what would become of it'],
          linked
            .toSorted((a, b) => a.stage - b.stage)
            .map((one) => [
              String(one.stage),
              one.store,
              clean(one.order?.number ?? one.orderId),
              would(one),
            ]),
        ),
      ]
