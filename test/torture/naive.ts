/**
 * The control: what a gateway looks like that writes orders down and retries until it succeeds. The
 * platform must count doubles, or the test is blind.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const {
  JOURNAL = '',
  PLATFORM = '',
  AUTHORIZATION = '',
  TIMEOUT_MS = '300',
  BELIEVES,
} = process.env
const write = (orderId: string, state: string) =>
  appendFileSync(JOURNAL, `${orderId} ${state}\n`, { flush: true })

const send = (orderId: string, method: string, action = ''): Promise<Response | null> =>
  fetch(`${PLATFORM}/admin/orders/${orderId}${action}`, {
    method,
    headers: { authorization: AUTHORIZATION },
    signal: AbortSignal.timeout(Number(TIMEOUT_MS)),
  }).catch(() => null)

/** What it reads is the truth, whatever order it is about and however old. */
const isCanceled = async (orderId: string): Promise<boolean> => {
  const reply = (await (await send(orderId, 'GET'))?.json().catch(() => null)) as {
    order?: { status?: string }
  } | null
  return reply?.order?.status === 'canceled'
}

const drive = async (orderId: string): Promise<void> => {
  if (BELIEVES && (await isCanceled(orderId))) return write(orderId, 'done')
  const response = await send(orderId, 'POST', '/cancel')
  // Even a control that takes "has been canceled" for a success cancels twice.
  if (!BELIEVES && (response?.ok || response?.status === 400)) return write(orderId, 'done')
  setTimeout(() => void drive(orderId), 50)
}

const states = new Map(
  existsSync(JOURNAL)
    ? readFileSync(JOURNAL, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ') as [string, string])
    : [],
)
for (const [orderId, state] of states) if (state === 'accepted') void drive(orderId)

const server = createServer((request, response) => {
  const orderId = request.url?.slice(1) ?? ''
  if (!states.has(orderId)) {
    states.set(orderId, 'accepted')
    write(orderId, 'accepted')
    void drive(orderId)
  }
  response.writeHead(202).end()
}).listen(0, '127.0.0.1', () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
process.once('disconnect', () => process.exit(0))
