/** `rescind cancel` of a linked order: what it shows, and that a part is never told as the whole. */
import { expect, it, onTestFinished } from 'vitest'
import { clientOf } from '../http/host.ts'
import { openNode } from '../http/node.ts'
import { run } from './bin.ts'

const KEY = 'rsk_linker'

const open = async (other: string) => {
  const host = await openNode({
    stores: ['paris', 'lyon'],
    callers: [{ name: 'erp', key: KEY, scopes: ['read', 'cancel'], stores: ['*'] }],
  })
  onTestFinished(() => host.close())
  const members = [
    { store: 'paris', orderId: 'order_paid-1', stage: 1 },
    { store: 'lyon', orderId: other, stage: 2 },
  ]
  expect((await clientOf(host, KEY)('PUT', '/v1/links/SO-1', { members })).status).toBe(201)
  const cancel = (...more: string[]) =>
    run(['cancel', 'paris', 'order_paid-1', '--yes', ...more], {
      env: { RESCIND_URL: host.url, RESCIND_KEY: KEY },
    })
  return { host, cancel }
}

it('shows the others, and ends with 0 once all are canceled', async () => {
  const { host, cancel } = await open('order_paid-2')
  const { status, stderr } = await cancel()
  expect(stderr).toMatch(/Linked with:\n.*\n2 +lyon +22 +would be canceled/)
  expect([status, [...host.platform('lyon').cancels.keys()]]).toEqual([0, ['order_paid-2']])
})

it('needs you where it is canceled and another is not; alone it is what it is', async () => {
  const { cancel } = await open('order_shipped')
  const { status, stdout } = await cancel('--linked', 'each')
  expect([status, stdout]).toEqual([5, expect.stringContaining('some are not canceled')])
  const alone = await open('order_shipped')
  expect((await alone.cancel('--linked', 'none')).status).toBe(0)
})
