/**
 * `rescind batch` against a real gateway: asked by the number, sent once however often it is run,
 * left by Ctrl-C and joined again.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type NodeHost, openNode } from '../http/node.ts'
import { hasScript, jsonLines, KEYS, run, runOnTerminal, STEERING } from './bin.ts'

let gateway: NodeHost
let cwd: string
beforeAll(async () => {
  gateway = await openNode({
    callers: [],
    stores: ['sandbox-medusa'],
    // What is held back in a test must not run out of time in it.
    timing: { callTimeoutMs: 60_000 },
  })
  cwd = mkdtempSync(join(tmpdir(), 'rescind-cli-'))
})
afterAll(async () => {
  await gateway.close()
  rmSync(cwd, { recursive: true })
})

/** Orders wait until what this returns is called: however slow we are, a batch is not over. */
const hold = () => {
  const release = gateway.platform('sandbox-medusa').hold()
  onTestFinished(release)
  return release
}
const options = () => ({ cwd, env: { RESCIND_URL: gateway.url } })
const batch = (...values: string[]) => run(['batch', ...values], options())
const write = (name: string, orders: readonly string[]) =>
  writeFileSync(
    join(cwd, name),
    ['store,orderId,reason', ...orders.map((order) => `sandbox-medusa,${order},Recall`), ''].join(
      '\r\n',
    ),
  )
const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `order_open-${name}${index}`)
const batches = async () =>
  ((await (await fetch(`${gateway.url}/v1/batches`)).json()) as { data: { id: string }[] }).data
const attempts = async (order: string) =>
  (
    (await (await fetch(`${gateway.url}/v1/cancellations?orderId=${order}`)).json()) as {
      data: { attempts: unknown[] }[]
    }
  ).data.map((record) => record.attempts.length)

describe('what is not taken', () => {
  it.each<[string, string, string[], RegExp]>([
    ['nobody to ask', 'few.csv', [], /\n  rescind batch run few\.csv --yes\n/],
    [
      'more than a yes can be said to',
      'many.csv',
      ['--yes'],
      /\n  rescind batch run many\.csv --confirm=101\n/,
    ],
    [
      'another number',
      'many.csv',
      ['--confirm', '100'],
      /--confirm says 100, but there are 101 orders/,
    ],
    [
      'rows with mistakes',
      'bad.csv',
      ['--yes'],
      /line 2, orderId: 1–128 characters[\s\S]*line 3, notify: must be empty for no wish, /,
    ],
    [
      'a column that is not there',
      'columns.csv',
      ['--yes'],
      /line 1, orderd: is no column; did you mean orderId\?/,
    ],
    ['a file that is not there', 'absent.csv', ['--yes'], /absent\.csv cannot be read: ENOENT/],
    [
      'results over the file itself',
      'few.csv',
      ['--yes', '--out', 'few.csv'],
      /--out is the file itself/,
    ],
  ])('2 and nothing sent: %s', async (_, file, values, says) => {
    write('few.csv', many(3, 'few'))
    write('many.csv', many(101, 'many'))
    writeFileSync(
      join(cwd, 'bad.csv'),
      'store,orderId,notify\nsandbox-medusa,a b,true\nsandbox-medusa,order_open,perhaps\n',
    )
    writeFileSync(join(cwd, 'columns.csv'), 'store,orderd\nsandbox-medusa,order_open\n')
    const { status, stdout, stderr } = await batch('run', file, ...values)
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)])
    expect(await batches()).toEqual([])
  })
})

describe('batch run', () => {
  it('tells how far it is and what became of each; run again it is the same batch', async () => {
    write('recall.csv', [...many(5, 'recall'), 'order_fulfilled'])
    const { status, stdout, stderr } = await batch('run', 'recall.csv', '--yes')
    expect([status, stdout]).toEqual([
      3,
      expect.stringMatching(
        /^Batch bat_\w+: finished, 6 of 6, begun .* UTC, took .*\nwhat +orders\nCanceled +5\nNot canceled +1\n$/,
      ),
    ])
    expect(stderr).toMatch(
      /^recall\.csv: 6 orders \(sandbox-medusa 6\)\n[\s\S]*\d of 6 [\s\S]*Item by item: recall\.bat_\w+\.csv\n$/,
    )
    expect(stdout + stderr).not.toMatch(STEERING)
    const id = /bat_\w+/.exec(stdout)?.[0] ?? ''
    expect(readFileSync(join(cwd, `recall.${id}.csv`), 'utf8')).toMatch(
      /^row,store,orderId[^\n]*\n1,sandbox-medusa,order_open-recall0,,succeeded,[\s\S]*6,sandbox-medusa,order_fulfilled,,rejected,.*order-not-cancelable,fulfilled/,
    )

    const again = await batch('run', 'recall.csv', '--yes', '--json', '--out', 'again.csv')
    expect([again.status, jsonLines(again.stdout)]).toEqual([
      3,
      [
        expect.objectContaining({
          id,
          counts: expect.objectContaining({ succeeded: 5, rejected: 1 }),
        }),
      ],
    ])
    expect(readdirSync(cwd)).toContain('again.csv')
    for (const order of many(5, 'recall')) expect(await attempts(order)).toEqual([1])
    expect(jsonLines((await batch('list', '--json')).stdout).map((one) => one.id)).toEqual([id])
  })

  it.skipIf(!hasScript)(
    'many are confirmed by number; Ctrl-C leaves it running, the same command joins it: 0',
    async () => {
      write('big.csv', many(116, 'big'))
      const before = (await batches()).length
      const wrong = await runOnTerminal(
        ['batch', 'run', 'big.csv'],
        [['Type 116', `115${KEYS.enter}`]],
        options(),
      )
      expect([wrong.status, (await batches()).length]).toEqual([3, before])

      let release = () => {}
      const { status, screen } = await runOnTerminal(
        ['batch', 'run', 'big.csv'],
        [
          [
            'Type 116',
            () => {
              release = hold()
              return `116${KEYS.enter}`
            },
          ],
          ['of 116', KEYS.interrupt],
        ],
        options(),
      )
      const id = /rescind batch stop (bat_\w+)/.exec(screen)?.[1] ?? ''
      expect([status, screen]).toEqual([
        4,
        expect.stringMatching(
          /sandbox-medusa: 116 of 116\r\n +Would be canceled: 116\r\n[\s\S]*Looked at 116 of 116 orders\.[\s\S]*Batch bat_\w+ goes on: \d+ of 116/,
        ),
      ])
      expect((await batch('show', id)).status).toBe(4)

      release()
      const joined = await batch('run', 'big.csv', '--confirm', '116', '--json')
      expect([joined.status, JSON.parse(joined.stdout)]).toEqual([
        0,
        expect.objectContaining({
          id,
          status: 'finished',
          counts: expect.objectContaining({ succeeded: 116 }),
        }),
      ])
      expect((await batches()).length).toBe(before + 1)
      for (const order of ['order_open-big0', 'order_open-big109', 'order_open-big115'])
        expect(await attempts(order)).toEqual([1])
    },
  )

  it('--dry-run tells what it would come to, by store, and sends nothing: 3', async () => {
    const before = (await batches()).length
    writeFileSync(
      join(cwd, 'check.csv'),
      Buffer.from(
        '\ufeffShop\tOrder ID\tRefund\tRestock\r\n' +
          ['paid-k1\tja\toui', 'paid-k1\tja\toui', 'fulfilled-k2\t\tx', 'canceled-k3\t\t']
            .map((row) => `sandbox-medusa\torder_${row}\r\n`)
            .join(''),
        'utf16le',
      ),
    )
    const { status, stdout } = await batch('run', 'check.csv', '--dry-run')
    expect([status, stdout]).toEqual([
      3,
      expect.stringMatching(
        /^sandbox-medusa: 4 of 4\n +Would be canceled: 1\n +Cannot be canceled: 1\n +Canceled already: 1\n +Not known: 0\n +Twice in the file: 1\n[\s\S]* Goods put back: 1\n +Buyers refunded: 1\n +Money going back: [\d.]+ \w{3}\nWhy not:\n +1: .*\norder[^\n]*what would happen\n[\s\S]*\nLooked at 4 of 4 orders\.\n$/,
      ),
    ])
    const { stdout: shape } = await batch('run', 'check.csv', '--dry-run', '--json')
    expect(JSON.parse(shape).stores).toEqual([
      expect.objectContaining({ store: 'sandbox-medusa', orders: 4, looked: 4, canceled: 1 }),
    ])
    expect((await batches()).length).toBe(before)
  })

  it('sends what Windows-1252 says, and warns of it and of an id that may be rewritten', async () => {
    writeFileSync(
      join(cwd, 'old.csv'),
      Buffer.from(
        'store;orderId;reason\r\nsandbox-medusa;order_open-old;Gr\u00f6\u00dfe\r\n' +
          'sandbox-medusa;4000123456789010;\r\n',
        'latin1',
      ),
    )
    const { status, stderr } = await batch('run', 'old.csv', '--yes')
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(
        /read as Windows-1252[\s\S]*Look at this first:\n +line 3, orderId: is “4000123456789010”, with nothing but zeros/,
      ),
    ])
    const { data } = (await (
      await fetch(`${gateway.url}/v1/cancellations?orderId=order_open-old`)
    ).json()) as { data: { reason: string }[] }
    expect(data.map(({ reason }) => reason)).toEqual(['Größe'])
  })

  it('is paused, resumed and stopped by its id', async () => {
    write('slow.csv', many(40, 'stop'))
    hold()
    const body = readFileSync(join(cwd, 'slow.csv'), 'utf8')
    const { id } = (await (
      await fetch(`${gateway.url}/v1/batches`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body,
      })
    ).json()) as { id: string }
    const paused = await batch('pause', id, '--json')
    expect([paused.status, JSON.parse(paused.stdout).status]).toEqual([0, 'paused'])
    expect(JSON.parse((await batch('resume', id, '--json')).stdout).status).toBe('running')
    expect((await batch('stop', id)).status).toBe(2)
    const stopped = await batch('stop', id, '--yes', '--json')
    const { status, counts } = JSON.parse(stopped.stdout)
    // What is on its way just then comes to its own end.
    expect([
      stopped.status,
      status,
      counts.rejected > 20,
      counts.accepted + counts.sending < 10,
    ]).toEqual([0, 'stopped', true, true])
    expect((await batch('show', 'bat_00000000000000000000000000')).status).toBe(2)
  })
})
