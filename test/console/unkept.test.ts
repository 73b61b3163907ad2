/** The page of a batch at its end says what was asked for and did not come: a person must do it. */
import { expect, it, vi } from 'vitest'
import type { CancelRequest } from '../../src/model/request.ts'
import { request } from '../model/samples.ts'
import { openFixture } from './fixture.ts'

const open = () => {
  const { ask, batches } = openFixture()
  /** The page of a batch of so many open orders, once it is at its end. */
  const pageOf = async (name: string, size: number, wishes: Partial<CancelRequest>) => {
    const rows = Array.from({ length: size }, (_, index) =>
      request({ store: 'sandbox-medusa', orderId: `order_open-${name}${index}`, ...wishes }),
    )
    const { batch } = await batches.create(rows, 'local', null)
    const isOver = async () => {
      await batches.tick()
      return (await batches.get(batch.id)).finishedAt !== null
    }
    await vi.waitUntil(isOver, { timeout: 20_000, interval: 20 })
    return (await ask(`/console/batches/${batch.id}`)).text
  }
  return { pageOf }
}

it('who was not mailed though it was asked for is counted, and said what to do', async () => {
  const { pageOf } = open()
  const page = await pageOf('mail', 3, { notify: true, restock: true })
  expect(page).toContain('3 of 3 orders are canceled.')
  // Medusa cannot be asked to mail, and puts the goods back by itself.
  expect(page).toContain('The buyers of 3 orders were not mailed: write to them yourself.')
  expect(page).not.toContain('did not all go back')
})

it('what nobody asked for is not missed, nor in what was canceled before', async () => {
  const { pageOf } = open()
  expect(await pageOf('none', 2, {})).not.toContain('yourself')
  await pageOf('again', 2, {})
  expect(await pageOf('again', 2, { notify: true })).not.toContain('were not mailed')
})
