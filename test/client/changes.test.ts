/**
 * Changes in order with a checkpoint: nothing is missed and nothing skipped, from whichever one a
 * reader goes on.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Change, type ChangesOptions, createClient, NoAnswer } from '../../src/client/index.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { createApp } from '../../src/http/app.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { draft, START } from '../ledger/records.ts'

const MINUTE = 60_000
/** When everything in these tests was written long ago. */
const LATER = START + 60 * MINUTE

/** A client of a gateway whose records are written as a test says, and whose clock it sets. */
const open = () => {
  const ledger = openMemoryLedger()
  const app = createApp({
    gateway: createGateway({ ledger, stores: new Map(), timing: timing() }),
    ready: ledger.ready,
    callers: null,
    adapters: [],
  })
  const state = { now: LATER, isAway: false, onPage: async () => {}, pages: 0 }
  const client = createClient({
    baseUrl: 'http://gateway.test',
    timeoutMs: 0,
    fetch: async (input, init) => {
      if (state.isAway) throw new TypeError('away')
      state.pages++
      const answer = await app.fetch(new Request(input as string, init))
      answer.headers.set('date', new Date(state.now).toUTCString())
      await state.onPage()
      return answer
    },
  })
  const write = async (at: number, id?: string) =>
    (await ledger.claim(draft({ at, ...(id && { id }) }), null)).record
  const touch = async (record: Cancellation, at: number) =>
    (await ledger.save({ ...record, updatedAt: at })) as Cancellation
  const read = async (options: ChangesOptions = {}, most = Infinity): Promise<Change[]> => {
    const found: Change[] = []
    for await (const change of client.changes(options)) {
      found.push(change)
      if (found.length === most) break
    }
    return found
  }
  return { ledger, client, state, write, touch, read }
}

const idsOf = (changes: readonly Change[]) => changes.map(({ cancellation: { id } }) => id)

describe('changes', () => {
  it('come in order of change, page after page, and end', async () => {
    const { write, touch, read } = open()
    const written: Cancellation[] = []
    for (let index = 0; index < 230; index++) written.push(await write(START + index))
    await touch(written[0] as Cancellation, START + 1_000)
    const ids = written.map(({ id }) => id)
    expect(idsOf(await read())).toEqual([...ids.slice(1), ids[0]])
  })

  it('every checkpoint leads on, also within one millisecond, and skips nothing', async () => {
    const { write, read } = open()
    for (let index = 0; index < 12; index++) await write(START + Math.floor(index / 4))
    const all = await read()
    expect(all).toHaveLength(12)
    for (const [index, { checkpoint }] of all.entries())
      expect(idsOf(await read({ after: checkpoint })), checkpoint).toEqual(
        idsOf(all.slice(index + 1)),
      )
  })

  it('a reader that takes a few at each start comes to the end', async () => {
    const { write, read } = open()
    for (let index = 0; index < 10; index++) await write(START)
    let after: string | undefined
    const met: string[] = []
    for (let starts = 0; starts < 4; starts++) {
      const some = await read({ after }, 3)
      met.push(...idsOf(some))
      after = some.at(-1)?.checkpoint
    }
    expect(met).toEqual(idsOf(await read()))
  })

  it('what is written late, with an earlier time, is not missed', async () => {
    const { state, write, read } = open()
    const [young] = [await write(LATER - 1_000)]
    const first = await read()
    expect(idsOf(first)).toEqual([young.id])
    const late = await write(LATER - 30_000)
    const after = first[0]?.checkpoint
    expect(idsOf(await read({ after }))).toEqual([late.id, young.id])
    // Once that is long ago, it is known.
    state.now += 2 * MINUTE
    const second = await read({ after })
    expect(idsOf(await read({ after: second.at(-1)?.checkpoint }))).toEqual([])
  })

  it('what changes while it is read comes again, later', async () => {
    const { state, write, touch, read } = open()
    const written: Cancellation[] = []
    for (let index = 0; index < 101; index++) written.push(await write(START + index))
    const [first] = written as [Cancellation]
    state.onPage = async () => {
      state.onPage = async () => {}
      await touch(first, START + 5_000)
    }
    const ids = idsOf(await read())
    expect([ids[0], ids.at(-1), ids.length]).toEqual([first.id, first.id, 102])
  })

  it('wait: goes on with what is new, tells nothing twice, and ends when it is told to', async () => {
    const { state, write, touch, client } = open()
    const stop = new AbortController()
    const one = await write(LATER - 1_000)
    const met: Change[] = []
    const reading = (async () => {
      for await (const change of client.changes({ wait: 1, signal: stop.signal })) met.push(change)
    })()
    const pass = async () => {
      const { pages } = state
      await vi.waitUntil(() => state.pages > pages + 2)
    }
    await pass()
    expect(idsOf(met)).toEqual([one.id])
    const late = await write(LATER - 2_000)
    const again = await touch(one, LATER - 500)
    await pass()
    expect(idsOf(met)).toEqual([one.id, late.id, one.id])
    state.now += 5 * MINUTE
    await pass()
    expect(met).toHaveLength(3)
    await touch(again, LATER + MINUTE)
    await pass()
    expect(met).toHaveLength(4)
    expect(met.at(-1)?.checkpoint).toBe(`${new Date(LATER + MINUTE).toISOString()}/${one.id}`)
    stop.abort()
    await reading
  })

  it('two states of one millisecond are two changes', async () => {
    const { state, ledger, write, client } = open()
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const record = await write(LATER)
    const changes = client.changes({ wait: 1, signal: stop.signal })
    expect((await changes.next()).value).toMatchObject({ cancellation: { status: 'accepted' } })
    state.onPage = async () => {
      state.onPage = async () => {}
      await ledger.save({ ...record, status: 'in_doubt' })
    }
    expect((await changes.next()).value).toMatchObject({ cancellation: { status: 'in_doubt' } })
  })

  it('an aborted signal ends it before anything is asked', async () => {
    const { state, read } = open()
    expect(await read({ wait: true, signal: AbortSignal.abort() })).toEqual([])
    expect(state.pages).toBe(0)
  })

  it('a clock that runs ahead moves no checkpoint past what was read', async () => {
    const { state, write, read } = open()
    state.now = LATER + 24 * 60 * MINUTE
    await write(START)
    const after = (await read())[0]?.checkpoint
    expect(await read({ after })).toEqual([])
    const next = await write(START + 1)
    expect(idsOf(await read({ after }))).toEqual([next.id])
  })

  it('a gateway that is away is told, and the reader goes on from what it kept', async () => {
    const { state, write, read } = open()
    await write(START)
    state.isAway = true
    await expect(read()).rejects.toThrow(NoAnswer)
  })

  it('begins at a time, and takes nothing that is none', async () => {
    const { write, read } = open()
    await write(START)
    const second = await write(START + 10)
    expect(idsOf(await read({ after: new Date(START + 10) }))).toEqual([second.id])
    expect(idsOf(await read({ after: new Date(START + 10).toISOString() }))).toEqual([second.id])
    for (const after of ['', 'yesterday', '2026-11-21', '2026-11-21T12:00:00', 'a/b', '5'])
      await expect(read({ after }), after).rejects.toThrow(TypeError)
  })

  it('filters as a list does', async () => {
    const { write, read } = open()
    const record = await write(START)
    await write(START)
    expect(idsOf(await read({ reference: record.request.reference ?? 'none' }))).toEqual([])
    expect(await read({ store: record.request.store })).toHaveLength(2)
    expect(await read({ origin: 'platform' })).toEqual([])
  })
})
