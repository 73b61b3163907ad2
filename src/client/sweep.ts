/** Having a store asked again what changed there. */
import { type Ask, segment } from './ask.ts'
import type { Store, SweepRequest } from './types.ts'

export const createSweep =
  (ask: Ask) =>
  /** Everything canceled there since then, and not recorded here, is looked at. */
  async (store: string, { since }: { readonly since: Date | string }): Promise<Store> => {
    const body: SweepRequest = { since: since instanceof Date ? since.toISOString() : since }
    return (await ask({
      method: 'POST',
      path: `/v1/stores/${segment('store', store)}/sweep`,
      body: JSON.stringify(body),
    })) as Store
  }
