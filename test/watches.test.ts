/** What a gateway on Node looks at while it runs: its configuration, and the calendar. */
import type { Logger } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchExpiry } from '../src/hosts/node/expiry.ts'
import { watchConfig } from '../src/hosts/node/watch.ts'
import { openKeys } from '../src/http/keys.ts'

const START = Date.parse('2027-01-01T12:00:00Z')
const DAY = 86_400_000
const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

const watching = () => {
  /** What stands in the file, and what was loaded of it. */
  const file = { stands: 'a', loaded: 'a' }
  const told: string[] = []
  const watch = watchConfig({
    source: {
      look: async () => ({ isLoaded: file.stands === file.loaded, digest: file.stands }),
    },
    onChanged: () => void told.push(file.stands),
    onFault: (error) => {
      throw error
    },
  })
  const looks = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000)
  return { file, told, watch, looks }
}

it('what changes is told once it has looked the same twice, for it may be half written', async () => {
  const { file, told, looks, watch } = watching()
  await looks(3)
  expect(told).toEqual([])
  for (const half of ['b1', 'b12', 'b123']) {
    file.stands = half
    await looks(1)
  }
  expect(told).toEqual([])
  await looks(1)
  expect(told).toEqual(['b123'])
  watch.stop()
})

it('what was refused is told once, however long it stands; the same mistake later is told again', async () => {
  const { file, told, looks, watch } = watching()
  file.stands = 'wrong'
  await looks(10)
  expect(told).toEqual(['wrong'])
  // Put back as it runs, which is nothing new.
  file.stands = 'a'
  await looks(3)
  file.stands = 'wrong'
  await looks(3)
  expect(told).toEqual(['wrong', 'wrong'])
  watch.stop()
  file.stands = 'c'
  await looks(5)
  expect(told).toHaveLength(2)
})

it('keys that end within two weeks are told of at the start and once a day, those that have too', async () => {
  const key = (name: string, expires: string, digit: string) => ({
    name,
    hash: HASH.replace('0', digit),
    expires,
  })
  const keys = openKeys([
    {
      name: 'erp',
      keyHash: [HASH, key('far', '2027-01-15', '1'), key('near', '2027-01-01', '2')],
      scopes: ['read'],
      stores: ['*'],
    },
  ])
  const lines: unknown[] = []
  const log = {
    warn: ({ key: name }: { key: string }, message: string) => lines.push([name, message]),
  } as unknown as Logger
  const watch = watchExpiry(keys, log)
  expect(lines.splice(0)).toEqual([['near', 'this key expires soon']])
  await vi.advanceTimersByTimeAsync(DAY)
  expect(lines.splice(0)).toEqual([
    ['far', 'this key expires soon'],
    ['near', 'this key has expired'],
  ])
  await vi.advanceTimersByTimeAsync(DAY - 1_000)
  expect(lines).toEqual([])
  // By the keys of now.
  keys.replace([{ name: 'erp', keyHash: [HASH], scopes: ['read'], stores: ['*'] }])
  await vi.advanceTimersByTimeAsync(DAY)
  expect(lines).toEqual([])
  watch.stop()
})
