/** “Not found” as the answer to a cancel, of an order that a look shows: it was something else. */
import { expect, it } from 'vitest'
import { openFixture } from './fixture.ts'
import { after, says, silent } from './platform.ts'

const refused = {
  status: 'rejected',
  problem: {
    code: 'order-not-cancelable',
    cause: 'refused',
    detail: 'The platform says that something is not there which the cancel needs; the order is.',
    acted: 'no',
    upstream: { status: 404, code: 'not_found' },
  },
}

it('by the look right after it', async () => {
  const { ask, platform } = openFixture()
  platform.plan('cancel', says(404, 'not_found'))
  expect((await ask()).record).toMatchObject(refused)
})

it('by a later look', async () => {
  const { ask, drive, platform } = openFixture()
  platform.plan('cancel', says(404, 'not_found'))
  platform.plan('look', (calling) => calling.go(), silent)
  const { record } = await ask()
  expect(record).toMatchObject({ status: 'in_doubt', problem: { code: 'order-not-found' } })
  expect(await drive(record.id)).toMatchObject(refused)
})

it('by a look that shows what stands in the way', async () => {
  const { ask, platform } = openFixture()
  const ship = (thing: { shipped: boolean }) => {
    thing.shipped = true
  }
  platform.plan('cancel', after(ship, says(404, 'not_found')))
  expect((await ask()).record.problem).toMatchObject({
    code: 'order-not-cancelable',
    cause: 'fulfilled',
    detail: 'It is on its way.',
  })
})
