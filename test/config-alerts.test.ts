/**
 * Alerts and the server of mails in the configuration: every mistake is named with its place, and no
 * value is repeated.
 */
import { describe, expect, it } from 'vitest'
import { readPeople } from '../src/config/alerts.ts'
import { ConfigError, readConfig } from '../src/config/configuration.ts'
import { platforms } from '../src/hosts/platforms.ts'
import { openContext } from '../src/hosts/workers/context.ts'

const CANARY = 'canary-7d2f9'
const smtp = { host: 'mail.example.com', from: 'rescind@example.com' }
const mail = { name: 'ops', mail: { to: ['ops@example.com'] } }
const slack = { name: 'chat', slack: { url: 'https://hooks.slack.example/services/T/B/1' } }

const read = (more: object, environment: Record<string, string> = {}) =>
  readConfig(
    {
      stores: [
        {
          id: 'paris',
          platform: 'medusa',
          settings: { baseUrl: 'https://shop.example', secretKey: 'sk_1' },
        },
      ],
      ...more,
    },
    environment,
    platforms.map(({ adapter }) => adapter),
    { readPeople },
  )

const mistakes = (more: object, environment: Record<string, string> = {}): string[] => {
  try {
    read(more, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as Error).message).not.toContain(CANARY)
    return (error as Error).message.split('\n')
  }
  return []
}

describe('what is right', () => {
  it('tells all of everything, at most every quarter of an hour, unless it says otherwise', () => {
    expect(read({ smtp, alerts: [mail] })).toMatchObject({
      smtp: {
        host: 'mail.example.com',
        port: 587,
        secure: false,
        allowPlain: false,
        login: null,
        from: { name: 'Rescind', address: 'rescind@example.com' },
      },
      alerts: [
        {
          id: '{"alert":"ops"}',
          name: 'ops',
          channel: { kind: 'mail', to: ['ops@example.com'] },
          stores: null,
          events: null,
          quietMs: 900_000,
        },
      ],
    })
    const some = { ...slack, stores: ['paris'], events: ['link.diverged'], quietMs: 60_000 }
    expect(read({ alerts: [some] }).alerts).toMatchObject([
      { stores: ['paris'], events: new Set(['link.diverged']), quietMs: 60_000 },
    ])
  })
  it('takes secrets from the environment', () => {
    const { smtp: server, alerts } = read(
      {
        smtp: { ...smtp, port: 465, user: 'rescind', password: { env: 'SMTP_PASSWORD' } },
        alerts: [{ name: 'teams', teams: { url: { env: 'TEAMS_URL' } } }],
      },
      { SMTP_PASSWORD: 'secret', TEAMS_URL: 'https://teams.example/hook' },
    )
    expect(server).toMatchObject({ secure: true, login: { user: 'rescind', password: 'secret' } })
    expect(alerts).toMatchObject([
      { channel: { kind: 'teams', url: 'https://teams.example/hook' } },
    ])
  })
  it('names who sends', () => {
    const from = 'Orders of Acme <orders@example.com>'
    expect(read({ smtp: { ...smtp, from } }).smtp?.from).toEqual({
      name: 'Orders of Acme',
      address: 'orders@example.com',
    })
  })
  it('is nobody, where nothing is said', () => {
    expect(read({})).toMatchObject({ alerts: [], smtp: null })
  })
})

describe('what is wrong', () => {
  it('is named with its place, all of it', () => {
    expect(
      mistakes({
        smtp: { host: 'a b', port: 0, from: `${CANARY}@`, user: 'x' },
        alerts: [
          { name: 'a b', mail: { to: [] } },
          { name: 'ops', mail: { to: [CANARY, 'ops@example.com\r\nBcc: evil@example.com'] } },
          { name: 'both', mail: { to: ['ops@example.com'] }, slack: slack.slack },
          { name: 'none' },
          { name: 'fast', slack: slack.slack, quietMs: 1_000 },
          { name: 'other', slack: slack.slack, events: ['batch.finished'] },
          { name: 'more', slack: slack.slack, shout: true },
        ],
      }).map((line) => line.split(': ')[0]),
    ).toEqual([
      'smtp.host',
      'smtp.port',
      'smtp.from',
      'alerts[0].name',
      'alerts[0].mail.to',
      'alerts[1].mail.to[0]',
      'alerts[1].mail.to[1]',
      'alerts[2]',
      'alerts[3]',
      'alerts[4].quietMs',
      'alerts[5].events[0]',
      'alerts[6]',
    ])
  })
  it('is a mail without a server, a store that is not there, a name twice', () => {
    expect(mistakes({ alerts: [mail, { ...slack, name: 'ops', stores: ['rome'] }] })).toEqual([
      'alerts[0].mail: needs “smtp” beside “alerts”, the server of mails',
      'alerts[1].name: another alert has this name too',
      'alerts[1].stores: there is no store rome',
    ])
  })
  it('is a login without its other half, a variable without a value', () => {
    expect(mistakes({ smtp: { ...smtp, user: 'rescind' } })).toEqual([
      'smtp: takes “user” and “password” together, or neither',
    ])
    expect(mistakes({ smtp: { ...smtp, user: 'x', password: { env: 'UNSET' } } })).toEqual([
      'smtp.password: the environment variable UNSET is not set',
    ])
  })
  it('is a URL that leads back into the network', () => {
    for (const url of [
      `http://hooks.example/${CANARY}`,
      `https://127.0.0.1/${CANARY}`,
      `https://10.1.2.3/${CANARY}`,
      `https://[::1]/${CANARY}`,
      `https://user:${CANARY}@hooks.example/`,
      CANARY,
    ])
      expect(mistakes({ alerts: [{ name: 'chat', slack: { url } }] })).toEqual([
        expect.stringMatching(/^alerts\[0\]\.slack\.url: \S/),
      ])
    const url = 'https://10.1.2.3/hook'
    expect(mistakes({ alerts: [{ name: 'chat', slack: { url, allowPrivate: true } }] })).toEqual([])
  })
})

describe('on Workers', () => {
  it.each([
    ['alerts', { alerts: [slack] }],
    ['smtp', { smtp }],
  ])('nobody can be told, so %s are refused', async (name, more) => {
    const RESCIND_CONFIG = JSON.stringify({ stores: [], ...more })
    await expect(openContext({ RESCIND_CONFIG } as never)).rejects.toThrow(
      `${name}: people are told by the gateway on Node alone`,
    )
  })
})
