/**
 * The platform of the torture, in a process of its own: the Medusa sandbox, and beside it the count
 * of the destructive calls that reached it.
 */
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'

/** What the side route `/state/{orderId}` tells. */
export interface PlatformState {
  /** Cancels that got past the platform's checks: each one moves money. */
  readonly canceled: number
  /**
   * Cancels that found the order canceled already, so that Medusa refused; another platform might
   * not have.
   */
  readonly repeated: number
}

const sandbox = createSandbox()
const repeated = new Map<string, number>()

const server = serve(
  {
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const asked = /^\/state\/([^/]+)$/.exec(pathname)?.[1]
      if (asked !== undefined)
        return Response.json({
          canceled: sandbox.cancels.get(asked) ?? 0,
          repeated: repeated.get(asked) ?? 0,
        } satisfies PlatformState)
      const response = await sandbox.app.fetch(request)
      const canceling = /^\/admin\/orders\/([^/]+)\/cancel$/.exec(pathname)?.[1]
      if (
        canceling !== undefined &&
        response.status === 400 &&
        (await response.clone().text()).includes('has been canceled')
      ) {
        repeated.set(canceling, (repeated.get(canceling) ?? 0) + 1)
      }
      return response
    },
  },
  () =>
    process.send?.({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      settings: sandbox.settings,
    }),
)

// A connection that is closed as idle in the moment in which it is used again would end a part.
if (server instanceof Server) server.keepAliveTimeout = 600_000

process.once('disconnect', () => process.exit(0))
