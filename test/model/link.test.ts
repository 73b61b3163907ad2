/** Which orders a link holds. */
import { expect, it } from 'vitest'
import { holds } from '../../src/model/link.ts'

const member = (store: string, orderId: string) => ({
  store,
  orderId,
  stage: 1,
  notify: null,
  message: null,
  restock: null,
})

it('an order is a member by its store and its id together', () => {
  const link = { members: [member('paris', 'a'), member('rome', 'b')] }
  expect(holds(link, { store: 'paris', orderId: 'a' })).toBe(true)
  expect(holds(link, { store: 'rome', orderId: 'b' })).toBe(true)
  expect(holds(link, { store: 'paris', orderId: 'b' })).toBe(false)
  expect(holds(link, { store: 'oslo', orderId: 'a' })).toBe(false)
  expect(holds({ members: [] }, { store: 'paris', orderId: 'a' })).toBe(false)
})
