/** The audit log: written with what it tells of, numbered without gaps, sealed as one chain. */
import { expect, it } from 'vitest'
import type { AuditLedger } from '../../src/ledger/audit.ts'
import { RETENTION } from '../../src/ledger/retention.ts'
import { type AuditEntry, hashOfEntry, NO_HASH, type Noted } from '../../src/model/audit.ts'
import { become, claim, DAY, draft, key, ODD, type Open, save, setUp, START } from './records.ts'

export const noted = (order: string, over: Partial<Noted> = {}): Noted => ({
  at: START,
  by: { caller: 'erp', key: null },
  via: 'api',
  action: 'cancellation.asked',
  store: 'paris',
  subject: { order },
  outcome: 'done',
  requestId: null,
  ...over,
})

/** Everything, page by page. */
const all = async (audit: AuditLedger, limit = 7): Promise<AuditEntry[]> => {
  const found: AuditEntry[] = []
  for (;;) {
    const page = await audit.read({ from: found.at(-1)?.seq ?? 0, order: 'asc', limit })
    found.push(...page)
    if (page.length === 0) return found
  }
}
const orders = (entries: readonly AuditEntry[]) => entries.map(({ subject }) => subject.order)

/** Holds a chain against its own hashes. */
const expectChain = async (entries: readonly AuditEntry[], previous = NO_HASH, from = 1) => {
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => from + index))
  let before = previous
  for (const entry of entries) {
    expect([entry.previous, entry.hash]).toEqual([before, await hashOfEntry(entry)])
    before = entry.hash
  }
}

export const testAudit = (open: Open): void => {
  it('entries are a chain from the first on, and are read as they were written', async () => {
    const { ledger, other } = await setUp(open)
    expect([await all(ledger.audit), await ledger.audit.head()]).toEqual([
      [],
      { chain: 'gateway', first: null, seq: 0, hash: NO_HASH },
    ])
    await ledger.audit.append(ODD.slice(0, 12).map((word) => noted(word)))
    await other.audit.append([noted('last', { requestId: 'r', store: null, at: START + 1 })])
    const entries = await all(other.audit)
    expect(orders(entries)).toEqual([...ODD.slice(0, 12), 'last'])
    expect(entries.at(-1)).toMatchObject({
      ...noted('last', { requestId: 'r', store: null }),
      at: new Date(START + 1).toISOString(),
      chain: 'gateway',
    })
    await expectChain(entries)
    expect(await ledger.audit.head()).toEqual({
      chain: 'gateway',
      first: 1,
      seq: 13,
      hash: entries.at(-1)?.hash,
    })
  })

  it.each(ODD)('a word like %j comes back, and has its hash', async (word) => {
    const { ledger } = await setUp(open)
    await ledger.audit.append([noted(word, { store: word })])
    const entries = await all(ledger.audit)
    expect(entries).toMatchObject([{ store: word, subject: { order: word } }])
    await expectChain(entries)
  })

  it('is read from the newest back, too', async () => {
    const { ledger } = await setUp(open)
    await ledger.audit.append(Array.from({ length: 9 }, (_, index) => noted(`o${index + 1}`)))
    const read = (from: number) => ledger.audit.read({ from, order: 'desc', limit: 4 })
    expect(orders(await read(Number.MAX_SAFE_INTEGER))).toEqual(['o9', 'o8', 'o7', 'o6'])
    expect(orders(await read(6))).toEqual(['o5', 'o4', 'o3', 'o2'])
    expect(await read(1)).toEqual([])
  })

  it('what is sealed is never written again', async () => {
    const { ledger, other } = await setUp(open)
    await ledger.audit.append([noted('one')])
    const [one] = await all(ledger.audit)
    await other.audit.append([noted('two')])
    const entries = await all(other.audit)
    expect(entries[0]).toEqual(one)
    await expectChain(entries)
  })

  it('a claim writes its entry where it creates, and only there', async () => {
    const { ledger } = await setUp(open)
    const ask = (order: string, by = null as ReturnType<typeof key> | null, wish = {}) =>
      ledger.claim(draft({ orderId: order, ...wish }), by, [], noted(order))
    expect((await ask('one', key('k'))).outcome).toBe('created')
    expect((await ask('one', key('k'))).outcome).toBe('replayed')
    expect((await ask('two', key('k', 'v2'))).outcome).toBe('key_reused')
    expect((await ask('one')).outcome).toBe('deduplicated')
    expect((await ask('one', null, { restock: true })).outcome).toBe('conflict')
    expect((await ask('two')).outcome).toBe('created')
    expect(orders(await all(ledger.audit))).toEqual(['one', 'two'])
  })

  it('a save writes its entry where it saves, and only there', async () => {
    const { ledger } = await setUp(open)
    const first = await claim(ledger, draft())
    const next = become(first, 'succeeded')
    const saving = () => ledger.save(next, undefined, undefined, [], noted('saved'))
    expect([(await saving())?.version, await saving()]).toEqual([2, null])
    await save(ledger, become({ ...next, version: 2 }, 'succeeded'))
    expect(orders(await all(ledger.audit))).toEqual(['saved'])
  })

  it('of any number of writers and readers at once: no gap, no fork, nothing lost', async () => {
    const { ledger, other } = await setUp(open)
    const names = Array.from({ length: 120 }, (_, index) => `o${index}`)
    const seen: AuditEntry[][] = []
    await Promise.all(
      names.map(async (name, index) => {
        const { audit, claim: ask } = index % 2 ? ledger : other
        if (index % 3) await audit.append([noted(name)])
        else await ask(draft({ orderId: name }), null, [], noted(name))
        if (index % 5 === 0) seen.push(await all(audit, 50))
      }),
    )
    const entries = await all(other.audit)
    expect(orders(entries).toSorted()).toEqual(names.toSorted())
    await expectChain(entries)
    for (const earlier of seen) expect(entries.slice(0, earlier.length)).toEqual(earlier)
  })

  it('is kept as long as it is said, from its beginning on; what is left names the one before', async () => {
    const { ledger, clock } = await setUp((now) =>
      open(now, { retention: { ...RETENTION, auditMs: 10 * DAY } }),
    )
    for (let day = 0; day < 5; day++)
      await ledger.audit.append(
        Array.from({ length: 40 }, () => noted(`day ${day}`, { at: START + day * DAY })),
      )
    // A clock that was behind: it waits for those before it.
    await ledger.audit.append([noted('behind', { at: START })])
    const entries = await all(ledger.audit)
    clock.now = START + 11 * DAY
    await ledger.sweep()
    const left = await all(ledger.audit)
    expect(left).toEqual(entries.slice(80))
    await expectChain(left, entries[79]?.hash, 81)
    clock.now += 100 * DAY
    await ledger.sweep()
    const head = { chain: 'gateway', first: null, seq: 201, hash: entries.at(-1)?.hash }
    expect([await all(ledger.audit), await ledger.audit.head()]).toEqual([[], head])
    await ledger.audit.append([noted('after')])
    await expectChain(await all(ledger.audit), entries.at(-1)?.hash, 202)
  })
}
