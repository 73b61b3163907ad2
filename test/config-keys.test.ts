/** Keys with names and ends, and values that stand in files: what is taken, and how it is refused. */
import { describe, expect, it } from 'vitest'
import { platforms } from '../src/hosts/platforms.ts'
import { ConfigError, type HostReads, readConfig } from '../src/config/configuration.ts'
import { endOf, keyOf } from '../src/config/keys.ts'

const adapters = platforms.map(({ adapter }) => adapter)
const SECRET = 'canary-81d7'
const HASH = `sha256:${'0123456789abcdef'.repeat(4)}`
const OTHER = HASH.replace('0', '1')
const settings: object = { baseUrl: 'https://shop.example', secretKey: `sk_${SECRET}` }

type Files = HostReads['fileOf']
const read = (keyHash: unknown, of = settings, fileOf?: Files) =>
  readConfig(
    {
      stores: [{ id: 'paris', platform: 'medusa', settings: of }],
      callers: [{ name: 'erp', keyHash, scopes: ['read'], stores: ['*'] }],
    },
    {},
    adapters,
    { fileOf },
  )
const mistakes = (...asked: Parameters<typeof read>): string[] => {
  try {
    read(...asked)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).not.toContain(SECRET)
    return (error as Error).message.split('\n')
  }
  return []
}

describe('a key', () => {
  it('is its hash, or that with a name and an end, beside each other', () => {
    const named = { name: 'laptop 2026', hash: HASH.toUpperCase(), expires: '2027-01-31' }
    const [caller] = read([OTHER, named]).callers
    expect(caller?.keyHash.map(keyOf)).toEqual([
      { name: null, hash: OTHER, expiresAt: null },
      { name: 'laptop 2026', hash: HASH, expiresAt: Date.parse('2027-02-01T00:00:00Z') },
    ])
    expect(read({ name: 'alone', hash: HASH }).callers[0]?.keyHash).toEqual([
      { name: 'alone', hash: HASH },
    ])
  })

  it('is taken to the end of its last day in UTC, or to its time', () => {
    expect(endOf('2024-02-29')).toBe(Date.parse('2024-03-01T00:00:00Z'))
    expect(endOf('2027-01-31T12:30:00Z')).toBe(Date.parse('2027-01-31T12:30:00Z'))
    // One that is over is no mistake: the gateway must start with it.
    expect(mistakes([{ name: 'old', hash: HASH, expires: '2001-01-01' }])).toEqual([])
  })

  it.each<[string, unknown, RegExp]>([
    ['no hash', { name: 'a' }, /^callers\[0\]\.keyHash\[0\]\.hash: must be "sha256:"/],
    ['the key itself', { name: 'a', hash: SECRET }, /^callers\[0\]\.keyHash\[0\]\.hash: must be/],
    ['no name', { hash: HASH }, /^callers\[0\]\.keyHash\[0\]\.name: must be 1 to 64 visible/],
    ['an empty name', { name: '', hash: HASH }, /\.name: must be 1 to 64 visible/],
    ['a name too long', { name: 'x'.repeat(65), hash: HASH }, /\.name: must be 1 to 64/],
    ['a name that nobody sees', { name: 'a\u200bb', hash: HASH }, /\.name: must be 1 to 64/],
    ['a name with a blank around', { name: ' a', hash: HASH }, /\.name: must be 1 to 64/],
    [
      'a day that there is not',
      { name: 'a', hash: HASH, expires: '2027-02-29' },
      /\.expires: must/,
    ],
    ['a time without its zone', { name: 'a', hash: HASH, expires: '2027-01-31T12:00:00' }, /\.exp/],
    ['a time elsewhere', { name: 'a', hash: HASH, expires: '2027-01-31T12:00:00+02:00' }, /\.exp/],
    ['a number', { name: 'a', hash: HASH, expires: 2027 }, /\.expires: must be a day/],
    ['a stranger', { name: 'a', hash: HASH, expiry: '2027-01-01' }, /keyHash\[0\]: .*"expiry"/],
  ])('%s is refused by its place', (_, key, says) => {
    expect(mistakes([key])).toEqual([expect.stringMatching(says)])
  })

  it('has a name of its own among its caller’s, and stands there once', () => {
    expect(
      mistakes([
        { name: 'a', hash: HASH },
        { name: 'a', hash: OTHER },
      ]),
    ).toEqual(['callers[0].keyHash[1].name: another key of this caller has this name too'])
    expect(mistakes([HASH, { name: 'a', hash: HASH, expires: '2027-01-01' }])).toEqual([
      'callers[0].keyHash[1].hash: this key stands here twice',
    ])
    expect(mistakes([HASH, HASH])).toEqual([])
  })
})

describe('a value in a file', () => {
  const secret = (fileOf?: Files) =>
    mistakes(HASH, { ...settings, secretKey: { file: `/${SECRET}` } }, fileOf)

  it('is what stands there, without the line break at its end', () => {
    for (const end of ['', '\n', '\r\n'])
      expect(
        read(HASH, { ...settings, secretKey: { file: '/run/x' } }, (name) => ({
          text: `sk:${name}${end}`,
        })).stores[0]?.settings,
      ).toMatchObject({ secretKey: 'sk:/run/x' })
  })

  it('is refused by its place in the configuration, never by what was written for it', () => {
    const at = 'stores[0].settings.secretKey'
    expect(secret(() => ({ why: 'cannot be read: ENOENT' }))).toEqual([
      `${at}: the file named here cannot be read: ENOENT`,
    ])
    expect(secret(() => ({ text: '\n' }))).toEqual([`${at}: the file named here is empty`])
    expect(secret()).toEqual([`${at}: files are read on Node only`])
  })
})
