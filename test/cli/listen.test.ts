/** `rescind listen`: tells a local receiver what a webhook would be told, to the byte. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { start } from '../../src/hosts/node/index.ts'
import { clientOf, hashOf, ORIGIN } from '../http/host.ts'
import { serve } from '../http/node.ts'
import { openPlatform, settings } from '../http/platform.ts'
import { scratch } from '../scratch.ts'
import { BIN, environmentOf, jsonLines, run } from './bin.ts'

const SECRET = `whsec_${btoa('a secret of 24 bytes ...')}`
const KEY = 'rsk_developer'

interface Told {
  readonly id: string | null
  readonly body: string
}

/** Verifies what it takes, as others do. */
const openReceiver = async (secret: () => string, status = () => 204) => {
  const told: Told[] = []
  const { url, close } = await serve({
    fetch: async (request) => {
      const body = await request.text()
      new Webhook(secret()).verify(body, Object.fromEntries(request.headers))
      told.push({ id: request.headers.get('webhook-id'), body })
      return new Response(null, { status: status() })
    },
  })
  onTestFinished(close)
  return { url: `${url}/hooks`, told }
}

/** A gateway with a webhook. */
const openGateway = async (hook: string) => {
  const folder = mkdtempSync(join(scratch, 'rescind-listen-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const shop = await serve(openPlatform())
  onTestFinished(shop.close)
  const webhook = { name: 'orders', url: hook, events: ['*'], allowPrivate: true }
  const config = {
    stores: [
      { id: 'paris', platform: 'medusa', test: true, sweep: false, settings: settings(shop.url) },
    ],
    callers: [
      {
        name: 'dev',
        keyHash: [await hashOf(KEY)],
        scopes: ['cancel', 'read'],
        stores: ['*'],
        webhooks: [{ ...webhook, secret: { env: 'HOOK_SECRET' } }],
      },
    ],
  }
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const gateway = await start({
    PORT: '0',
    LOG_LEVEL: 'silent',
    HOOK_SECRET: SECRET,
    RESCIND_CONFIG: file,
    RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
  })
  onTestFinished(() => gateway.close())
  const ask = clientOf(
    { fetch: (request) => fetch(new Request(request.url.replace(ORIGIN, gateway.url), request)) },
    KEY,
  )
  const cancel = (orderId: string) => ask('POST', '/v1/cancellations', { store: 'paris', orderId })
  return { url: gateway.url, cancel }
}

/** The command, until the test ends. */
const listening = async (url: string, to: string, env: Record<string, string> = {}) => {
  const values = [BIN, 'listen', '--json', '--url', url, '--forward-to', to]
  const child = spawn(process.execPath, values, {
    env: environmentOf({ RESCIND_KEY: KEY, ...env }),
    stdio: 'pipe',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  await expect.poll(() => said.stderr, { timeout: 20_000 }).toContain('Ctrl-C')
  return { child, said, ended }
}

it('tells what the webhook tells, with its id and body, and a line of each', async () => {
  const hook = await openReceiver(() => SECRET)
  const local = await openReceiver(() => SECRET)
  const { url, cancel } = await openGateway(hook.url)
  await cancel('order_paid-before')
  const { child, said, ended } = await listening(url, local.url, { RESCIND_WEBHOOK_SECRET: SECRET })
  expect(said.stderr).not.toContain('whsec_')
  await cancel('order_paid-1')
  await cancel('order_shipped')
  await expect.poll(() => local.told.length, { timeout: 20_000 }).toBe(2)
  await expect.poll(() => hook.told.length, { timeout: 20_000 }).toBe(3)
  expect(local.told).toEqual(hook.told.filter(({ body }) => !body.includes('order_paid-before')))
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(jsonLines(said.stdout)).toMatchObject([
    { type: 'cancellation.succeeded', orderId: 'order_paid-1', result: '204' },
    { type: 'cancellation.rejected', orderId: 'order_shipped', result: '204' },
  ])
})

it('makes a secret and shows it once; a receiver that refuses is told about', async () => {
  let secret = SECRET
  const hook = await openReceiver(() => SECRET)
  const local = await openReceiver(
    () => secret,
    () => 500,
  )
  const { url, cancel } = await openGateway(hook.url)
  const { said } = await listening(url, local.url)
  const made = said.stderr.match(/whsec_[\w+/=]+/g) ?? []
  expect(made).toHaveLength(1)
  secret = made[0] as string
  await cancel('order_paid-1')
  await expect.poll(() => said.stdout, { timeout: 20_000 }).toContain('"result":"500"')
  expect(local.told).toHaveLength(1)
})

it.each([
  [['--forward-to', 'receiver'], {}, 'is no address'],
  [['--forward-to', 'http://127.0.0.1:1/', '--since', 'soon'], {}, '--since is no time'],
  [[], {}, '--forward-to'],
])('refuses %j before anything is asked', async (values, env, says) => {
  const { status, stderr } = await run(['listen', ...values], { env })
  expect([status, stderr.includes(says)]).toEqual([2, true])
})

it('refuses a secret that is none, without repeating it', async () => {
  const { url } = await openGateway((await openReceiver(() => SECRET)).url)
  const { status, stderr } = await run(
    ['listen', '--url', url, '--forward-to', 'http://127.0.0.1:1/'],
    { env: { RESCIND_KEY: KEY, RESCIND_WEBHOOK_SECRET: 'c2hvcnQ=' } },
  )
  expect([status, stderr.includes('24 to 64 bytes'), stderr.includes('c2hvcnQ')]).toEqual([
    2,
    true,
    false,
  ])
})
