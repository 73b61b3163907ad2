/** What was asked against what happened, or would happen, and how we know. */
import { sum } from '../messages/amounts.ts'
import { BASIS_WORDS, EFFECT_WORDS, outcomeWord } from '../messages/words.ts'
import { type Effect, type EffectName, type Effects, EFFECTS } from '../model/effect.ts'
import { type CancelRequest, REASON_LABELS } from '../model/request.ts'
import { type Html, html, icon, type IconName, moneyText, said } from './elements.ts'

const asked = (name: EffectName, { asked }: Effect, request: CancelRequest): Html => {
  const wish = asked === null ? 'no wish' : asked ? 'yes' : 'no'
  switch (name) {
    case 'order':
      return html`
        ${request.target === 'transfer' ? 'Cancel the transfer request' : EFFECT_WORDS.order}
      `
    case 'reason':
      return asked
        ? html`
          Reason “
          ${said(request.reason ?? (request.reasonCode && REASON_LABELS[request.reasonCode]) ?? '')}
          ”
        `
        : html`Reason: none given`
    case 'message':
      return html`Say in the mail “${said(request.message ?? '')}”`
    default:
      return html`${EFFECT_WORDS[name]}: ${wish}`
  }
}

/** Shape and word of how the wish and the fact compare; the word stands in the outcome too. */
const compared = ({
  honored,
  asked,
  outcome,
}: Effect): { icon: IconName; kind: string; word: string } | null => {
  if (honored === false && outcome !== 'skipped')
    return { icon: 'differs', kind: 'differs', word: 'Not as asked: ' }
  if (honored === true && asked !== null) return { icon: 'same', kind: 'as-asked', word: '' }
  return outcome === 'unverified' || outcome === 'pending'
    ? { icon: 'unknown', kind: 'soft', word: '' }
    : null
}

/** Rows that nobody asked for and of which nothing became are left out. */
const isTold = (name: EffectName, { asked, outcome }: Effect) =>
  (outcome !== 'not_applicable' || (name === 'payment' && asked === true)) &&
  (asked !== null ||
    name === 'order' ||
    name === 'payment' ||
    (name !== 'reason' && name !== 'message' && outcome !== 'withheld'))

/** `write`: how amounts are written beside those of the order. */
export const comparison = (
  effects: Effects,
  request: CancelRequest,
  { would = false, write = sum }: { would?: boolean; write?: typeof sum } = {},
): Html =>
  html`
    <table class="diff">
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">${would ? 'What would happen' : 'Happened'}</th>
          <th scope="col">How we know</th>
        </tr>
      </thead>
      <tbody>
        ${EFFECTS.filter((name) => isTold(name, effects[name])).map((name) => {
          const effect = effects[name]
          const mark = compared(effect)
          return html`
            <tr>
              <th scope="row">${asked(name, effect, request)}</th>
              <td>
                <span class="mark ${mark?.kind ?? ''}">
                  ${mark ? icon(mark.icon) : ''}
                  <span>
                    ${mark?.word ?? ''}
                    ${outcomeWord(name, effect, would)}
                    ${effect.amount ? html`, ${moneyText(effect.amount, write)}` : ''}
                  </span>
                </span>
                ${effect.detail ? html`<span class="detail">${said(effect.detail)}</span>` : ''}
              </td>
              <td class="soft">
                ${
                  effect.basis === 'none'
                    ? effect.outcome === 'unverified'
                      ? BASIS_WORDS.none
                      : '–'
                    : BASIS_WORDS[effect.basis]
                }
              </td>
            </tr>
          `
        })}
      </tbody>
    </table>
  `
