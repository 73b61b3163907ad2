/**
 * What wrangler.toml and .dev.vars.example say, as wrangler itself reads them: production and
 * staging apart, every variable named, and nothing open that was only copied.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestHarness, unstable_readConfig } from 'wrangler'
import { root } from '../wrangler.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const configOf = (env?: string) =>
  unstable_readConfig({ config: join(root, 'wrangler.toml'), ...(env && { env }) })

const open = async (
  options: { env?: string; secrets?: Record<string, string> },
  configPath = 'wrangler.toml',
) => {
  const harness = createTestHarness({ root, workers: [{ configPath, ...options }] })
  onTestFinished(() => harness.close())
  await harness.listen()
  return harness
}

describe('wrangler.toml', () => {
  it('staging is another Worker with the same bindings and migrations', () => {
    const [production, staging] = [configOf(), configOf('staging')]
    expect([production.name, staging.name]).toEqual(['rescind', 'rescind-staging'])
    for (const part of ['main', 'durable_objects', 'migrations', 'vars', 'triggers'] as const)
      expect(staging[part], part).toEqual(production[part])
    expect(staging.compatibility_date).toBe(production.compatibility_date)
    expect(production.durable_objects.bindings).toHaveLength(1)
  })

  it('staging runs, and its objects are its own', async () => {
    const staging = await open({ env: 'staging' })
    const answer = await staging.fetch('/v1/cancellations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ store: 'sandbox-medusa', orderId: 'order_open' }),
    })
    expect(answer.status).toBe(201)
  })
})

describe.each(['.dev.vars.example', 'deploy/cloudflare/.dev.vars.example'])('%s', (path) => {
  const values = parseEnv(read(path)) as Record<string, string>

  it('names every secret, which the page of the button and the manual tell of', () => {
    expect(Object.keys(values)).toEqual(['RESCIND_CONFIG', 'RESCIND_SESSION_SECRET'])
    const { cloudflare } = JSON.parse(read(path.replace('.dev.vars.example', 'package.json'))) as {
      cloudflare: { bindings: Record<string, { description: string }> }
    }
    const { durable_objects, vars } = configOf()
    expect(Object.keys(cloudflare.bindings).sort()).toEqual(
      [
        ...Object.keys(values),
        ...Object.keys(vars),
        ...durable_objects.bindings.map(({ name }: { name: string }) => name),
      ].sort(),
    )
    const page = read('docs/deploy-to-workers.md')
    for (const name of Object.keys(values)) expect(page).toContain(name)
  })

  it('deployed as it stands, it lets nobody in', async () => {
    const gateway = await open({ secrets: values })
    expect((await gateway.fetch('/healthz')).status).toBe(200)
    for (const address of ['/v1/stores', '/docs', '/metrics'])
      expect([address, (await gateway.fetch(address)).status]).toEqual([address, 401])
    expect(values['RESCIND_SESSION_SECRET']?.length, 'no secret that others know').toBeLessThan(32)
  })
})

it('git keeps what holds secrets out, and the examples in', () => {
  expect(read('.gitignore').split('\n')).toEqual(
    expect.arrayContaining(['.dev.vars*', '!.dev.vars.example']),
  )
})
