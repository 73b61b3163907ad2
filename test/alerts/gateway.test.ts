/**
 * The gateway as people start it tells by mail, in Slack and in Teams, over real servers; once,
 * over a restart; and says nowhere where it told.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { answering, openReceiver } from '../gateway/deliveries/receiver.ts'
import { openProgram } from '../http/program.ts'
import { CERTIFICATE } from './certificate.ts'
import { puzzling } from './people.ts'
import { openSmtp, PASSWORD } from './smtp.ts'

const SECRET = 'canary-of-the-address'
const WAIT = { timeout: 20_000, interval: 50 }

const open = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-alerts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [mails, slack, teams] = await Promise.all([
    openSmtp(),
    openReceiver(answering(200, {}, 'ok')),
    openReceiver(answering(503)),
  ])
  const path = join(folder, 'ledger.db')
  const claim = async (name: string) => {
    const ledger = openSqliteLedger(path)
    await ledger.claim(puzzling(name, Date.now() - 60_000), null)
    await ledger.close()
  }
  writeFileSync(join(folder, 'ca.pem'), CERTIFICATE)
  const config = {
    stores: [
      {
        id: 'shop',
        platform: 'medusa',
        sweep: false,
        settings: { baseUrl: 'http://127.0.0.1:9', secretKey: 'sk' },
      },
    ],
    smtp: {
      host: 'localhost',
      port: mails.port,
      user: 'rescind',
      password: { env: 'SMTP_PASSWORD' },
      from: 'rescind@example.com',
    },
    alerts: [
      { name: 'ops', mail: { to: ['canary@example.com'] } },
      { name: 'chat', slack: { url: { env: 'SLACK_URL' }, allowPrivate: true } },
      { name: 'team', teams: { url: { env: 'TEAMS_URL' }, allowPrivate: true } },
    ],
  }
  const env = {
    RESCIND_LEDGER: `sqlite:${path}`,
    RESCIND_URL: 'https://rescind.example/',
    SMTP_PASSWORD: PASSWORD,
    SLACK_URL: `${slack.url}/${SECRET}`,
    TEAMS_URL: `${teams.url}/${SECRET}`,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  }
  const serve = async () => {
    const gateway = await openProgram(config, undefined, { env })
    onTestFinished(gateway.close)
    return gateway
  }
  return { mails, slack, teams, claim, serve }
}

it('a gateway tells once, over a restart, and never where', { timeout: 90_000 }, async () => {
  const { mails, slack, teams, claim, serve } = await open()
  await claim('1')
  const first = await serve()
  const metric = async (gateway: typeof first, name: string) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    )
  }
  await vi.waitFor(() => {
    expect([mails.got.length, slack.received.length, teams.received.length]).toEqual([1, 1, 1])
  }, WAIT)
  const link = 'https://rescind.example/console/cancellations/can_00000000000000000000000001'
  const mail = mails.got[0]?.raw.replaceAll('=\r\n', '') ?? ''
  expect(mail).toMatch(/^Subject: 1 order needs you at shop\r$/m)
  expect(mail).toContain(link)
  expect(slack.received[0]?.body).toContain(link)
  expect(mail + slack.received[0]?.body + teams.received[0]?.body).not.toMatch(
    /\bAda\b|ada@example|Lovelace/,
  )
  await vi.waitFor(async () => {
    expect(await metric(first, 'rescind_alert_failing_seconds{alert="team"}')).toBeGreaterThan(0)
  }, WAIT)
  expect(await metric(first, 'rescind_alert_failing_seconds{alert="ops"}')).toBe(0)
  expect(await metric(first, 'rescind_alert_messages_total{alert="chat",outcome="arrived"}')).toBe(
    1,
  )
  expect(first.lines()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ msg: 'people were told', alert: 'ops', result: '250' }),
      expect.objectContaining({
        level: 'warn',
        msg: 'people were not told yet',
        alert: 'team',
        channel: 'teams',
        result: '503',
      }),
    ]),
  )
  const page = await (await fetch(`${first.url}/console/messages`)).text()
  expect(page).toContain('1 order needs you at shop')
  const shown = await (await fetch(`${first.url}/metrics`)).text()
  expect(first.output() + page + shown).not.toMatch(/canary/)
  await first.stop()

  await claim('2')
  const second = await serve()
  // What each was told last is read at every look, and nothing but the looks reads it here.
  const looks = 'rescind_ledger_operation_seconds_count{operation="deliveries.of"}'
  await vi.waitFor(async () => expect(await metric(second, looks)).toBeGreaterThan(2), WAIT)
  expect([mails.got.length, slack.received.length]).toEqual([1, 1])
  await second.stop()
})
