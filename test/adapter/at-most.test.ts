/**
 * Calls that wait for their turn: never more at once than allowed, and what waited in vain was not
 * sent.
 */
import { describe, expect, it } from 'vitest'
import {
  atMost,
  type Incoming,
  type Outgoing,
  TransportError,
} from '../../src/connection/transport.ts'

const reply: Incoming = { status: 200, headers: new Headers(), text: '' }
const call = (name: string, signal = new AbortController().signal): Outgoing => ({
  url: `https://x.test/${name}`,
  method: 'GET',
  headers: {},
  body: null,
  signal,
  maxBytes: 1,
})

/** A transport whose calls end when they are told to. */
const held = () => {
  const open: { readonly url: string; end(error?: unknown): void }[] = []
  let most = 0
  const transport = ({ url }: Outgoing) =>
    new Promise<Incoming>((resolve, reject) => {
      const one = {
        url,
        end: (error?: unknown) => {
          open.splice(open.indexOf(one), 1)
          if (error) reject(error)
          else resolve(reply)
        },
      }
      most = Math.max(most, open.push(one))
    })
  const turn = () =>
    new Promise((resolve) => {
      setTimeout(resolve)
    })
  return { open, transport, turn, most: () => most }
}

describe('at most', () => {
  it('so many at once, in the order they came, and all of them', async () => {
    const { open, transport, turn, most } = held()
    const send = atMost(3, 10_000, transport)
    const done: string[] = []
    const all = Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) =>
        send(call(name)).then(() => done.push(name)),
      ),
    )
    while (done.length < 7) {
      await turn()
      open[0]?.end()
    }
    await all
    expect([most(), done]).toEqual([3, ['a', 'b', 'c', 'd', 'e', 'f', 'g']])
  })

  it('a call that fails makes room, and its error is its own', async () => {
    const { open, transport, turn } = held()
    const send = atMost(1, 10_000, transport)
    const [first, second] = [send(call('a')), send(call('b'))]
    await turn()
    open[0]?.end(new TransportError('connection_lost', null))
    await expect(first).rejects.toMatchObject({ reason: 'connection_lost', sent: null })
    await turn()
    open[0]?.end()
    expect(await second).toBe(reply)
  })

  it('what its turn came too late for was not sent, and stands in nobody’s way', async () => {
    const { open, transport, turn } = held()
    const send = atMost(1, 10_000, transport)
    const late = new AbortController()
    const [first, second, third] = [send(call('a')), send(call('b', late.signal)), send(call('c'))]
    await turn()
    late.abort()
    await expect(second).rejects.toMatchObject({
      name: 'TransportError',
      reason: 'timeout',
      sent: false,
    })
    await expect(send(call('d', late.signal))).rejects.toMatchObject({
      reason: 'timeout',
      sent: false,
    })
    expect(open.map(({ url }) => url)).toEqual(['https://x.test/a'])
    open[0]?.end()
    await first
    await turn()
    expect(open.map(({ url }) => url)).toEqual(['https://x.test/c'])
    open[0]?.end()
    await third
  })

  it('who waited for as long as the patience goes without, before its time is up', async () => {
    const { open, transport, turn } = held()
    const send = atMost(1, 20, transport)
    const first = send(call('a'))
    await expect(send(call('b'))).rejects.toMatchObject({ reason: 'timeout', sent: false })
    expect(open.map(({ url }) => url)).toEqual(['https://x.test/a'])
    open[0]?.end()
    await first
    const third = send(call('c'))
    await turn()
    open[0]?.end()
    expect(await third).toBe(reply)
  })

  it('a place that is offered to one whose time is up goes to the next', async () => {
    const { open, transport, turn } = held()
    const send = atMost(1, 10_000, transport)
    const late = new AbortController()
    const [first, second, third] = [send(call('a')), send(call('b', late.signal)), send(call('c'))]
    second.catch(() => {})
    await turn()
    open[0]?.end()
    late.abort()
    await first
    await expect(second).rejects.toMatchObject({ sent: false })
    await turn()
    open[0]?.end()
    expect(await third).toBe(reply)
  })
})
