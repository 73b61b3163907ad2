/**
 * The demo: starts the gateway on the embedded ledger and the sandbox, cancels one order per
 * platform, shows what became of each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CancellationAnswer } from '../src/http/answers.ts'
import type { StoreAnswer } from '../src/http/store-answers.ts'
import type { z } from 'zod'
import { start } from '../src/hosts/node/index.ts'

const WISHES = {
  reason: 'Wrong quantity ordered',
  notify: true,
  message: 'Sorry, we had to cancel your order.',
  restock: false,
}

const folder = mkdtempSync(join(tmpdir(), 'rescind-demo-'))
const gateway = await start(
  { PORT: '0', LOG_LEVEL: 'silent', RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}` },
  { sandbox: true },
)
const print = (line = '') => process.stdout.write(`${line}\n`)

const ask = async <T>(path: string, body?: object): Promise<{ status: number; body: T }> => {
  const response = await fetch(
    gateway.url + path,
    body
      ? {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }
      : {},
  )
  return { status: response.status, body: (await response.json()) as T }
}

try {
  print(
    `The gateway listens on ${gateway.url}, with one sandbox store per platform. One request ` +
      `for each:\n`,
  )
  const request = { store: 'sandbox-…', orderId: '…', ...WISHES }
  print(`  POST /v1/cancellations  ${JSON.stringify(request)}\n`)
  const { body: stores } = await ask<{ data: z.infer<typeof StoreAnswer>[] }>('/v1/stores')
  const rows: string[][] = [
    [
      'platform',
      'order',
      'HTTP',
      'status',
      'reason',
      'notify',
      'message',
      'restock',
      'payment',
      'calls',
    ],
  ]
  for (const { id, platform } of stores.data) {
    const { body: store } = await ask<z.infer<typeof StoreAnswer>>(`/v1/stores/${id}`)
    const order = store.examples?.find((example) => /(^|_)paid$/.test(example.id))
    if (!order) throw new Error(`${id} has no paid order to show`)
    const { status, body } = await ask<z.infer<typeof CancellationAnswer>>('/v1/cancellations', {
      store: id,
      orderId: order.id,
      ...WISHES,
    })
    if (status !== 201) throw new Error(`${id} answered ${status}: ${JSON.stringify(body)}`)
    const { effects } = body
    const money = effects.payment.amount
      ? ` ${effects.payment.amount.amount} ${effects.payment.amount.currency}`
      : ''
    rows.push([
      platform,
      order.id,
      String(status),
      body.status,
      effects.reason.outcome,
      effects.notify.outcome,
      effects.message.outcome,
      effects.restock.outcome,
      effects.payment.outcome + money,
      body.attempts.map(({ result }) => result).join(' '),
    ])
  }
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  print(
    '\napplied: asked and done · withheld: refused or not asked, and not done · forced: ' +
      'refused, done all the same · automatic: not asked, the platform does it by itself',
  )
  print('unsupported: asked, no way there · unverified: cannot be told')
} finally {
  await gateway.close()
  rmSync(folder, { recursive: true, force: true })
}
