/** Things whose every text was written by somebody who means harm. */
import type { Found, Thing } from '../../src/messages/digest.ts'
import { money } from '../../src/model/money.ts'

export const EVIL =
  '1\r\nBcc: evil@example.com\r\nX-Evil: yes\r\n\r\n<script>alert(1)</script><img src=x onerror=1> ' +
  '&amp; <!channel> <@U123> <https://evil.example|click> *bold* [a](https://evil.example) \u202eabc\u0000\ud800'

const thing = (key: string, over: Partial<Thing> = {}): Thing => ({
  key: `cancellation.needs_attention ${key} 1`,
  event: 'cancellation.needs_attention',
  title: EVIL,
  place: EVIL,
  what: `Order ${EVIL}`,
  path: '/console/cancellations/can_1',
  since: 0,
  says: EVIL,
  total: money('59.00', 'USD'),
  amount: EVIL,
  todo: 'Look at the order.',
  ...over,
})

export const hostile: Found = {
  fresh: [thing('a'), thing('b'), thing('c', { event: 'link.diverged' })],
  waiting: [thing('d', { place: `${EVIL} 2` })],
  solved: [{ ...thing('e'), says: EVIL }],
}
