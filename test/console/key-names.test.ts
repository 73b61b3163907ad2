/** The console tells which key asked, and where what runs is not what the configuration says. */
import { expect, it } from 'vitest'
import type { ConfigStanding } from '../../src/console/layout.ts'
import { hashOf } from '../http/host.ts'
import { openFixture } from './fixture.ts'

/** What a reader sees. */
const words = (text: string) => text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')

const open = async () =>
  openFixture({
    callers: [
      {
        name: 'erp',
        keyHash: [{ name: 'laptop-2026', hash: await hashOf('rsk_laptop') }],
        scopes: ['read', 'cancel', 'operate'],
        stores: ['*'],
      },
    ],
  })

it('the story, the list’s file and the page of a batch say which key asked', async () => {
  const { ask, enter, cancel, gateway, batches } = await open()
  const cookie = await enter('rsk_laptop')
  const { press } = await cancel({}, cookie)
  const { location } = await press()
  const story = words((await ask(location ?? '', { cookie })).text)
  expect(story).toContain('asked by erp (key laptop-2026 )')
  const file = await ask('/console/cancellations.csv', { cookie })
  expect(file.text).toContain(',erp,laptop-2026,')
  const asked = { store: 'sandbox-medusa', orderId: 'order_open', target: 'order' }
  const [record] = await gateway.list({ stores: null, order: 'asc', limit: 1 })
  const { batch } = await batches.create(
    [{ ...record!.request, ...asked, target: 'order' }],
    'erp',
    null,
    undefined,
    { keyName: 'laptop-2026' },
  )
  const page = await ask(`/console/batches/${batch.id}`, { cookie })
  expect(words(page.text)).toContain('by erp (key laptop-2026 )')
  expect(words((await ask('/console/batches', { cookie })).text)).toContain('(key laptop-2026 )')
})

it('the page of stores says that the file is refused, or that a part waits for a restart', async () => {
  const page = async (standing: Partial<ConfigStanding>) => {
    const whole = { since: 0, refusedAt: null, waiting: [], ...standing }
    return words((await openFixture({ standing: () => whole }).ask('/console/stores')).text)
  }
  expect(await page({})).not.toContain('configuration file')
  expect(await page({ refusedAt: Date.now() })).toContain(
    'The configuration file was changed, and refused',
  )
  expect(await page({ waiting: ['timing'] })).toContain('only after a restart: timing .')
})
