/** One account's object on Workers, and what its tests do with it and with its platform. */
import { runInDurableObject } from 'cloudflare:test'
import { clientOf, type HostOptions, until } from '../http/host.ts'
import { type Network, openWorker, type WorkerHost } from './hosts.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
export const DAY = 86_400_000

export let host: WorkerHost
const opened = (object: ReturnType<WorkerHost['object']>) => ({
  host,
  ask: clientOf(host, 'rsk_erp'),
  object,
  paris: host.platform('paris'),
})
export const open = async (timing: HostOptions['timing'] = {}) => {
  host = await openWorker({ callers, stores: ['paris'], timing })
  return opened(host.object(host.account('paris')))
}
/** Two stores at one address, and so in one object. */
export const openShared = async (timing: NonNullable<HostOptions['timing']>) => {
  host = await openWorker({ callers, stores: ['paris', 'rome'], timing }, () => 'shared.test')
  return opened(host.object('shared.test'))
}
type Opened = Awaited<ReturnType<typeof open>>

export const isCancel = ({ method, url }: Request) => method === 'POST' && url.endsWith('/cancel')
/** What happens to the first cancel on its way; all others arrive. */
export const firstCancel = (change: (request: Request, go: Network) => Promise<Response>) => {
  let first = true
  host.between('paris', async (request, go) => {
    if (!first || !isCancel(request)) return go(request)
    first = false
    return change(request, go)
  })
}
export const cancelCalls = ({ paris }: Opened) =>
  paris.calls.filter((call) => /^POST .*\/cancel$/.test(call))
export const alarmOf = ({ object }: Opened) =>
  runInDurableObject(object, (_, { storage }) => storage.getAlarm())
export const sql = ({ object }: Opened, ...statements: string[]) =>
  runInDurableObject(object, (_, { storage }) =>
    statements.map((text) => storage.sql.exec(text).toArray()).at(-1),
  )
export const settled = ({ ask }: Opened, id: string) =>
  until(
    () => ask('GET', `/v1/cancellations/${id}`),
    ({ body }) => body.final,
    15_000,
  )
