/**
 * A Worker with the platforms that its builder named and no others, and without the reference: what
 * each costs, and that what is left is the same gateway.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../scripts/bundle.ts'
import { platforms } from '../../src/hosts/platforms.ts'
import { type Dev, environment, root, startWrangler } from '../wrangler.ts'

/** The least that goes live: one platform, without the reference. Measured: 147. */
const LEAST_KIB = 150
/** No platform may weigh more than this. Measured: 2 to 7. */
const PLATFORM_KIB = 9

const ids = platforms.map(({ adapter }) => adapter.id)
const kib = async (options: Partial<Parameters<typeof bundle>[0]>): Promise<number> =>
  gzipSync(await bundle({ sandbox: false, ...options })).length / 1024

it('says what each platform costs', async () => {
  const all = await kib({ platforms: ids })
  expect(all).toBeCloseTo(await kib({}), 0)
  const costs: [string, number][] = []
  for (const id of ids)
    costs.push([id, all - (await kib({ platforms: ids.filter((other) => other !== id) }))])
  console.log(
    `bundle: ${all.toFixed(1)} KiB gzipped with ${ids.length} platforms; ` +
      costs.map(([id, cost]) => `${id} ${cost.toFixed(1)}`).join(', '),
  )
  for (const [id, cost] of costs) {
    expect([id, cost > 0.5]).toEqual([id, true])
    expect([id, cost < PLATFORM_KIB]).toEqual([id, true])
  }
})

it('is small with one platform, and without the reference', async () => {
  const sizes = await Promise.all(
    ids.map(async (id) => [id, await kib({ platforms: [id], reference: false })] as const),
  )
  const largest = Math.max(...sizes.map(([, size]) => size))
  const [, medusa] = sizes.find(([id]) => id === 'medusa') ?? []
  console.log(
    `bundle: one platform, no reference: medusa ${medusa?.toFixed(1)} KiB gzipped, the largest ` +
      `${largest.toFixed(1)}`,
  )
  expect(medusa).toBeLessThanOrEqual(LEAST_KIB)
  expect(largest).toBeLessThanOrEqual(LEAST_KIB + PLATFORM_KIB)
})

it('names the platforms that there are where one is not', () => {
  const build = () =>
    execFileSync(process.execPath, ['scripts/bundle.ts'], {
      cwd: root,
      env: { ...environment, RESCIND_PLATFORMS: 'medusa, wicks' },
      stdio: 'pipe',
      encoding: 'utf8',
    })
  expect(build).toThrow(/RESCIND_PLATFORMS: no platform is called "wicks"; there are .*\bwix\b/)
})

describe('one that was built with two platforms and no reference', () => {
  let folder: string
  let dev: Dev
  const ask = async (path: string, body?: object) => {
    const response = await fetch(dev.url + path, {
      ...(body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      redirect: 'manual',
    })
    return { status: response.status, text: await response.text() }
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rescind-parts-'))
    const building = { RESCIND_PLATFORMS: 'wix,medusa', RESCIND_REFERENCE: '0' }
    dev = await startWrangler(folder, {}, root, [], building)
  }, 60_000)
  afterAll(async () => {
    await dev?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has those two', async () => {
    const { data } = JSON.parse((await ask('/v1/stores')).text) as {
      readonly data: { readonly id: string }[]
    }
    expect(data.map(({ id }) => id).toSorted()).toEqual(['sandbox-medusa', 'sandbox-wix'])
  })

  it('cancels', async () => {
    for (const [store, orderId] of [
      ['sandbox-medusa', 'order_paid'],
      ['sandbox-wix', 'paid'],
    ]) {
      const { status, text } = await ask('/v1/cancellations', { store, orderId })
      expect([store, status, JSON.parse(text)]).toMatchObject([store, 201, { status: 'succeeded' }])
    }
    expect(await ask('/v1/cancellations', { orderId: 'order_paid' })).toMatchObject({ status: 400 })
  })

  it('says of the document and its page that they are not here, and explains problems', async () => {
    for (const path of ['/docs', '/openapi.json', '/']) {
      const { status, text } = await ask(path)
      expect([path, status, JSON.parse(text).code]).toEqual([path, 404, 'not-found'])
    }
    const { status, text } = await ask('/problems/order-not-cancelable')
    expect([status, text.includes('order-not-cancelable')]).toEqual([200, true])
  })
})
