/** A store on an imitation of Odoo, in either of its APIs, whose calls are told alike. */
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { odoo } from './index.ts'
import { createSandboxOf } from './sandbox/index.ts'
import type { Version } from './sandbox/orders.ts'

/** A call of either API, by what it calls. */
export interface Call {
  readonly name: string
  readonly path: string
  readonly body: any
}
type Between = (call: Call, pass: () => Promise<Response>) => Promise<Response>

const readCall = async (request: Request): Promise<Call> => {
  const { pathname: path } = new URL(request.url)
  const body = (await request.clone().json()) as any
  if (path !== '/jsonrpc') return { name: path.slice('/json/2/'.length), path, body }
  const { service, method, args } = body.params
  return {
    name: service === 'object' ? `${args[3]}/${args[4]}` : `${service}/${method}`,
    path,
    body,
  }
}

/** A store on an imitation of this version; what comes between may answer in its place. */
export const start = (
  version: Version,
  between: Between = (_, pass) => pass(),
  more: Readonly<Record<string, unknown>> = {},
) => {
  const sandbox = createSandboxOf(version)
  const calls: Call[] = []
  const opened = openHarness(
    odoo,
    { ...sandbox.settings, baseUrl: 'https://odoo.example', ...more },
    sandboxTransport(sandbox, async (request, pass) => {
      const call = await readCall(request)
      calls.push(call)
      return between(call, pass)
    }),
  )
  const named = (name: string) => calls.filter((call) => call.name === name)
  const view = { request: null, sent: false, byCustomer: false, memo: null }
  return {
    ...opened,
    sandbox,
    calls,
    named,
    look: (id: string) => odoo.order.look(opened.store.client, id, view),
  }
}

export const BOTH = ['18', '19'] as const
/** What either API answers with, as its own form has it. */
export const raises = (version: Version, name: unknown, message: string, status = 422) => {
  const data = { name, message, arguments: [message], context: {}, debug: message }
  return version === '19'
    ? Response.json(data, { status })
    : Response.json({ jsonrpc: '2.0', id: 1, error: { code: 200, message, data } })
}
export const answers = (version: Version, result: unknown) =>
  Response.json(version === '19' ? result : { jsonrpc: '2.0', id: 1, result })
