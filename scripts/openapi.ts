/**
 * Prints the OpenAPI document from the routes alone (`npm run openapi`): no store, no ledger, no
 * server.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createGateway } from '../src/gateway/gateway.ts'
import { timing } from '../src/gateway/workflow/timing.ts'
import { createApp } from '../src/http/app.ts'
import { openApi } from '../src/http/reference/document.ts'
import { openMemoryLedger } from '../src/ledger/memory/memory.ts'

export const documentText = (): string => {
  const gateway = createGateway({ ledger: openMemoryLedger(), stores: new Map(), timing: timing() })
  const app = createApp({ gateway, ready: async () => {}, callers: [], adapters: [] })
  return `${JSON.stringify(openApi(app), null, 2)}\n`
}

if (import.meta.main)
  writeFileSync(fileURLToPath(new URL('../openapi/openapi.json', import.meta.url)), documentText())
