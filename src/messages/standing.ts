/**
 * What others did, or do no more, and a person is to know of, as sentences: orders that are not in
 * step, a store that went silent, a webhook that was switched off.
 */
import type { LinkStatus } from '../model/link.ts'

interface Standing {
  readonly member: { readonly store: string }
  readonly state: string
}

/** “erp and paris”, “erp, paris and acme”. */
export const listed = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' and ')

const storesIn = (standings: readonly Standing[], ...states: readonly string[]): string =>
  listed(standings.filter(({ state }) => states.includes(state)).map(({ member }) => member.store))

/** How a link's orders stand, in a sentence. */
export const linkSentence = (status: LinkStatus, standings: readonly Standing[]): string => {
  const canceled = storesIn(standings, 'canceled')
  const open = storesIn(standings, 'open', 'rejected')
  const troubled = storesIn(standings, 'attention')
  switch (status) {
    case 'open':
      return 'Nothing of it is canceled.'
    case 'canceled':
      return 'All of its orders are canceled.'
    case 'canceling':
      return 'Its orders are being canceled, one stage after the other.'
    case 'diverged':
      return (
        `${canceled === '' ? '' : `Canceled at ${canceled}. `}` +
        `${open === '' ? '' : `Not canceled at ${open}. `}` +
        `${troubled === '' ? '' : `A person must look at ${troubled}. `}` +
        'Nothing more is sent by itself.'
      )
  }
}

/** Of a store whose sweeps tell what its webhooks do not. */
export const silentSentence = (platform: string): string =>
  `${platform} sends its webhooks no more: a sweep found a cancellation, and none told of it. ` +
  'Orders are still found by sweeps. See there whether the webhook is still registered, and set ' +
  'it up again.'

/** Of a webhook that is told nothing any more. */
export const DISABLED_SENTENCE =
  'It answered 410, or nothing for five days. What it is owed is kept: mend it, then switch it on.'
