/** Erasing one buyer's data. */
import type { Ask } from './ask.ts'
import type { Erasure } from './types.ts'

export const createErase =
  (ask: Ask) =>
  /** Refused while a cancellation of one of these orders is open. Done twice it is done once. */
  async (store: string, orderIds: readonly string[]): Promise<Erasure> =>
    (await ask({
      method: 'POST',
      path: '/v1/erasures',
      body: JSON.stringify({ store, orderIds }),
    })) as Erasure
