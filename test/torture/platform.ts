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
  /** When the first cancel arrived, and when it was done, in an order of our own; null: never. */
  readonly beganAt: number | null
  readonly doneAt: number | null
}

/** Told to whoever started the platform, of every cancel that reached it. */
export interface Write {
  readonly write: string
  readonly isDone: boolean
}

/** An order of this mark reads well, and is refused once it is to be canceled. */
const REFUSES = '-refuses'
const FULFILLED = {
  type: 'not_allowed',
  message: 'All fulfillments must be canceled before canceling an order',
}

const sandbox = createSandbox()
const repeated = new Map<string, number>()
let moments = 0
const began = new Map<string, number>()
const done = new Map<string, number>()
/** Notes a moment, if it is the first of its kind of this order. */
const note = (moment: Map<string, number>, orderId: string) => {
  if (!moment.has(orderId)) moment.set(orderId, ++moments)
}

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
          beganAt: began.get(asked) ?? null,
          doneAt: done.get(asked) ?? null,
        } satisfies PlatformState)
      const canceling = /^\/admin\/orders\/([^/]+)\/cancel$/.exec(pathname)?.[1]
      if (canceling?.includes(REFUSES)) return Response.json(FULFILLED, { status: 400 })
      if (canceling !== undefined) note(began, canceling)
      const response = await sandbox.app.fetch(request)
      if (canceling !== undefined && response.ok) note(done, canceling)
      if (canceling !== undefined) process.send?.({ write: canceling, isDone: response.ok })
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
