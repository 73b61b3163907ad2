/**
 * Metrics of a gateway on Workers: what its objects tell at this moment, under the names that they
 * have on Node. What a process counts while it runs is not there: no isolate sees all of them.
 */
import { gaugesText, type Moment, MOST_COUNTED } from '../gauges.ts'
import type { Front } from './front.ts'

/** By store, what is asked about each. */
const ofEach = async <T>(
  stores: readonly string[],
  about: (store: string) => Promise<T>,
): Promise<Map<string, T>> =>
  new Map(await Promise.all(stores.map(async (store) => [store, await about(store)] as const)))

const tellOf = async (
  { webhooks, noticesOf, countLinks }: Front,
  stores: readonly string[],
  callers: readonly string[],
): Promise<NonNullable<Moment['told']>> => {
  const [deliveries, notices, diverged] = await Promise.all([
    Promise.all(
      callers.map(async (caller) =>
        (await webhooks.list(caller)).map(({ name, ...view }) => ({
          ...view,
          caller,
          webhook: name,
        })),
      ),
    ),
    ofEach(stores, async (store) => {
      const { waiting, oldestDueAt } = await noticesOf(store)
      return { waiting, oldestAt: oldestDueAt }
    }),
    countLinks('diverged', MOST_COUNTED),
  ])
  return { deliveries: deliveries.flat(), notices, diverged }
}

/** The text; an object that does not answer takes away what it is part of, and no more. */
export const metricsOf = async (
  front: Front,
  callers: readonly string[],
  keys: Moment['keys'],
): Promise<string> => {
  const stores = [...front.stores.keys()]
  const [health, figures, told] = await Promise.all([
    ofEach(stores, async (store) => front.healthOf(store).catch(() => null)),
    front.figures(stores).catch(() => null),
    tellOf(front, stores, callers).catch(() => null),
  ])
  return gaugesText({
    now: Date.now(),
    stores: new Map([...health].flatMap(([store, known]) => (known ? [[store, known]] : []))),
    figures,
    told,
    wall: Date.now(),
    keys,
  })
}
