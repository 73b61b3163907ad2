/** Where a webhook may lead, judged by the text of its URL and by what its name leads to. */
import { lookup } from 'node:dns/promises'
import { expect, test } from 'vitest'
import { isReachable, type Reach, refusalOf } from '../../../src/connection/address.ts'
import { openTransport } from '../../../src/connection/transport-undici.ts'
import { TransportError } from '../../../src/connection/transport.ts'
import { openBench, openReceiver, owedTo, webhookTo } from './receiver.ts'

const NOTHING: Reach = { allowHttp: false, allowPrivate: false, allowLoopback: false }
const may = (over: Partial<Reach>): Reach => ({ ...NOTHING, ...over })
const ALL = may({ allowHttp: true, allowPrivate: true, allowLoopback: true })

const MACHINE = /leads to this machine/
const NO_INTERNET = /no address in the internet/
test.each<[string, RegExp]>([
  ['https://2130706433/', MACHINE],
  ['https://0x7f.1/', MACHINE],
  ['https://017700000001/', MACHINE],
  ['https://127.0.0.1./', MACHINE],
  ['https://①②⑦.0.0.1/', MACHINE],
  ['https://[::ffff:127.0.0.1]/', MACHINE],
  ['https://[::1]/', MACHINE],
  ['https://localhost/', MACHINE],
  ['https://LOCALHOST./', MACHINE],
  ['https://erp.localhost/', MACHINE],
  ['https://loc%61lhost/', MACHINE],
  ['https://[::127.0.0.1]/', NO_INTERNET],
  ['https://[64:ff9b::127.0.0.1]/', NO_INTERNET],
  ['https://[2002:7f00:1::]/', NO_INTERNET],
  ['https://[fd00::1]/', NO_INTERNET],
  ['https://[fe80::1]/', NO_INTERNET],
  ['https://[4000::1]/', NO_INTERNET],
  ['https://0.0.0.0/', NO_INTERNET],
  ['https://0/', NO_INTERNET],
  ['https://10.0.0.1/', NO_INTERNET],
  ['https://192.168.0.1/', NO_INTERNET],
  ['https://100.64.0.1/', NO_INTERNET],
  ['https://169.254.169.254/latest/meta-data', NO_INTERNET],
  ['https://224.0.0.1/', NO_INTERNET],
  ['https://255.255.255.255/', NO_INTERNET],
  ['https://198.51.100.7/', NO_INTERNET],
  ['https://user:pass@erp.example.com/', /user name or password/],
  ['https://:pass@erp.example.com/', /user name or password/],
  ['https://erp.example.com/#hooks', /no fragment/],
  ['https://erp.example.com/#', /no fragment/],
  ['http://erp.example.com/', /must be https/],
  ['ftp://erp.example.com/', /must be https/],
  ['file:///etc/passwd', /must be https/],
  ['erp.example.com/hooks', /is not a URL/],
  ['https://', /is not a URL/],
  ['https://rescind.example.com/v1/cancellations', /this gateway itself/],
  ['https://Rescind.Example.com.:443/hooks', /this gateway itself/],
])('%s is refused', (url, why) => {
  expect(refusalOf(url, NOTHING, ['https://rescind.example.com'])).toMatch(why)
})

test.each<[string, Reach]>([
  ['https://erp.example.com/hooks/rescind?tenant=1', NOTHING],
  ['https://8.8.8.8/', NOTHING],
  ['https://[2606:4700::1111]:8443/', NOTHING],
  ['http://erp.example.com/', may({ allowHttp: true })],
  ['https://10.0.0.1/', may({ allowPrivate: true })],
  ['https://[fd00::1]/', may({ allowPrivate: true })],
  ['http://127.0.0.1:9000/', may({ allowLoopback: true })],
  ['http://localhost:9000/', may({ allowLoopback: true })],
])('%s may be sent to with %j', (url, reach) => {
  expect(refusalOf(url, reach, ['https://rescind.example.com'])).toBeNull()
})

test('what is allowed beyond the internet allows nothing else', () => {
  const { allowLoopback, ...beyond } = ALL
  expect(allowLoopback).toBe(true)
  for (const url of ['http://169.254.169.254/', 'http://0.0.0.0/', 'http://[::127.0.0.1]/'])
    expect(refusalOf(url, ALL)).toMatch(NO_INTERNET)
  expect(refusalOf('http://127.0.0.1/', may(beyond))).toMatch(MACHINE)
  expect(refusalOf('http://10.0.0.1/', may({ allowPrivate: true }))).toMatch(/must be https/)
  expect(refusalOf('http://10.0.0.1/', may({ allowHttp: true }))).toMatch(NO_INTERNET)
  expect(refusalOf('http://rescind.example.com/', ALL, ['http://rescind.example.com'])).toMatch(
    /this gateway itself/,
  )
})

test('an address is judged by what it is underneath, and what is none is refused', () => {
  const addresses = ['::ffff:10.0.0.1', '::ffff:169.254.169.254', '::7f00:1', 'fe80::1%eth0', 'erp']
  expect(addresses.filter((address) => isReachable(address, NOTHING))).toEqual([])
  expect(isReachable('::ffff:8.8.8.8', NOTHING)).toBe(true)
})

test('a name that leads into the own network is refused at look-up, nothing connects', async () => {
  const receiver = await openReceiver()
  expect((await lookup('localhost')).address).toMatch(/^(?:127\.0\.0\.1|::1)$/)
  const asked: string[] = []
  const { transport, close } = openTransport((address) => {
    asked.push(address)
    return isReachable(address, NOTHING)
  })
  const webhook = webhookTo(`http://localhost:${receiver.port}/hooks`)
  const { ledger, sender, tried, faults } = openBench([webhook], {
    transportFor: () => transport,
  })
  await ledger.deliveries.owe([owedTo(webhook, 'can_1')])
  await sender.tick()
  await close()
  expect(tried.map(({ outcome }) => outcome.result)).toEqual(['unreachable (EADDRFORBIDDEN)'])
  expect([receiver.connections(), receiver.received, faults]).toEqual([0, [], []])
  expect(asked.length).toBeGreaterThan(0)
})

test('of the addresses of a name only those that are allowed are connected to', async () => {
  const receiver = await openReceiver()
  const { transport, close } = openTransport((address) => address === '127.0.0.1')
  const answer = await transport({
    url: `http://localhost:${receiver.port}/hooks`,
    method: 'POST',
    headers: {},
    body: null,
    signal: AbortSignal.timeout(2_000),
    maxBytes: 1,
  })
  await close()
  expect([answer.status, receiver.connections()]).toEqual([204, 1])
})

test('a literal address is never looked up: only judging its URL keeps it out', async () => {
  const receiver = await openReceiver()
  const asked: string[] = []
  const { transport, close } = openTransport((address) => {
    asked.push(address)
    return false
  })
  const call = (host: string) =>
    transport({
      url: `http://${host}:${receiver.port}/hooks`,
      method: 'POST',
      headers: {},
      body: null,
      signal: AbortSignal.timeout(2_000),
      maxBytes: 1,
    }).catch((error: unknown) => error)
  expect(await call('2130706433')).toMatchObject({ status: 204 })
  expect([asked, receiver.connections()]).toEqual([[], 1])
  expect(await call('localhost')).toBeInstanceOf(TransportError)
  expect([asked.length > 0, receiver.connections()]).toEqual([true, 1])
  await close()
  expect(refusalOf(`http://2130706433:${receiver.port}/hooks`, NOTHING)).toMatch(MACHINE)
})
