/**
 * Shows that the lab works: one order per state in a table, one order canceled. Run it with `npx
 * node test/live/lab/try.ts`.
 */
import { orderStates, startLab } from './medusa.ts'

interface Order {
  readonly status: string
  readonly payment_status: string
  readonly fulfillment_status: string
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`
const began = performance.now()
const lab = await startLab((line) => console.log(`${seconds(0).padStart(8)}  ${line}`))

try {
  console.log(`\nup in ${seconds(began)}\n`)
  const row = (state: string, ...cells: string[]): void =>
    console.log(state.padEnd(28) + cells.map((cell) => cell.padEnd(22)).join(''))
  const look = (id: string): Promise<{ order: Order }> =>
    lab.admin('GET', `/admin/orders/${id}?fields=id,status`)

  row('state', 'status', 'payment_status', 'fulfillment_status')
  const ordering = performance.now()
  for (const state of orderStates) {
    const { id } = await lab.order(state)
    const { order } = await look(id)
    row(state, order.status, order.payment_status, order.fulfillment_status)
  }
  console.log(`\n${orderStates.length} orders in ${seconds(ordering)}`)

  const { id } = await lab.order('lab_captured')
  const before = await lab.inventory()
  const reply = await fetch(`${lab.url}/admin/orders/${id}/cancel`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${lab.secretKey}:`).toString('base64')}` },
  })
  const { order } = await look(id)
  console.log(`\ncancel of ${id}: ${reply.status}, ${order.status}, ${order.payment_status}`)
  console.log('inventory', before, '->', await lab.inventory())
  console.log('provider ', (await lab.providerLog(id)).map(({ call }) => call).join(', '))
  console.log('events   ', (await lab.eventLog(id)).map(({ name }) => name).join(', '))
} finally {
  const stopping = performance.now()
  await lab.stop()
  console.log(`\nstopped in ${seconds(stopping)}`)
}
