/** `rescind alerts test` and what `doctor` says of the server of mails, with a real one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { CERTIFICATE } from '../alerts/certificate.ts'
import { openSmtp, PASSWORD } from '../alerts/smtp.ts'
import { answering, openReceiver } from '../gateway/deliveries/receiver.ts'
import { scratch } from '../scratch.ts'
import { jsonLines, run } from './bin.ts'

const open = async (password = PASSWORD) => {
  const folder = mkdtempSync(join(scratch, 'rescind-cli-alerts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { got: mails, port } = await openSmtp()
  const chat = await openReceiver(answering(200, {}, 'ok'))
  const [file, ca] = [join(folder, 'config.json'), join(folder, 'ca.pem')]
  writeFileSync(ca, CERTIFICATE)
  writeFileSync(
    file,
    JSON.stringify({
      stores: [],
      smtp: {
        host: 'localhost',
        port,
        user: 'rescind',
        password: { env: 'SMTP_PASSWORD' },
        from: 'rescind@example.com',
      },
      alerts: [
        { name: 'ops', mail: { to: ['ops@example.com'] } },
        { name: 'chat', slack: { url: `${chat.url}/secret-of-it`, allowPrivate: true } },
      ],
    }),
    { mode: 0o600 },
  )
  const env = {
    RESCIND_CONFIG: file,
    RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
    SMTP_PASSWORD: password,
    NODE_EXTRA_CA_CERTS: ca,
    LOG_LEVEL: 'silent',
    PORT: '0',
  }
  return { mails, chat, rescind: (...values: string[]) => run(values, { env, cwd: folder }) }
}

it('sends a test to every alert, or to one', async () => {
  const { mails, chat, rescind } = await open()
  const all = await rescind('alerts', 'test', '--json')
  expect(jsonLines(all.stdout)).toEqual([
    { name: 'ops', channel: 'mail', arrived: true, result: '250' },
    { name: 'chat', channel: 'slack', arrived: true, result: '200' },
  ])
  expect([all.status, mails.map(({ to }) => to), chat.received.length]).toEqual([
    0,
    [['ops@example.com']],
    1,
  ])
  expect((await rescind('alerts', 'test', 'chat')).stdout).toBe('chat (slack): sent, 200\n')
  expect(mails).toHaveLength(1)
  const unknown = await rescind('alerts', 'test', 'nobody')
  expect([unknown.status, unknown.stderr]).toEqual([
    2,
    expect.stringContaining('Known: ops, chat.'),
  ])
})

it('says that it did not arrive, and never where it goes', async () => {
  const { chat, rescind } = await open('wrong')
  chat.answer = answering(500)
  const { status, stdout, stderr } = await rescind('alerts', 'test')
  expect(status).toBe(1)
  expect(stdout).toBe('ops (mail): not sent, EAUTH 535\nchat (slack): not sent, 500\n')
  expect(stdout + stderr).not.toMatch(/ops@example|secret-of-it|canary/)
})

it('doctor logs in at the server of mails, and sends nothing', async () => {
  const { mails, chat, rescind } = await open()
  const { stdout } = await rescind('doctor')
  expect(stdout).toMatch(/✓ ok +smtp: localhost:\d+: it takes the login; nothing was sent/)
  expect(stdout).toContain('alerts: ops by mail to one address; chat to Slack')
  expect([mails, chat.received]).toEqual([[], []])
  expect(stdout).not.toMatch(/ops@example|secret-of-it|canary/)
})

it('doctor says what to mend where the server refuses', async () => {
  const { stdout, status } = await (await open('wrong')).rescind('doctor')
  expect(stdout).toMatch(/bad +smtp: localhost:\d+ cannot be used for mails: EAUTH 535/)
  expect(stdout).toContain('mend “user” and “password” of “smtp”')
  expect(status).toBe(1)
})
