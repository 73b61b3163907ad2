/** What a platform can do with each input of a cancellation, and where that is written. */
import { z } from 'zod'
import { type EffectName, type Fact, type Facts, wishes } from './effect.ts'
import { type CancelRequest, reasonText } from './request.ts'
import { fitted } from './text.ts'

export const Capability = z
  .object({
    can: z.enum(['choose', 'always', 'never', 'unknown']).meta({
      description:
        'choose: the caller’s wish decides; always: the platform does it by itself; never: ' +
        'there is no way; unknown: nobody has shown it.',
    }),
    source: z
      .string()
      .meta({ description: 'A recording (version, date) or a documentation page.' }),
    note: z.string().optional(),
    buyerVisible: z
      .enum(['yes', 'no', 'unknown'])
      .optional()
      .meta({ description: 'Whether the buyer can read the text there.' }),
    maxLength: z
      .number()
      .int()
      .optional()
      .meta({ description: 'So many characters are kept of a text, where it is cut.' }),
  })
  .meta({ id: 'Capability' })
export type Capability = z.infer<typeof Capability>

export const INPUTS = [
  'order',
  'reason',
  'notify',
  'message',
  'restock',
  'payment',
  'transfer',
] as const
export const Capabilities = z
  .object({
    order: Capability,
    reason: Capability,
    notify: Capability,
    message: Capability,
    restock: Capability,
    payment: Capability,
    transfer: Capability,
  })
  .meta({ id: 'Capabilities' })
export type Capabilities = z.infer<typeof Capabilities>

/** The capability that a member of a request is asked by. */
export const inputOf = <Name extends string>(name: Name | 'refund'): Name | 'payment' =>
  name === 'refund' ? 'payment' : (name as Name)

/** What was cut of a text that its field does not hold. */
const cut = ({ maxLength }: Capability, text: string | null): Partial<Fact> => {
  const kept = maxLength === undefined || text === null ? null : fitted(text, maxLength)
  return kept === null || kept === text
    ? {}
    : { done: 'partial', detail: `Its first ${maxLength} characters are kept: “${kept}”` }
}

/**
 * What each effect comes to by the manual alone: the base that looks and replies then correct.
 * `ours: false`: nobody answered our call, so what it asked for may not be why the order is
 * canceled.
 */
export const predict = (capabilities: Capabilities, request: CancelRequest, ours = true): Facts =>
  Object.fromEntries(
    Object.entries(wishes(request)).map(([name, wish]) => {
      const capability = capabilities[name as EffectName]
      const { can, note } = capability
      // Which orders can be canceled is the manual's to say of all; of this one the look has told.
      const isTold = name === 'order' && can === 'choose'
      const detail = note === undefined || isTold ? {} : { detail: note }
      switch (can) {
        case 'choose':
          return [
            name,
            ours
              ? {
                  done: wish ? 'yes' : 'no',
                  basis: 'documented',
                  ...detail,
                  ...(name === 'reason' && cut(capability, reasonText(request))),
                }
              : { done: 'unknown', basis: 'none', ...detail },
          ]
        case 'always':
          return [name, { done: 'yes', basis: 'documented', ...detail }]
        case 'never':
          return [name, { done: 'impossible', basis: 'documented', ...detail }]
        case 'unknown':
          return [name, { done: 'unknown', basis: 'none', ...detail }]
      }
    }),
  ) as Facts
