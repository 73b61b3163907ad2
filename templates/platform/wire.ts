/** Acme's replies, as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, id, text } = tolerant

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  id,
  state: z.string(),
  no: text,
  paid: z.boolean().nullish().catch(null),
  total: amount,
  currency: text,
  note: text,
})
export type Order = z.infer<typeof Order>

export const ErrorReply = z.object({ error: text })
