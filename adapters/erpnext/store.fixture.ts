/** A store at the imitation, whose calls are seen and may be answered by somebody else. */
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { erpnext } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: any
}
type Between = (seen: Seen, pass: () => Promise<Response>) => Promise<Response>

export const start = (
  between: Between = (_, pass) => pass(),
  { refusal = 417, more = {} }: { readonly refusal?: 417 | 409; readonly more?: object } = {},
) => {
  const sandbox = createSandbox(refusal)
  const calls: Seen[] = []
  const settings = { ...sandbox.settings, baseUrl: 'https://erpnext.example', ...more }
  const opened = openHarness(
    erpnext,
    settings,
    sandboxTransport(sandbox, async (request, pass) => {
      const { pathname, searchParams } = new URL(request.url)
      const text = await request.clone().text()
      const seen = {
        method: request.method,
        path: pathname,
        query: searchParams,
        body: text === '' ? null : JSON.parse(text),
      }
      calls.push(seen)
      return between(seen, pass)
    }),
  )
  const view = { request: null, sent: false, byCustomer: false, memo: null }
  return {
    ...opened,
    sandbox,
    calls,
    writes: () => calls.filter(({ method }) => method !== 'GET'),
    look: (id: string) => erpnext.order.look(opened.store.client, id, view),
  }
}

export const isOrder = ({ path }: Seen) => path.startsWith('/api/resource/Sales%20Order/')
