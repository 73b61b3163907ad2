/** Stores that are replaced while it runs: one map for all who hold it, and what is as it was stays. */
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../src/config/configuration.ts'
import { timing } from '../src/gateway/workflow/timing.ts'
import { connectStores } from '../src/hosts/node/stores.ts'
import { platforms } from '../src/hosts/platforms.ts'

const adapters = platforms.map(({ adapter }) => adapter)
const storeOf = (id: string, more: object = {}) => ({
  id,
  platform: 'medusa',
  settings: { baseUrl: `https://${id}.example`, secretKey: 'sk_one' },
  ...more,
})
const configOf = (...stores: object[]) => readConfig({ stores }, {}, adapters)

const open = async (...stores: object[]) => {
  const connected = await connectStores(configOf(...stores), platforms, {
    timing: timing(),
    reserve: async () => 0,
  })
  onTestFinished(connected.close)
  return connected
}

it('what did not change is the same store, with its breaker and logins; the rest is another', async () => {
  const { stores, replace } = await open(storeOf('paris'), storeOf('rome'), storeOf('oslo'))
  const [paris, rome] = [stores.get('paris'), stores.get('rome')]
  const settings = { baseUrl: 'https://rome.example', secretKey: 'sk_two' }
  replace(configOf(storeOf('bern'), storeOf('paris'), storeOf('rome', { settings })))
  expect([...stores.keys()]).toEqual(['bern', 'paris', 'rome'])
  expect(stores.get('paris')).toBe(paris)
  expect(stores.get('rome')).not.toBe(rome)
  expect(stores.get('rome')?.client.settings).toMatchObject({ secretKey: 'sk_two' })
  // Taken out and back it begins anew.
  replace(configOf())
  expect(stores.size).toBe(0)
  replace(configOf(storeOf('paris')))
  expect(stores.get('paris')).not.toBe(paris)
})

it.each<[string, object]>([
  ['pace', { pace: { perSecond: 1, burst: 1 } }],
  ['sweep', { sweep: { everyMs: 60_000 } }],
  ['stage', { stage: 3 }],
  ['movedFrom', { movedFrom: ['medusa old.example'] }],
  ['onDoubt', { onDoubt: 'resend' }],
])('another %s makes another store', async (_, change) => {
  const { stores, replace } = await open(storeOf('paris'))
  const before = stores.get('paris')
  replace(configOf(storeOf('paris', change)))
  expect(stores.get('paris')).not.toBe(before)
})

it('how long things take is read at the start alone', async () => {
  const { stores, replace } = await open(storeOf('paris'))
  const before = stores.get('paris')?.settleMs
  replace(
    readConfig(
      { stores: [storeOf('paris', { stage: 2 })], timing: { settleMs: 86_400_000 } },
      {},
      adapters,
    ),
  )
  expect(stores.get('paris')).toMatchObject({ stage: 2, settleMs: before })
})
