/**
 * A working day against a real gateway: what was asked is listed and found, taken back, and closed
 * by a person; and a batch that comes from another program.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, createClient } from '../../src/client/index.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { scratch } from '../scratch.ts'
import { hasScript, jsonLines, KEYS, paste, run, runOnTerminal, STEERING } from './bin.ts'

const KEY = 'rsk_canary-of-the-day'
const SHOP = 'rsk_canary-of-the-shop'

let host: NodeHost
let client: Client
let cwd: string
beforeAll(async () => {
  host = await openNode({
    stores: ['paris', 'lyon', 'away'],
    callers: [
      { name: 'erp', key: KEY, scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
      { name: 'shop', key: SHOP, scopes: ['cancel', 'read'], stores: ['paris'] },
    ],
  })
  host.platform('away').mood = 'away'
  client = createClient({ baseUrl: host.url, key: KEY })
  cwd = mkdtempSync(join(scratch, 'rescind-day-'))
})
afterAll(async () => {
  await host.close()
  rmSync(cwd, { recursive: true })
})

const options = (key = KEY) => ({ cwd, env: { RESCIND_URL: host.url, RESCIND_KEY: key } })
const rescind = async (values: readonly string[], key = KEY) => {
  const ran = await run(values, options(key))
  expect(ran.stdout + ran.stderr).not.toContain('canary')
  expect(ran.stdout + ran.stderr).not.toMatch(STEERING)
  return ran
}
const canceled = (orderId: string, more: object = {}) =>
  client.cancel({ store: 'paris', orderId, ...more })
/** One whose money went back and whose order stayed open. */
const needing = async (name: string): Promise<string> => {
  const orderId = `order_400-after-refund-${name}`
  const error = await canceled(orderId).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'needs-attention' })
  return (error as { cancellation: string }).cancellation
}
/** One that waits for a store which does not answer. */
const waiting = async (name: string): Promise<string> => {
  const request = { store: 'away', orderId: `order_open-${name}` }
  const error = await client.cancel(request, { waitMs: 0 }).catch((thrown: unknown) => thrown)
  return (error as { record: { id: string } }).record.id
}

describe('list', () => {
  it('is a table, by filter, up to a limit, with the command for more', async () => {
    for (const name of ['a', 'b', 'c'])
      await canceled(`order_open-list-${name}`, { reference: 'SO-LIST' })
    const { status, stdout, stderr } = await rescind(['list', '--reference', 'SO-LIST'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^status +order +store +age +id +what became of it\n(?:Canceled +\d+ +paris +\d+ s +can_\w{26} +\S.*\n){3}$/,
    )
    const cut = await rescind(['list', '--reference', 'SO-LIST', '--limit', '2'])
    expect(cut.stdout.split('\n')).toHaveLength(4)
    const [, line = ''] = /Next: (rescind .*)/.exec(cut.stderr) ?? []
    expect(line).toBe('rescind list --reference SO-LIST --limit 8')
    expect((await paste(line, options())).stdout).toMatch(/(?:Canceled.*\n){3}$/)
  })

  it('gives programs the records, page after page, and says which filters find nothing', async () => {
    const json = await rescind(['list', '--json', '--status', 'succeeded', '--oldest-first'])
    expect(json.status).toBe(0)
    expect(jsonLines(json.stdout).map(({ status }) => status)).not.toContain('rejected')
    const dates = jsonLines(json.stdout).map(({ createdAt }) => createdAt)
    expect(dates).toEqual(dates.toSorted())
    const none = await rescind(['list', '--reference', 'SO-NONE'])
    expect([none.status, none.stdout, none.stderr]).toEqual([
      0,
      '',
      expect.stringMatching(/^None match\.\n/),
    ])
    const first = jsonLines(json.stdout)[0].createdAt
    for (const [words, found] of [
      [['--since', first], true],
      [['--until', first], false],
      [['--since', '2999-01-01'], false],
    ] as const) {
      const { stdout } = await rescind(['list', '--reference', 'SO-LIST', '--json', ...words])
      expect([words, stdout !== '']).toEqual([words, found])
    }
  })

  it('reads more than one page where more are wanted', async () => {
    const items = Array.from({ length: 105 }, (_, index) => ({
      store: 'lyon',
      orderId: `order_open-page-${index}`,
    }))
    const { id } = await client.batches.create(items)
    await expect
      .poll(async () => (await client.batches.get(id)).status, { timeout: 30_000 })
      .toBe('finished')
    const most = await rescind(['list', '--batch', id, '--json', '--limit', '104'])
    expect(new Set(jsonLines(most.stdout).map((record) => record.id)).size).toBe(104)
    expect(most.stderr).toMatch(/^There are more than these 104\.\nNext: rescind list /)
    const all = await rescind(['list', '--batch', id, '--json', '--limit', '105'])
    expect([jsonLines(all.stdout).length, all.stderr]).toEqual([105, ''])
  })

  it.each([
    ['a time without its zone', ['--since', '2026-11-21T12:00'], /is no time/],
    ['a status that is none', ['--status', 'gone'], /Allowed choices are accepted/],
    ['no record at all', ['--limit', '0'], /a whole number from 1 on/],
    ['a store that is not there', ['--store', 'rome'], /rescind stores list/],
  ])('2: %s', async (_, words, says) => {
    const { status, stderr } = await rescind(['list', ...words])
    expect([status, stderr]).toEqual([2, expect.stringMatching(says)])
  })
})

describe('find', () => {
  it('leads to a record by its id, its order, the order’s number and its reference', async () => {
    const { id, order } = await canceled('order_open-find', { reference: 'SO-FIND' })
    const number = order?.number ?? ''
    expect(number).not.toBe('')
    for (const text of [id, 'order_open-find', 'SO-FIND', number]) {
      const { status, stdout } = await rescind(['find', text])
      const whole = text === id ? 'read back from the store' : id
      expect([text, status, stdout]).toEqual([text, 0, expect.stringContaining(whole)])
    }
    const { stdout } = await rescind(['find', 'order_open-find', '--json'])
    expect(jsonLines(stdout)).toEqual([expect.objectContaining({ id })])
  })

  it('else to the order in its store, and to its preview', async () => {
    const { status, stdout, stderr } = await rescind([
      'find',
      'order_paid-find',
      '--store',
      'paris',
    ])
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/\n\d+ +paris +open +paid +[\d.]+ \w+ +order_paid-find\n$/),
    ])
    const [, line = ''] = /Next: (rescind .*)/.exec(stderr) ?? []
    expect(line).toBe('rescind preview paris order_paid-find')
    expect((await paste(line, options())).status).toBe(0)
    const json = await rescind(['find', 'order_paid-find', '--store', 'paris', '--json'])
    expect(jsonLines(json.stdout)).toEqual([
      { store: 'paris', order: expect.objectContaining({ id: 'order_paid-find' }) },
    ])
  })

  it('3 where there is none, 4 where a store could not be asked', async () => {
    const none = await rescind(['find', 'order_none', '--store', 'paris'])
    expect([none.status, none.stdout]).toEqual([3, ''])
    const unknown = await rescind(['find', 'order_none'])
    expect([unknown.status, unknown.stderr]).toEqual([
      4,
      expect.stringMatching(/Could not look: away: /),
    ])
  })
})

it('stores list tells what this key reaches', async () => {
  const all = await rescind(['stores', 'list'])
  expect([all.status, all.stdout]).toEqual([
    0,
    expect.stringMatching(/^store +platform +test +how it is heard\nparis +medusa +yes/),
  ])
  const own = await rescind(['stores', 'list', '--json'], SHOP)
  expect(jsonLines(own.stdout)).toEqual([
    expect.objectContaining({ id: 'paris', platform: 'medusa', notices: expect.any(Object) }),
  ])
})

describe('withdraw', () => {
  it('takes back what was not sent: 0; what is settled is refused: 3', async () => {
    const id = await waiting('withdrawn')
    const { status, stdout, stderr } = await rescind(['withdraw', id])
    expect([status, stdout, stderr]).toEqual([
      0,
      expect.stringMatching(/^✕ Not canceled.*Taken back before anything was sent/),
      expect.stringContaining('the order stays as it is'),
    ])
    expect((await client.get(id)).problem?.cause).toBe('withdrawn')
    const again = await rescind(['withdraw', id, '--json'])
    expect([again.status, jsonLines(again.stdout)[0].code]).toEqual([3, 'not-withdrawable'])
  })
})

describe('resolve', () => {
  it.each([
    ['nobody to ask', ['--as', 'canceled', '--note', 'Seen'], /\n {2}rescind resolve .* --yes\n/],
    ['not what was found', ['--note', 'Seen', '--yes'], /--as[\s\S]*not_canceled[\s\S]*retry/],
    ['no note', ['--as', 'canceled', '--yes'], /--note/],
    ['an empty note', ['--as', 'canceled', '--note', ' ', '--yes'], /1 to 1000 characters/],
    ['another word', ['--as', 'done', '--note', 'Seen', '--yes'], /Allowed choices are canceled/],
  ])('2 and nothing written: %s', async (what, words, says) => {
    const id = await needing(what.replaceAll(' ', '-'))
    const { status, stdout, stderr } = await rescind(['resolve', id, ...words])
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)])
    expect((await client.get(id)).status).toBe('needs_attention')
  })

  it('shows what is known, then writes down what was found', async () => {
    const id = await needing('resolved')
    const words = ['--as', 'not-canceled', '--note', 'Looked, it is open', '--yes']
    const { status, stdout, stderr } = await rescind(['resolve', id, ...words])
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^✕ Not canceled/)])
    expect(stderr).toMatch(
      /^Order \d+ at paris: [\s\S]*! Needs you[\s\S]*On record stay this, “Looked, it is open”/,
    )
    expect((await client.get(id)).resolution).toMatchObject({
      as: 'not_canceled',
      note: 'Looked, it is open',
      by: 'erp',
    })
    const again = await rescind(['resolve', id, ...words, '--json'])
    expect([again.status, again.stderr]).toEqual([3, expect.stringContaining('It needs nobody')])
    expect(
      (await rescind(['resolve', await needing('shop'), ...words], SHOP)).status,
      'a key without the scope',
    ).toBe(6)
  })

  it('tried again it ends as a cancel does', async () => {
    const id = await needing('retried')
    const words = ['--as', 'retry', '--note', 'Once more', '--yes', '--json']
    const unwaited = await rescind(['resolve', id, ...words, '--wait', '0'])
    expect([unwaited.status, jsonLines(unwaited.stdout)[0].status]).toEqual([4, 'accepted'])
    await expect.poll(async () => (await client.get(id)).status).toBe('needs_attention')
    const waited = await rescind(['resolve', id, ...words])
    expect([waited.status, jsonLines(waited.stdout)[0].status]).toEqual([5, 'needs_attention'])
  })

  it.skipIf(!hasScript)('asks what was found, with no default, and before it writes', async () => {
    const id = await needing('asked')
    const status = async () => (await client.get(id)).status
    const unsaid = await runOnTerminal(
      ['resolve', id],
      [['What did you find?', KEYS.enter]],
      options(),
    )
    expect([unsaid.status, await status()]).toEqual([3, 'needs_attention'])
    const answers: [string, string][] = [
      ['What did you find?', `canceled${KEYS.enter}`],
      ['for the record:', `Seen in the admin${KEYS.enter}`],
    ]
    const no = await runOnTerminal(['resolve', id], [...answers, ['[y/N]', KEYS.enter]], options())
    expect([no.status, await status()]).toEqual([3, 'needs_attention'])
    const yes = await runOnTerminal(
      ['resolve', id],
      [...answers, ['[y/N]', `y${KEYS.enter}`]],
      options(),
    )
    expect([yes.status, await status()]).toEqual([0, 'succeeded'])
    expect(yes.screen).toContain('On record stay this, “Seen in the admin”')
  })
})

describe('batch run -', () => {
  const request = (orderId: string) => ({ store: 'paris', orderId })
  const piped = (input: string, ...words: string[]) =>
    run(['batch', 'run', '-', ...words], { ...options(), input })

  it.each([
    ['CSV', 'store,orderId\nparis,order_open-piped-csv\n'],
    ['a list in JSON', JSON.stringify([request('order_open-piped-list')])],
    [
      'an object in JSON',
      JSON.stringify({
        defaults: { store: 'paris' },
        items: [{ orderId: 'order_open-piped-object' }],
      }),
    ],
  ])('takes %s, and its results lie here', async (_, input) => {
    const unasked = await piped(input)
    expect([unasked.status, unasked.stderr]).toEqual([
      2,
      expect.stringContaining('\n  rescind batch run - --yes\n'),
    ])
    const { status, stdout } = await piped(input, '--yes')
    const id = /bat_\w+/.exec(stdout)?.[0] ?? ''
    expect([status, id]).toEqual([0, expect.stringMatching(/^bat_/)])
    expect(readdirSync(cwd)).toContain(`${id}.csv`)
    // The same text is the same batch.
    expect((await piped(input, '--confirm=1', '--out', '-')).stderr).toContain(id)
    const shown = await rescind(['show', id])
    expect([shown.status, shown.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^Batch ${id}: finished, 1 of 1`)),
    ])
  })

  it.each([
    ['nothing', '', [], /The body cannot be read as CSV/],
    ['no JSON', '[{]', [], /The JSON cannot be read: .*line 1, column 3/],
    ['another member', '{"items":[],"dry":true}', [], /\/dry is not known here/],
    ['no list', '{"items":{}}', [], /\/items must be a list/],
    ['a wrong item', '[{"store":"paris"}]', [], /row 1, orderId: /],
    ['an empty list', '[]', [], /Standard input has no rows/],
    ['another number', '[{"orderId":"order_open"}]', ['--confirm', '2'], /there are 1 orders/],
    ['the key there too', '[]', ['--key-stdin'], /cannot both come from standard input/],
  ])('2 and nothing sent: %s', async (_, input, words, says) => {
    const before = (await client.batches.list()).data.length
    const { status, stdout, stderr } = await piped(input, '--yes', ...words)
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)])
    expect((await client.batches.list()).data).toHaveLength(before)
  })
})
