/** The OpenAPI document as text, from the routes alone: no store, no ledger, no server. */
import { createGateway } from '../gateway/gateway.ts'
import { timing } from '../gateway/timing.ts'
import { openMemoryLedger } from '../ledger/memory.ts'
import { createApp } from './app.ts'
import { openApi } from './pages.ts'

export const documentText = (): string => {
  const gateway = createGateway({ ledger: openMemoryLedger(), stores: new Map(), timing: timing() })
  return `${JSON.stringify(openApi(createApp({ gateway, ready: async () => {}, callers: [], adapters: [] })), null, 2)}\n`
}
