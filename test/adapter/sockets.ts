/** The Node transport and the platforms that it calls over real sockets, closed after each test. */
import { afterAll, afterEach } from 'vitest'
import { type Incoming, type Outgoing, TransportError } from '../../src/connection/transport.ts'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { type Behavior, openStandIn, type StandIn } from './stand-in.ts'

export const DEADLINE_MS = 400
export const MAX_BYTES = 1_048_576

/** To be called once by a file of tests, whose end closes the transport. */
export const openSockets = () => {
  const { transport, close } = openTransport()
  let open: StandIn[] = []
  afterEach(async () => {
    await Promise.all(open.map((standIn) => standIn.close()))
    open = []
  })
  afterAll(close)

  const standIn = async (behavior: Behavior): Promise<StandIn> => {
    const one = await openStandIn(behavior)
    open.push(one)
    return one
  }

  const call = (url: string, more: Partial<Outgoing> = {}): Promise<Incoming | TransportError> =>
    transport({
      url: `${url}/admin/orders/1/cancel`,
      method: 'POST',
      headers: { accept: 'application/json' },
      body: null,
      signal: AbortSignal.timeout(DEADLINE_MS),
      maxBytes: MAX_BYTES,
      ...more,
    }).catch((error: unknown) => {
      if (error instanceof TransportError) return error
      throw error
    })
  return { transport, standIn, call }
}
