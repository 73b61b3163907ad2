/** One buyer's data is erased before a terminal, with the real program: only where a person said so. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { scratch } from '../scratch.ts'
import { hasScript, jsonLines, run, runOnTerminal } from './bin.ts'

const KEY = 'rsk_canary-of-the-eraser'

let host: NodeHost
let cwd: string
beforeAll(async () => {
  host = await openNode({
    stores: ['paris'],
    callers: [{ name: 'erp', key: KEY, scopes: ['cancel', 'read', 'operate'], stores: ['*'] }],
  })
  cwd = mkdtempSync(join(scratch, 'rescind-erase-'))
})
afterAll(async () => {
  await host.close()
  rmSync(cwd, { recursive: true })
})
const options = () => ({ cwd, env: { RESCIND_URL: host.url, RESCIND_KEY: KEY } })
const canceled = async (name: string) => {
  const client = createClient({ baseUrl: host.url, key: KEY })
  const { id } = await client.cancel({
    store: 'paris',
    orderId: `order_open-${name}`,
    reason: 'why',
  })
  return { id, reason: async () => (await client.get(id)).reason }
}

it('where nobody can be asked nothing is erased, and the command that does is told', async () => {
  const { reason } = await canceled('a')
  const { status, stderr } = await run(['erase', 'paris', 'order_open-a'], options())
  expect([status, await reason()]).toEqual([2, 'why'])
  expect(stderr).toContain('rescind erase paris order_open-a --yes')
})

it('with --yes it is, once', async () => {
  const { reason } = await canceled('b')
  const words = ['erase', 'paris', 'order_open-b', 'order_nothing', '--yes']
  const { status, stdout } = await run(words, options())
  expect([status, stdout, await reason()]).toEqual([0, 'Erased: 1 record.\n', null])
  const again = await run([...words, '--json'], options())
  expect(jsonLines(again.stdout)).toEqual([
    { records: 0, rows: 0, deliveries: 0, links: 0, keys: 0 },
  ])
  expect((await run(words, options())).stdout).toBe('There was nothing to erase.\n')
})

it.skipIf(!hasScript)('a person is asked, and anything but a yes is a no', async () => {
  const { reason } = await canceled('c')
  const no = await runOnTerminal(
    ['erase', 'paris', 'order_open-c'],
    [['Erase it?', '\r']],
    options(),
  )
  expect([no.status, await reason()]).toEqual([3, 'why'])
  const yes = await runOnTerminal(
    ['erase', 'paris', 'order_open-c'],
    [['Erase it?', 'y\r']],
    options(),
  )
  expect([yes.status, await reason()]).toEqual([0, null])
})
