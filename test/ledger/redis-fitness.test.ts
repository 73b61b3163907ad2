/** Whether a Redis is fit to keep a ledger: asked before it is used, and while it is. */
import { inspect } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openRedisLedger } from '../../src/ledger/redis/redis.ts'
import { claim, draft, take } from './records.ts'
import { describeRedis } from './redis-server.ts'
import { PAUSE_MS, DURABLE, serve, open, client } from './redis-trouble.ts'

describeRedis('whether a redis is fit to keep a ledger', () => {
  it.each([
    [
      'forgets on restart',
      ['--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
      /appendonly is no/,
    ],
    [
      'evicts',
      ['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru'],
      /maxmemory-policy is allkeys-lru/,
    ],
    ['never syncs', [...DURABLE, '--appendfsync', 'no'], /appendfsync is no/],
    [
      'forgets and evicts',
      ['--maxmemory-policy', 'volatile-lru'],
      /appendonly is no and must be yes; maxmemory-policy is volatile-lru/,
    ],
  ])(
    'refuses a server that %s, unless told otherwise, and then says so',
    async (_, settings, reason) => {
      const server = await serve(...settings)
      await expect(open(server)).rejects.toThrow(reason)
      const warn = vi.fn<(message: string) => void>()
      const ledger = await open(server, { allowVolatile: true, warn })
      await ledger.ready()
      await claim(ledger, draft())
      expect(warn.mock.calls).toEqual([[expect.stringMatching(reason)]])
    },
  )

  it('takes a durable server without a word', async () => {
    const warn = vi.fn<(message: string) => void>()
    await claim(await open(await serve(), { warn }), draft())
    expect(warn).not.toHaveBeenCalled()
  })

  it('tells once of a clock unlike the server’s, also one that changes while it runs', async () => {
    const [server, clock, warn] = [
      await serve(),
      { aheadMs: 0 },
      vi.fn<(message: string) => void>(),
    ]
    const ledger = await openRedisLedger(server.url, {
      pauseMs: PAUSE_MS,
      clock: () => Date.now() + clock.aheadMs,
      warn,
    })
    onTestFinished(() => ledger.close())
    await ledger.ready()
    expect(warn).not.toHaveBeenCalled()
    clock.aheadMs = -300_000
    await ledger.ready()
    await ledger.ready()
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/(299|300) s behind Redis’s/)]])
  })

  it('asks INFO where CONFIG is forbidden, and refuses where both are', async () => {
    const server = await serve(...DURABLE, '--rename-command', 'CONFIG', '')
    const quiet = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => quiet.mockRestore())
    await claim(await open(server), draft())
    await client(server).call('ACL', 'SETUSER', 'limited', 'on', '>canary', '~*', '+@all', '-info')
    const limited = { url: server.url.replace('//', '//limited:canary@') }
    const refusal = await open(limited).catch((error: unknown) => error)
    expect((refusal as Error).message).toMatch(/appendonly is not readable/)
    expect(inspect(refusal, { depth: 9 })).not.toContain('canary')
    const ledger = await open(limited, { allowVolatile: true })
    await take(ledger, await claim(ledger, draft()), 'lock')
  })

  it('a server that became unfit takes no more writes until it is mended', async () => {
    const server = await serve()
    const ledger = await open(server)
    const admin = client(server)
    await admin.config('SET', 'maxmemory-policy', 'allkeys-random')
    await expect(ledger.ready()).rejects.toThrow(/maxmemory-policy/)
    await expect(ledger.claim(draft(), null)).rejects.toThrow(/maxmemory-policy/)
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await claim(ledger, draft())
  })

  it('refuses a ledger of a later version', async () => {
    const server = await serve()
    await (await open(server)).close()
    await client(server).set('{rescind}:schema', 99)
    await expect(open(server)).rejects.toThrow(/version 99.*newer program/)
  })
})
