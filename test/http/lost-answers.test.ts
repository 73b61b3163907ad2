/**
 * A Redis that dies under a write: whether it was done nobody knows, and no answer says more than
 * that.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { describeRedis, type RedisServer, startRedis } from '../ledger/redis-server.ts'

describeRedis('a ledger whose answer is lost', () => {
  let redis: RedisServer
  let gateway: Started
  let close: () => void
  /** Which command meets it: done, and its connection broken before the answer; null: none. */
  let loses: ((command: string) => boolean) | null = null
  let away = false
  let lost = 0

  /** Between gateway and Redis. */
  const openProxy = async (): Promise<number> => {
    const sockets = new Set<Socket>()
    const keep = (socket: Socket) => {
      sockets.add(socket)
      return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    }
    const server = createServer((client) => {
      if (away) return client.destroy()
      const upstream = keep(connect(redis.port, '127.0.0.1'))
      let isLost = false
      upstream
        .on('data', (answer: Buffer) => (isLost ? client.destroy() : client.write(answer)))
        .on('close', () => client.destroy())
      return keep(client)
        .on('data', (command: Buffer) => {
          if (away) return client.destroy()
          if (loses?.(command.toString())) {
            isLost = true
            lost += 1
            loses = null
          }
          return upstream.write(command)
        })
        .on('close', () => upstream.destroy())
    })
    close = () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    )
  }

  const ask = async (method: string, path: string, body?: object, key?: string) => {
    const answer = await fetch(gateway.url + path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
    })
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const order = (orderId: string) => ({ store: 'sandbox-medusa', orderId: `order_paid-${orderId}` })
  const recordsOf = async (orderId: string) =>
    (await ask('GET', `/v1/cancellations?orderId=order_paid-${orderId}`)).body.data
  /** Tries until the gateway is connected again. */
  const back = async () => {
    while ((await ask('GET', '/readyz')).status !== 200)
      await new Promise((resolve) => {
        setTimeout(resolve, 20)
      })
  }

  beforeAll(async () => {
    redis = await startRedis()
    gateway = await start(
      { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: `redis://127.0.0.1:${await openProxy()}` },
      { sandbox: true },
    )
    // Every script is known to the server from here on, so that a command is not asked for twice.
    await ask('POST', '/v1/cancellations', order('first'))
    const { body } = await ask('POST', '/v1/batches', { items: [order('first-of-batch')] })
    await ask('POST', `/v1/batches/${body.id}/stop`)
  })
  afterAll(async () => {
    await gateway?.close()
    close()
    await redis?.remove()
  })
  beforeEach(() => {
    lost = 0
  })

  it('a claim: 503 that does not know, and the same key finds it', async () => {
    loses = (command) => command.includes('"orderId":"order_paid-claim"')
    const { status, body } = await ask('POST', '/v1/cancellations', order('claim'), 'claim')
    expect([lost, status, body.code, body.acted, body.retryable]).toEqual([
      1,
      503,
      'ledger-unavailable',
      'unknown',
      true,
    ])
    expect(body.detail).toMatch(
      /may be written down.*same Idempotency-Key.*GET \/v1\/cancellations\?store=/,
    )
    await back()
    const [record, ...others] = await recordsOf('claim')
    expect(others).toEqual([])
    const again = await ask('POST', '/v1/cancellations', order('claim'), 'claim')
    expect([again.body.id, again.body.status]).toEqual([record.id, 'succeeded'])
  })

  it('a batch: its own write, and what is read after it', async () => {
    for (const name of ['create', 'view']) {
      let isWritten = false
      loses = (command) => {
        const isView = isWritten && command.includes('bat_')
        isWritten ||= command.includes(`order_paid-batch-${name}`)
        return name === 'view' ? isView : isWritten
      }
      const { status, body } = await ask(
        'POST',
        '/v1/batches',
        { items: [order(`batch-${name}`)] },
        name,
      )
      expect([loses, status, body.acted], name).toEqual([null, 503, 'unknown'])
      await back()
      const again = await ask('POST', '/v1/batches', { items: [order(`batch-${name}`)] }, name)
      expect([again.status, (await ask('GET', '/v1/batches')).body.data[0].id], name).toEqual([
        202,
        again.body.id,
      ])
    }
    const {
      body: { id },
    } = await ask('POST', '/v1/batches', { items: [order('batch-stop')] })
    loses = (command) => command.includes('"status":"stopped"')
    expect((await ask('POST', `/v1/batches/${id}/stop`)).body.acted).toBe('unknown')
    await back()
    expect((await ask('GET', `/v1/batches/${id}`)).body.status).toBe('stopped')
  })

  it('where nothing was handed over, nothing was accepted, and that is what is said', async () => {
    const {
      body: { id },
    } = await ask('POST', '/v1/cancellations', order('before'))
    const { body: batch } = await ask('POST', '/v1/batches', { items: [order('batch-before')] })
    away = true
    // The first command finds out.
    await ask('GET', '/readyz')
    for (const [path, sent] of [
      ['/v1/cancellations', order('away')],
      ['/v1/batches', { items: [order('batch-away')] }],
      [`/v1/cancellations/${id}/withdraw`],
      [`/v1/cancellations/${id}/resolve`, { as: 'retry', note: 'x' }],
      ...['pause', 'resume', 'stop'].map(
        (action) => [`/v1/batches/${batch.id}/${action}`] as const,
      ),
    ] as const) {
      const { status, body } = await ask('POST', path, sent)
      expect([path, status, body.code, body.acted]).toEqual([path, 503, 'ledger-unavailable', 'no'])
    }
    away = false
    await back()
    expect(await recordsOf('away')).toEqual([])
  })

  it('a read changes nothing, whatever becomes of it', async () => {
    loses = (command) => command.includes('can_unknown')
    const { status, body } = await ask('GET', '/v1/cancellations/can_unknown')
    expect([lost, status, body.acted]).toEqual([1, 503, 'no'])
    await back()
  })

  it('the client asks again under its key until it knows', async () => {
    loses = (command) => command.includes('order_paid-client')
    expect((await createClient({ baseUrl: gateway.url }).cancel(order('client'))).status).toBe(
      'succeeded',
    )
    expect([lost, (await recordsOf('client')).length]).toEqual([1, 1])
  })
})
