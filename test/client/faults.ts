/**
 * What stands between the client and a real gateway in these tests: a network that loses answers,
 * and a front that turns calls away.
 */
import { type NodeHost, openNode, serve, type Served } from '../http/node.ts'
import { type Fault, openProxy, type Proxy } from '../torture/proxy.ts'

export const KEY = 'rsk_erp-secret'
export const CANCEL_ONLY = 'rsk_cancel-only-secret'
export const SLOW = 'rsk_slow-secret'

export const openGateway = (): Promise<NodeHost> =>
  openNode({
    stores: ['shop'],
    callers: [
      { name: 'erp', key: KEY, scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
      { name: 'till', key: CANCEL_ONLY, scopes: ['cancel'], stores: ['*'] },
      { name: 'slow', key: SLOW, scopes: ['read', 'cancel'], stores: ['*'], perMinute: 60 },
    ],
  })

/** A proxy that does these faults to the first calls, one each, and none to the others. */
export const openFaulty = (target: string, faults: readonly Fault[]): Promise<Proxy> => {
  const left = [...faults]
  return openProxy({ target, choose: () => left.shift() ?? 'none', lateMs: () => 300 })
}

export interface Front extends Served {
  readonly asked: Request[]
}

/** A front that answers the first calls itself, and hands the others on. */
export const openFront = async (
  target: string,
  answers: readonly (() => Response)[],
): Promise<Front> => {
  const left = [...answers]
  const asked: Request[] = []
  const served = await serve({
    fetch: async (request) => {
      asked.push(request)
      const own = left.shift()
      if (own) return own()
      const { pathname, search } = new URL(request.url)
      return fetch(target + pathname + search, {
        method: request.method,
        headers: request.headers,
        body: request.body === null ? null : await request.arrayBuffer(),
      })
    },
  })
  return { ...served, asked }
}
