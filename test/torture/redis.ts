/**
 * Redis servers of the torture, a switch before them that can be cut or pointed elsewhere, and the
 * orders that operators give them.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { type RedisServer, skipped, startRedis } from '../ledger/redis-server.ts'
import { report } from './figures.ts'
import { atEnd, folder } from './lab.ts'

const DURABLE = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--databases', '64']

/** A durable server of one part's own; null where none is installed, said in the table. */
export const openRedis = async (
  what: string,
  ...settings: string[]
): Promise<RedisServer | null> => {
  if (skipped !== null) {
    report({
      what,
      ledger: 'Redis',
      gateways: null,
      faults: '',
      accepted: null,
      double: null,
      lost: null,
      wrong: null,
      seconds: 0,
      says: `skipped: ${skipped}`,
      violations: [],
    })
    return null
  }
  // Its data lies where this process clears up when it ends.
  process.env['TMPDIR'] = folder
  const server = await startRedis(...DURABLE, ...settings)
  atEnd(() => server.remove())
  return server
}

/** Gives one order to a server. */
export const command = async (
  server: { readonly url: string },
  ...words: [string, ...string[]]
): Promise<unknown> => {
  const client = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(...words)
  } finally {
    client.disconnect()
  }
}

export interface Switch {
  readonly port: number
  /** Where new connections lead; those that are open are cut. Null: nowhere. */
  turn(target: number | null): void
  close(): void
}

/**
 * A TCP address that leads to one server, and later to another: what a failover looks like to a
 * client.
 */
export const openSwitch = (target: number): Promise<Switch> => {
  let leads: number | null = target
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    return socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy())
  }
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  const server = createServer((client) => {
    if (leads === null) return client.destroy()
    const upstream = connect(leads, '127.0.0.1')
    keep(client).pipe(keep(upstream)).pipe(client)
    client.on('close', () => upstream.destroy())
    return upstream.on('close', () => client.destroy())
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        turn(next) {
          leads = next
          cut()
        },
        close() {
          server.close()
          cut()
        },
      }),
    ),
  )
}
