/**
 * What the sender sends, verified in another language by nothing of ours: Python's standard library
 * reads the bytes as they came off the wire.
 */
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Webhook as Library } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { readSecret } from '../../../src/connection/signing.ts'
import { owedOf, owedOfLink, owedOfStore } from '../../../src/gateway/deliveries/webhook.ts'
import { become, draft } from '../../ledger/records.ts'
import { openBench, owedTo, SECRET, webhookTo } from './receiver.ts'

const OTHER = Buffer.alloc(64, 200).toString('base64')
const script = fileURLToPath(new URL('verify.py', import.meta.url))
const isThere = spawnSync('python3', ['--version']).status === 0
if (!isThere) process.stderr.write('skipped: there is no python3 to verify deliveries with\n')

interface Wire {
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** A receiver that keeps the bytes. */
const openWire = async () => {
  const wires: Wire[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    wires.push({
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    })
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, wires }
}

const verdicts = (wires: readonly Wire[], secret: string) => {
  const input = wires.map(({ headers, body }) =>
    JSON.stringify({ secret, headers, body: body.toString('base64') }),
  )
  const { stdout, stderr, status } = spawnSync('python3', [script], {
    input: input.join('\n'),
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly signed: boolean; readonly event: unknown })
}

test.skipIf(!isThere)(
  'Python takes every delivery, and none of which a bit is another',
  async () => {
    const { url, wires } = await openWire()
    const keys = [SECRET, OTHER].map((secret) => readSecret(secret) as Uint8Array<ArrayBuffer>)
    const webhook = webhookTo(url, { keys })
    const { ledger, clock, sender } = openBench([webhook])
    clock.now = Date.now()
    const record = {
      ...become(
        draft({ id: 'can_1', orderId: 'o.1', reference: 'SO-4711 “Grüße” 🫖 \u2028' }),
        'succeeded',
        clock.now,
      ),
      revision: 7,
    }
    const link = {
      name: 'SO 4711 – ü.1',
      revision: 2,
      status: 'diverged',
      createdAt: clock.now,
      updatedAt: clock.now,
    } as Parameters<typeof owedOfLink>[1]
    const members = [{ store: 'paris', orderId: 'Zoë', state: 'canceled' }]
    const shop = { store: 'paris', platform: 'medusa' }
    const owed = [
      ...owedOf([webhook], null, record),
      ...owedOfLink([webhook], link, members),
      ...owedOfStore([webhook], shop, 'store.silent', 1, clock.now),
      owedTo(webhook, 'can_empty', 1, { body: '{"type":"webhook.test","data":{}}' }),
    ]
    await ledger.deliveries.owe(owed)
    await sender.tick()

    expect(wires).toHaveLength(owed.length)
    const bodies = wires.map(({ body }) => body.toString('utf8')).toSorted()
    expect(bodies).toEqual(owed.map(({ body }) => body as string).toSorted())
    for (const secret of [SECRET, OTHER]) {
      expect(verdicts(wires, secret)).toEqual(
        wires.map(({ body }) => ({ signed: true, event: JSON.parse(body.toString('utf8')) })),
      )
      for (const { headers, body } of wires) new Library(secret).verify(body.toString(), headers)
    }

    const spoiled = wires.flatMap(({ headers, body }) =>
      [0, Math.floor(body.length / 2), body.length - 1].map((at) => {
        const other = Buffer.from(body)
        other[at] = (other[at] as number) ^ 1
        return { headers, body: other }
      }),
    )
    const renamed = wires.map(({ headers, body }) => ({
      headers: { ...headers, 'webhook-id': `${headers['webhook-id']}0` },
      body,
    }))
    for (const { signed } of verdicts([...spoiled, ...renamed], SECRET)) expect(signed).toBe(false)
  },
)
