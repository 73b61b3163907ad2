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
 * Whether the manual's words are about this request: which orders can be canceled a look has told,
 * how a thing is done is nothing to say of one that is not, and why there is no way is nothing to
 * say to whoever did not ask.
 */
const isTold = (name: string, { can }: Capability, wish: boolean | null): boolean => {
  if (can === 'choose') return name !== 'order' && wish === true
  return can !== 'never' || wish !== null || (name !== 'reason' && name !== 'message')
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
      const detail = note !== undefined && isTold(name, capability, wish) ? { detail: note } : {}
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
