/** Lists what was canceled on a Mercur: by its admin, as a Medusa lists it. */
import type { Adapter, Sweep } from '../../src/adapter/index.ts'
import { listCanceled } from '../medusa/sweep.ts'
import { accessOf, type Settings } from './access.ts'

export const sweep: Sweep<Settings> = {
  // A vendor's own orders are listed to no admin apart from the others'. Where the version is not
  // given, a store may turn out to be either, and is held to be the one that lists less.
  may: (settings) =>
    accessOf(settings, settings.version ?? '2').actor === 'admin' &&
    accessOf(settings, settings.version ?? '1').actor === 'admin',
  changed: (connection, query) => listCanceled(connection, query, 'admin'),
  inOrder: true,
  overlapMs: 120_000,
  source:
    'inferred from Medusa 2.21.2, whose admin route both versions keep (measured there, ' +
    '2026-11-29); only for stores that an admin cancels in: what a vendor’s list keeps of these ' +
    'filters, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'unknown',
  source:
    'github.com/mercurjs/mercur, packages/core/src/api/vendor/orders, and Medusa’s admin routes: ' +
    'none opens a canceled order; what a marketplace’s own code does, nobody has shown',
}
