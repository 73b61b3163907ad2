/** Three orders of three stores that are one sale, on the made-up platform. */
import type { Link } from '../../src/model/link.ts'
import { type FixtureOptions, openFixture } from './fixture.ts'
import { createPlatform } from './platform.ts'

export const STORES = ['erp', 'paris', 'acme']
/** An order of each store, in three stages. */
export const MEMBERS = STORES.map((store, index) => ({
  store,
  orderId: `o-${store}`,
  stage: index + 1,
  notify: null,
  message: null,
  restock: null,
}))

export type Fixture = ReturnType<typeof openFixture>

export const open = async (
  options: FixtureOptions = {},
  follow: Link['follow'] = 'tell',
): Promise<Fixture> => {
  const fixture = openFixture({
    stores: STORES,
    platform: createPlatform(MEMBERS.map(({ orderId }) => ({ id: orderId }))),
    ...options,
  })
  await fixture.gateway.links?.put('SO-1', MEMBERS, follow, 'erp')
  await fixture.tick()
  return fixture
}

/** Turns the clock until nothing moves any more, or so often. */
export const settle = async (fixture: Fixture, turns = 12, ms = 0) => {
  for (let turn = 0; turn < turns; turn++) await fixture.tick(ms)
}

export const link = async ({ ledger }: Fixture) => (await ledger.links.get('SO-1')) as Link
export const states = ({ platform }: Fixture) =>
  MEMBERS.map(({ orderId }) => platform.order(orderId).state)
export const sent = ({ platform }: Fixture) =>
  platform.calls.filter(({ route }) => route === 'cancel').map(({ id }) => id)
export const recordsOf = async ({ gateway }: Fixture, orderId: string) =>
  gateway.list({ stores: null, orderId, order: 'desc', limit: 100 })
