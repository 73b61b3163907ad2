/** Secrets are read strictly; signatures pass two implementations of others. */
import { execFileSync, spawnSync } from 'node:child_process'
import { Webhook as Judge } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { readSecret, signatureOf } from '../../../src/connection/signing.ts'
import { openBench, openReceiver, owedTo, SECRET, webhookTo } from './receiver.ts'

const base64 = (bytes: number) => Buffer.alloc(bytes, 0xfb).toString('base64')

test('a secret is strict base64 of 24 to 64 bytes, with its prefix or without', () => {
  for (const bytes of [24, 32, 33, 64]) {
    expect(readSecret(base64(bytes))).toEqual(new Uint8Array(bytes).fill(0xfb))
    expect(readSecret(`whsec_${base64(bytes)}`)).toEqual(new Uint8Array(bytes).fill(0xfb))
  }
  const bad = [
    '',
    'whsec_',
    base64(23),
    base64(65),
    `${base64(32)}\n`,
    ` ${base64(32)}`,
    base64(32).replace('=', ''),
    Buffer.alloc(32, 0xfb).toString('base64url'),
    base64(32).replace(/.=$/, '9='),
    `whsec_whsec_${base64(32)}`,
    `WHSEC_${base64(32)}`,
    'a secret that is not base64 at all, but long enough',
  ]
  expect(bad.filter((secret) => readSecret(secret) !== null)).toEqual([])
})

test('the example of the standard', async () => {
  // github.com/standard-webhooks/standard-webhooks, libraries/javascript: its tests' own values.
  const key = readSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') as Uint8Array<ArrayBuffer>
  expect(
    await signatureOf([key], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}'),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

const OLD = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const ODD = '{"text":"„Ünï…“ 日本 💸 a.b.c","n":1.5}'

/** Real deliveries, signed by two secrets, at the real time. */
const deliver = async () => {
  const receiver = await openReceiver()
  const keys = [SECRET, OLD].map((secret) => readSecret(secret) as Uint8Array<ArrayBuffer>)
  const webhook = webhookTo(receiver.url, { keys })
  const clock = {
    get now() {
      return Date.now()
    },
  }
  const { ledger, sender } = openBench([webhook], { clock })
  await ledger.deliveries.owe([
    owedTo(webhook, 'can_1'),
    owedTo(webhook, 'can_2', 7, { body: ODD }),
    owedTo(webhook, 'link_SO 4711.ü\ud800', 3),
  ])
  await sender.tick()
  expect(receiver.received).toHaveLength(3)
  return receiver.received
}

test('real deliveries pass the standardwebhooks library, changed ones do not', async () => {
  const received = await deliver()
  for (const secret of [SECRET, OLD])
    for (const { headers, body } of received)
      expect(new Judge(secret).verify(body, headers)).toEqual(JSON.parse(body))
  const [{ headers, body } = received[0]!] = received
  const judge = new Judge(SECRET)
  const other = new Judge(Buffer.alloc(32, 8).toString('base64'))
  expect(() => other.verify(body, headers)).toThrow('No matching signature')
  expect(() => judge.verify(`${body} `, headers)).toThrow('No matching signature')
  expect(() => judge.verify(body, { ...headers, 'webhook-id': 'evt_can_1_2' })).toThrow()
  const later = String(Number(headers['webhook-timestamp']) + 1)
  expect(() => judge.verify(body, { ...headers, 'webhook-timestamp': later })).toThrow()
})

test('an id is plain text without a dot, whatever its subject is called', async () => {
  const received = await deliver()
  expect(received.map(({ id }) => id).toSorted()).toEqual([
    'evt_can_1_1',
    'evt_can_2_7',
    'evt_link_SO%204711%2E%C3%BC%EF%BF%BD_3',
  ])
})

const hasPython = spawnSync('python3', ['-c', 'pass']).status === 0
if (!hasPython)
  process.stderr.write('no python3: signatures are not verified by another language here\n')

const PYTHON = `
import base64, hashlib, hmac, json, sys
given = json.load(sys.stdin)
for secret in given["secrets"]:
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    for one in given["received"]:
        h = one["headers"]
        signed = ".".join([h["webhook-id"], h["webhook-timestamp"], one["body"]]).encode()
        mine = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        print(any(hmac.compare_digest(mine, s) for s in h["webhook-signature"].split(" ")))
`

test.skipIf(!hasPython)('real deliveries pass the standard library of Python', async () => {
  const received = await deliver()
  const verdicts = (secrets: readonly string[]) =>
    execFileSync('python3', ['-c', PYTHON], { input: JSON.stringify({ secrets, received }) })
      .toString()
      .trim()
      .split(/\s+/)
  expect(verdicts([SECRET, OLD])).toEqual(Array(6).fill('True'))
  expect(verdicts([base64(32)])).toEqual(Array(3).fill('False'))
})
