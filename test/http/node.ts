/**
 * The HTTP suite's host on Node: a real server on a free port, a ledger in a fresh file, platforms
 * served over loopback.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { start } from '../../src/hosts/node/index.ts'
import { configOf, type Host, type HostOptions } from './host.ts'
import { openPlatform } from './platform.ts'
import { scratch } from '../scratch.ts'

export interface Served {
  readonly url: string
  close(): Promise<void>
}

/** Serves anything with a `fetch` over loopback. */
export const serve = async (app: {
  fetch(request: Request): Response | Promise<Response>
}): Promise<Served> => {
  const listener = getRequestListener((request) => app.fetch(request))
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * The arrivals that came before a pace lets them, counted from when the first could be asked for: a
 * busy machine can only make them later, never earlier.
 */
export const aheadOf = (
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  began: number,
  arrivals: readonly number[],
): number[] =>
  arrivals
    .toSorted((a, b) => a - b)
    // One more for the clock’s own grain.
    .filter((at, index) => index + 1 > burst + 1 + ((at - began) * perSecond) / 1_000)

export interface NodeHost extends Host {
  readonly url: string
  readonly folder: string
}

export const openNode = async (options?: HostOptions): Promise<NodeHost> => {
  const folder = mkdtempSync(join(scratch, 'rescind-http-'))
  const platforms = new Map((options?.stores ?? []).map((id) => [id, openPlatform()]))
  const served = new Map(
    await Promise.all(
      [...platforms].map(async ([id, platform]) => [id, await serve(platform)] as const),
    ),
  )
  const file = join(folder, 'config.json')
  if (options)
    writeFileSync(file, JSON.stringify(await configOf(options, (id) => served.get(id)?.url ?? '')))
  const gateway = await start(
    {
      PORT: '0',
      LOG_LEVEL: 'silent',
      RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
      ...(options && { RESCIND_CONFIG: file }),
    },
    { sandbox: !options },
  )
  return {
    url: gateway.url,
    folder,
    fetch: async (request) => {
      const body = request.body === null ? null : await request.arrayBuffer()
      return fetch(gateway.url + request.url.slice(new URL(request.url).origin.length), {
        method: request.method,
        headers: request.headers,
        body,
        redirect: 'manual',
        signal: request.signal,
      })
    },
    platform: (id) => {
      const platform = platforms.get(id)
      if (!platform) throw new Error(`no platform ${id}`)
      return platform
    },
    close: async () => {
      await gateway.close()
      await Promise.all([...served.values()].map(({ close }) => close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
