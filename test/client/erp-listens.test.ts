/**
 * The example of an ERP that listens, as a program of its own: told by the real gateway's webhook,
 * killed, caught up, and never closing an order twice.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { start } from '../../src/hosts/node/index.ts'
import { clientOf, hashOf, ORIGIN } from '../http/host.ts'
import { serve } from '../http/node.ts'
import { openPlatform, settings } from '../http/platform.ts'
import { scratch } from '../scratch.ts'

const SECRET = `whsec_${btoa('a secret of 24 bytes ...')}`
const KEY = 'rsk_listening'
const place = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
/** The package's name leads to the sources, as after a build it leads to what was built. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module'
registerHooks({ resolve: (name, context, next) =>
  next(name === 'rescind/client' ? ${JSON.stringify(`file://${place('src/client/index.ts')}`)} : name, context) })
`)}`

/** The program, until it is killed; told where the gateway is, and where to listen. */
const runExample = async (url: string, port: string, stateFile: string) => {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', HOOK, place('examples/erp-listens.ts'), stateFile],
    {
      env: {
        PATH: process.env['PATH'],
        RESCIND_URL: url,
        RESCIND_KEY: KEY,
        RESCIND_WEBHOOK_SECRET: SECRET,
        PORT: port,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await expect.poll(() => said, { timeout: 20_000 }).toContain(`listening on ${port}`)
  return {
    lines: () => said.split('\n').filter((line) => / {2}closed/.test(line)),
    said: () => said,
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** A gateway whose webhook leads to a port that is known before anybody listens there. */
const open = async () => {
  const folder = mkdtempSync(join(scratch, 'rescind-erp-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const shop = await serve(openPlatform())
  onTestFinished(shop.close)
  const reserved = await serve({ fetch: () => new Response(null, { status: 503 }) })
  const port = new URL(reserved.url).port
  await reserved.close()
  const webhook = { name: 'orders', url: `http://127.0.0.1:${port}/`, secret: SECRET }
  const config = {
    stores: [
      { id: 'paris', platform: 'medusa', test: true, sweep: false, settings: settings(shop.url) },
    ],
    callers: [
      {
        name: 'erp',
        keyHash: [await hashOf(KEY)],
        scopes: ['cancel', 'read'],
        stores: ['*'],
        webhooks: [{ ...webhook, events: ['*'], allowPrivate: true }],
      },
    ],
  }
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const gateway = await start({
    PORT: '0',
    LOG_LEVEL: 'silent',
    RESCIND_CONFIG: file,
    RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
  })
  onTestFinished(() => gateway.close())
  const ask = clientOf(
    { fetch: (request) => fetch(new Request(request.url.replace(ORIGIN, gateway.url), request)) },
    KEY,
  )
  const cancel = async (orderId: string): Promise<string> =>
    (await ask('POST', '/v1/cancellations', { store: 'paris', orderId })).body.id
  const stateFile = join(folder, 'state.json')
  const state = () => JSON.parse(readFileSync(stateFile, 'utf8'))
  const run = () => runExample(gateway.url, port, stateFile)
  return { ask, cancel, run, state, webhook }
}

it('is told, catches up with what it missed, and closes each order once', async () => {
  const { ask, cancel, run, state, webhook } = await open()
  const before = await cancel('order_paid-before')
  const first = await run()
  expect(first.lines()).toEqual(['paris order_paid-before  closed: canceled by us (caught up)'])
  const during = await cancel('order_paid-during')
  await expect.poll(first.lines, { timeout: 20_000 }).toHaveLength(2)
  expect(first.lines()[1]).toBe(`paris order_paid-during  closed: canceled by us (evt_${during}_1)`)
  await first.kill()

  const missed = await cancel('order_paid-missed')
  const second = await run()
  expect(second.lines()).toEqual(['paris order_paid-missed  closed: canceled by us (caught up)'])
  expect(state().checkpoint).toMatch(/^20\d\d-/)

  // Everything once more: told again, and read again by whoever lost its checkpoint.
  await ask('POST', '/v1/webhooks/orders/replay', { since: '2020-01-01T00:00:00Z' })
  const toldOf = async (id: string) =>
    (await ask('GET', `/v1/cancellations/${id}`)).body.deliveries?.[0]?.state
  await ask('POST', '/v1/webhooks/orders/enable')
  for (const id of [before, during, missed])
    await expect.poll(() => toldOf(id), { timeout: 20_000 }).toBe('delivered')
  expect(second.lines()).toHaveLength(1)
  expect(state().closed).toEqual([
    'paris order_paid-before',
    'paris order_paid-during',
    'paris order_paid-missed',
  ])

  const body = JSON.stringify({ type: 'cancellation.succeeded', data: { id: 'can_1' } })
  const send = (secret: string) => {
    const now = new Date()
    return fetch(webhook.url, {
      method: 'POST',
      body,
      headers: {
        'webhook-id': 'evt_can_1_1',
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign('evt_can_1_1', now, body),
      },
    })
  }
  expect((await send(btoa('another secret 24 bytes '))).status).toBe(400)
  expect(second.said()).toContain('refused: forged')
  expect(state().closed).toHaveLength(3)
})
