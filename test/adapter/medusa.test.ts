/** Medusa against the suite that every platform must pass. */
import { platforms } from '../../adapters/index.ts'
import { testAdapter } from './suite.ts'

const platform = platforms.find(({ adapter }) => adapter.id === 'medusa')
if (!platform) throw new Error('medusa is not in the list')

testAdapter(platform, {
  settings: { baseUrl: 'https://medusa.example', secretKey: 'sk_case' },
  orders: { open: 'order_open', paid: 'order_paid', canceled: 'order_canceled', refused: ['order_fulfilled', 'order_completed', 'order_open-change'], missing: 'order_nowhere' },
})
