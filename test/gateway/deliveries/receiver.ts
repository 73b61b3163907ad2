/** Receivers of webhooks over real HTTP, and a gateway's sender that tells them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { isReachable, type Reach } from '../../../src/connection/address.ts'
import { openTransport } from '../../../src/connection/transport-undici.ts'
import type { Outcome } from '../../../src/gateway/deliveries/attempt.ts'
import { createSender, type SenderDeps } from '../../../src/gateway/deliveries/sender.ts'
import { readSecret } from '../../../src/connection/signing.ts'
import { type Webhook, webhookId } from '../../../src/gateway/deliveries/webhook.ts'
import { openMemoryLedger } from '../../../src/ledger/memory/memory.ts'
import type { FullLedger } from '../../../src/ledger/port.ts'
import type { Owed } from '../../../src/model/delivery.ts'

export const START = Date.UTC(2026, 0, 1)
export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const LOOPBACK: Reach = { allowHttp: false, allowPrivate: false, allowLoopback: true }

export interface Received {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Answer = (response: ServerResponse, received: Received) => unknown

export const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body)

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** The most that were open side by side. */
  readonly most: () => number
  readonly connections: () => number
  /** How it answers from now on. */
  answer: Answer
  /** Ends every connection, whatever goes on in it. */
  readonly cut: () => void
}

const read = async (request: IncomingMessage): Promise<Received> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const headers = request.headers as Record<string, string>
  return {
    id: headers['webhook-id'] as string,
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

export const openReceiver = async (answer: Answer = answering(204)): Promise<Receiver> => {
  let open = 0
  let most = 0
  let connections = 0
  const server = createServer(async (request, response) => {
    open += 1
    most = Math.max(most, open)
    response.on('close', () => (open -= 1))
    const one = await read(request)
    receiver.received.push(one)
    await receiver.answer(response, one)
  })
  server.on('connection', () => (connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hooks`,
    port,
    received: [],
    most: () => most,
    connections: () => connections,
    answer,
    cut: () => server.closeAllConnections(),
  }
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return receiver
}

export const webhookTo = (url: string, over: Partial<Webhook> = {}): Webhook => {
  const { caller = 'erp', name = 'orders' } = over
  return {
    id: webhookId(caller, name),
    caller,
    name,
    url,
    keys: [readSecret(SECRET) as Uint8Array<ArrayBuffer>],
    events: null,
    stores: null,
    reach: LOOPBACK,
    ...over,
  }
}

export const owedTo = (
  webhook: Webhook,
  subject: string,
  revision = 1,
  over: Partial<Owed> = {},
): Owed => ({
  webhook: webhook.id,
  subject,
  revision,
  type: 'cancellation.succeeded',
  body: JSON.stringify({ type: 'cancellation.succeeded', data: { id: subject, revision } }),
  at: START,
  ...over,
})

export interface Bench {
  readonly ledger: FullLedger
  readonly clock: { now: number }
  readonly sender: ReturnType<typeof createSender>
  readonly tried: { readonly subject: string; readonly outcome: Outcome; readonly at: number }[]
  readonly disabled: string[]
  readonly faults: unknown[]
  /** Lets its clock run so long, asking as the host's clock does, every so often. */
  readonly pass: (ms: number, everyMs?: number) => Promise<void>
}

/** A sender over the real transport, with its own clock unless another is given. */
export const openBench = (
  webhooks: readonly Webhook[],
  over: Partial<Omit<SenderDeps, 'ledger'>> & {
    readonly ledger?: FullLedger
    readonly clock?: { now: number }
  } = {},
): Bench => {
  const { clock = { now: START }, ...deps } = over
  const now = () => clock.now
  const ledger = over.ledger ?? openMemoryLedger(now)
  const { transport, close } = openTransport((address) => isReachable(address, LOOPBACK))
  const bench = { ledger, clock, tried: [], disabled: [], faults: [] } as unknown as Bench
  const sender = createSender({
    webhooks,
    transportFor: () => transport,
    now,
    random: () => 0,
    onTried: (_, { subject }, outcome) => bench.tried.push({ subject, outcome, at: clock.now }),
    onDisabled: ({ name }) => bench.disabled.push(name),
    onFault: (fault) => bench.faults.push(fault),
    ...deps,
    ledger,
  })
  onTestFinished(async () => {
    await sender.close()
    await close()
  })
  return Object.assign(bench, {
    sender,
    async pass(ms: number, everyMs = 60_000) {
      for (const end = clock.now + ms; ;) {
        await sender.tick()
        if (clock.now >= end) return
        clock.now = Math.min(clock.now + everyMs, end)
      }
    },
  })
}

/** Waits for what happens on real sockets. */
export const until = async (isSo: () => boolean): Promise<void> => {
  for (const end = performance.now() + 5_000; !isSo();) {
    if (performance.now() > end) throw new Error('waited for in vain')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
