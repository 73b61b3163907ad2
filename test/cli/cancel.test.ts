/**
 * `rescind preview | cancel | show` against a real gateway: every exit code, valid JSON, no colors
 * in pipes, and nothing that a person did not agree to.
 * Longer than 400 lines because one gateway serves the whole table.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NodeHost, openNode, serve, type Served } from '../http/node.ts'
import { openPlatform, settings } from '../http/platform.ts'
import { hashOf } from '../http/host.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start, type Started } from '../../src/hosts/node/index.ts'
import { hasScript, jsonLines, KEYS, run, runOnTerminal, STEERING } from './bin.ts'

const KEY = 'rsk_canary-of-erp'
const READER = 'rsk_canary-of-reader'

let host: NodeHost
beforeAll(async () => {
  host = await openNode({
    stores: ['paris', 'away', 'refusing'],
    callers: [
      { name: 'erp', key: KEY, scopes: ['cancel', 'read'], stores: ['*'] },
      { name: 'reader', key: READER, scopes: ['read'], stores: ['*'] },
    ],
  })
  host.platform('away').mood = 'away'
  host.platform('refusing').mood = 'refusing'
})
afterAll(() => host.close())

const env = () => ({ RESCIND_URL: host.url, RESCIND_KEY: KEY })
const cancels = (order: string) => host.platform('paris').cancels.get(order) ?? 0

/** What holds whatever becomes of it: one JSON value on stdout, no colors, no key. */
const expectMannered = ({ stdout, stderr }: { stdout: string; stderr: string }) => {
  expect(jsonLines(stdout)).toHaveLength(1)
  expect(stdout).not.toMatch(STEERING)
  expect(stderr).not.toMatch(STEERING)
  expect(stdout + stderr).not.toContain('canary')
}

describe('how it ends', () => {
  it.concurrent.each<[number, string, string[], Record<string, string>, RegExp]>([
    [
      0,
      'canceled',
      ['cancel', 'paris', 'order_paid', '--yes', '--reason', 'Wrong quantity', '--restock'],
      {},
      /"status":"succeeded"/,
    ],
    [
      0,
      'canceled already',
      ['cancel', 'paris', 'order_canceled', '--yes'],
      {},
      /"alreadyCanceled":true/,
    ],
    [
      0,
      'a dry run',
      ['cancel', 'paris', 'order_open-dry', '--dry-run', '--notify'],
      {},
      /"cancelable":true/,
    ],
    [0, 'a preview', ['preview', 'paris', 'order_open-dry'], {}, /"cancelable":true/],
    [
      1,
      'no gateway',
      ['cancel', 'paris', 'order_open', '--yes'],
      { RESCIND_URL: 'http://127.0.0.1:9' },
      /No gateway answers at http:\/\/127\.0\.0\.1:9\..*rescind serve/s,
    ],
    [
      1,
      'a name that only begins like this machine’s',
      ['show', 'can_1', '--url', 'http://127.0.0.1.example.invalid:9'],
      {},
      /the key goes to 127\.0\.0\.1\.example\.invalid over http/,
    ],
    [2, 'nobody to ask', ['cancel', 'paris', 'order_open-unasked'], {}, /--yes/],
    [
      2,
      'a store that is not there',
      ['cancel', 'rome', 'order_open', '--yes'],
      {},
      /"code":"store-not-found"/,
    ],
    [
      2,
      'a message without its mail',
      ['cancel', 'paris', 'order_open', '--yes', '--message', 'Sorry'],
      {},
      /\/message: only together with "notify": true/,
    ],
    [
      2,
      'an address that is none',
      ['preview', 'paris', 'order_open', '--url', 'paris'],
      {},
      /is no address of a gateway/,
    ],
    [
      2,
      'a record that is not there',
      ['show', 'can_00000000000000000000000000'],
      {},
      /"code":"cancellation-not-found"/,
    ],
    [
      3,
      'an order that is not there',
      ['cancel', 'paris', 'order_none', '--yes'],
      {},
      /"code":"order-not-found"/,
    ],
    [
      3,
      'an order that was sent',
      ['cancel', 'paris', 'order_fulfilled', '--yes'],
      {},
      /"cause":"fulfilled"/,
    ],
    [
      3,
      'a preview of one that was sent',
      ['preview', 'paris', 'order_fulfilled'],
      {},
      /"cancelable":false/,
    ],
    [
      3,
      'a wish that cannot be kept, strictly',
      ['cancel', 'paris', 'order_open-strict', '--yes', '--notify', '--strict'],
      {},
      /"code":"unsupported"/,
    ],
    [
      4,
      'no time to wait',
      ['cancel', 'paris', 'order_slow-at-once', '--yes', '--wait', '0'],
      {},
      /"status":"(accepted|sending)"/,
    ],
    [
      4,
      'a store that is away: written down all the same',
      ['cancel', 'away', 'order_open', '--yes', '--wait', '1'],
      {},
      /"status":"accepted"/,
    ],
    [
      4,
      'a preview of a store that is away',
      ['preview', 'away', 'order_open'],
      {},
      /"code":"platform-unavailable"/,
    ],
    [
      5,
      'money moved, order open',
      ['cancel', 'paris', 'order_400-after-refund', '--yes'],
      {},
      /"status":"needs_attention"/,
    ],
    [
      6,
      'no key',
      ['cancel', 'paris', 'order_open', '--yes'],
      { RESCIND_KEY: '' },
      /"code":"unauthenticated".*RESCIND_KEY/s,
    ],
    [
      6,
      'a key that is not known',
      ['show', 'can_x'],
      { RESCIND_KEY: 'rsk_canary' },
      /"code":"unauthenticated"/,
    ],
    [
      6,
      'a key that may only read',
      ['cancel', 'paris', 'order_open-reader', '--yes'],
      { RESCIND_KEY: READER },
      /"code":"forbidden"/,
    ],
    [
      6,
      'a store that refuses us',
      ['cancel', 'refusing', 'order_open', '--yes'],
      {},
      /"code":"platform-credentials"/,
    ],
  ])('%i: %s', async (status, _, values, more, says) => {
    const ran = await run([...values, '--json'], { env: { ...env(), ...more } })
    expect([ran.status, ran.stdout + ran.stderr]).toEqual([status, expect.stringMatching(says)])
    expectMannered(ran)
  })

  it.concurrent.each([
    ['an unknown command', ['bogus']],
    ['an unknown flag', ['cancel', 'a', 'b', '--force']],
    ['a key as a flag', ['cancel', 'a', 'b', '--key', 'rsk_x']],
    ['a missing order', ['cancel', 'paris']],
    ['a word that is not of the list', ['cancel', 'a', 'b', '--reason-code', 'mood']],
    ['nothing at all', []],
  ])('2: %s, without a word on stdout', async (_, values) => {
    const { status, stdout, stderr } = await run(values, { env: env() })
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })

  it('what was not agreed to was not sent, what the preview refuses not even asked', async () => {
    for (const order of [
      'order_open-dry',
      'order_open-unasked',
      'order_fulfilled',
      'order_open-strict',
      'order_open-reader',
      'order_open',
    ])
      expect([order, cancels(order)]).toEqual([order, 0])
    expect(cancels('order_paid')).toBe(1)
    for (const order of [
      'order_open-unasked',
      'order_fulfilled',
      'order_open-strict',
      'order_none',
    ]) {
      const list = await fetch(`${host.url}/v1/cancellations?orderId=${order}`, {
        headers: { authorization: `Bearer ${KEY}` },
      })
      expect([order, await list.json()]).toEqual([order, { data: [], nextCursor: null }])
    }
  })

  it('the help says what the codes mean', async () => {
    for (const values of [['--help'], ['cancel', '--help']]) {
      const { status, stdout } = await run(values)
      expect([status, stdout]).toEqual([
        0,
        expect.stringMatching(
          /0 canceled.* 1 our error .* 2 usage.* 3 not canceled\s+4 not known yet · 5 needs you · 6 credentials/s,
        ),
      ])
    }
  })
})

describe('what people read', () => {
  it('the preview as talk, the outcome as result, without colors in a pipe', async () => {
    const { status, stdout, stderr } = await run(
      ['cancel', 'paris', 'order_paid-read', '--yes', '--restock', '--reference', 'SO-1'],
      { env: env() },
    )
    expect(status).toBe(0)
    expect(stderr).toMatch(
      /^Order \d+ at paris: open, paid, unfulfilled, 51\.40 USD\nIn the store’s own admin: http\S+\/app\/orders\/order_\S+\n\nWhat +Asked +Would happen +How we know[\s\S]+\nCancel the order +yes +would be canceled[\s\S]+\nPut the goods back +yes +would be done [\s\S]+Next: rescind show can_\w{26}\n$/,
    )
    expect(stdout).toMatch(
      /^✓ Canceled in [\d.]+ m?s\. The goods went back[\s\S]+\nWhat +Asked +Happened +How we know/,
    )
    expect(stdout + stderr).not.toMatch(STEERING)
    const shown = await run(['show', /can_\w+/.exec(stderr)?.[0] ?? ''], { env: env() })
    expect([shown.status, shown.stderr]).toEqual([0, ''])
    expect(shown.stdout).toMatch(
      / USD \(SO-1\)\nIn the store’s own admin: \S+\n✓ Canceled in[\s\S]+POST \/admin\/orders\/order_paid-read\/cancel +200/,
    )
  })

  it('--quiet leaves the result, --plain a line per cell', async () => {
    const { stdout, stderr } = await run(
      ['preview', 'paris', 'order_paid-read', '--quiet', '--plain'],
      { env: env() },
    )
    expect(stderr).toBe('')
    expect(stdout).toMatch(/canceled, refunded/)
    const plain = await run(['preview', 'paris', 'order_open-plain', '--plain', '--restock'], {
      env: env(),
    })
    expect(plain.stdout).toMatch(
      /\n\nWhat: Put the goods back\nAsked: yes\nWould happen: .*\nHow we know: /,
    )
  })

  it('the key may come by standard input', async () => {
    const ran = await run(['preview', 'paris', 'order_open', '--key-stdin', '--json'], {
      env: { RESCIND_URL: host.url },
      input: `${KEY}\n`,
    })
    expect(ran.status).toBe(0)
    expect(
      (
        await run(['cancel', 'paris', 'order_open', '--key-stdin'], {
          env: { RESCIND_URL: host.url },
          input: `${KEY}\ny\n`,
        })
      ).status,
    ).toBe(2)
  })
})

describe('a platform that writes to the terminal', () => {
  const EVIL = '\u001b]0;owned\u0007\u001b[2J\u009b31mred\u202e\r\nforged line'
  let served: Served
  let gateway: Started
  let folder: string
  beforeAll(async () => {
    const platform = openPlatform()
    served = await serve({
      async fetch(request) {
        const reply = await platform.fetch(request)
        // Whatever text of an order reaches us: names, titles, and the currency that stands in a
        // question.
        if (reply.ok)
          return new Response(
            (await reply.text()).replaceAll(
              /"(currency_code|title|first_name|variant_sku)":"[^"]*"/g,
              (_, name: string) => `"${name}":${JSON.stringify(EVIL)}`,
            ),
            reply,
          )
        return Response.json({ type: 'not_found', message: EVIL }, { status: reply.status })
      },
    })
    folder = mkdtempSync(join(tmpdir(), 'rescind-cli-'))
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({
        stores: [{ id: 'evil', platform: 'medusa', settings: settings(served.url) }],
        callers: [
          { name: 'erp', keyHash: await hashOf(KEY), scopes: ['read', 'cancel'], stores: ['*'] },
        ],
      }),
    )
    gateway = await start({
      PORT: '0',
      LOG_LEVEL: 'silent',
      RESCIND_LEDGER: 'memory:',
      RESCIND_CONFIG: join(folder, 'config.json'),
    })
  })
  afterAll(async () => {
    await gateway.close()
    await served.close()
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['people', []],
    ['machines', ['--json']],
  ])('is read by %s without its controls', async (_, flags) => {
    const { status, stdout, stderr } = await run(
      ['cancel', 'evil', 'order_none', '--yes', ...flags],
      { env: { RESCIND_URL: gateway.url, RESCIND_KEY: KEY } },
    )
    expect([status, stdout + stderr]).toEqual([3, expect.stringContaining('red')])
    expect(stdout).not.toMatch(STEERING)
    expect(stderr).not.toMatch(STEERING)
    expect(stderr).not.toMatch(/^forged/m)
  })

  it('nor does a reference that somebody else gave', async () => {
    // Control characters are refused where they come in; line ends and marks of direction are text.
    const { status, stdout, stderr } = await run(
      ['cancel', 'evil', 'order_open', '--yes', '--reference', 'SO\r\nforged\u202ered\u2066'],
      { env: { RESCIND_URL: gateway.url, RESCIND_KEY: KEY } },
    )
    expect([status, stderr]).toEqual([0, expect.stringContaining('RED')])
    const shown = await run(['show', /can_\w+/.exec(stderr)?.[0] ?? ''], {
      env: { RESCIND_URL: gateway.url, RESCIND_KEY: KEY },
    })
    for (const text of [stdout, stderr, shown.stdout, shown.stderr])
      expect(text).not.toMatch(STEERING)
  })
})

describe.skipIf(!hasScript)('on a terminal', () => {
  const ask = (order: string, answer: string, flags: string[] = []) =>
    runOnTerminal(['cancel', 'paris', order, ...flags], [['[y/N]', answer]], { env: env() })

  it.each([
    ['Enter', KEYS.enter],
    ['n', `n${KEYS.enter}`],
    ['anything else', `yep${KEYS.enter}`],
    ['Ctrl-C', KEYS.interrupt],
    ['Ctrl-D', KEYS.end],
  ])('%s is a no', async (name, answer) => {
    const order = `order_open-no-${name.length}`
    const { status, screen } = await ask(order, answer)
    expect([status, cancels(order)]).toEqual([3, 0])
    expect(screen).toContain('Not canceled: nothing was sent.')
  })

  it('a window too narrow gets the last column below its row, or a line for each cell', async () => {
    // Where the size of a terminal is not known it says 0, and then 80 columns are meant: the
    // sandbox’s words are wider.
    const { screen } = await runOnTerminal(
      ['preview', 'paris', 'order_open-narrow', '--restock'],
      [],
      { env: { ...env(), NO_COLOR: '1' } },
    )
    for (const line of screen.split(/\r?\n/).filter((line) => !line.startsWith('  ')))
      expect(line.length, line).toBeLessThanOrEqual(80)
    expect(screen).toMatch(/Put the goods back/)
  })

  it('y and Enter is a yes, in colors unless NO_COLOR', async () => {
    const { status, screen } = await ask('order_open-yes', `y${KEYS.enter}`)
    expect([status, cancels('order_open-yes')]).toEqual([0, 1])
    expect(screen).toContain('\u001b[32m✓ Canceled')
    const plain = await runOnTerminal(['preview', 'paris', 'order_open-color'], [], {
      env: { ...env(), NO_COLOR: '1' },
    })
    expect(plain.screen).not.toContain('\u001b[')
  })

  it('--no-input is asked nothing, and so sends nothing', async () => {
    const { status, screen } = await runOnTerminal(
      ['cancel', 'paris', 'order_open', '--no-input'],
      [],
      { env: env() },
    )
    expect([status, screen]).toEqual([2, expect.stringContaining('--yes')])
  })

  it('Ctrl-C after it was sent ends the looking with 4, and never the cancellation', async () => {
    const { status, screen } = await runOnTerminal(
      ['cancel', 'paris', 'order_slow-left', '--yes'],
      [['Ctrl-C ends the looking', KEYS.interrupt]],
      { env: env() },
    )
    expect(status).toBe(4)
    const id = /Sent; still being checked[\s\S]+\n  rescind show (can_\w+)/.exec(screen)?.[1] ?? ''
    const shown = await run(['show', id, '--wait', '10', '--json'], { env: env() })
    expect([shown.status, JSON.parse(shown.stdout).status, cancels('order_slow-left')]).toEqual([
      0,
      'succeeded',
      1,
    ])
  })
})
