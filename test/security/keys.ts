/**
 * The time of a refusal tells nothing of a key. Shown by how it is compared, not by a clock: what a
 * machine with other work on it measures proves nothing either way. Every configured hash is
 * compared, all 32 bytes of it, whatever was sent.
 */
import { Hono } from 'hono'
import { beforeAll, expect, vi } from 'vitest'
import type { CallerConfig } from '../../src/config/configuration.ts'
import { createAccess, type Env } from '../../src/http/auth.ts'
import { openKeys } from '../../src/http/keys.ts'
import type { ProblemError } from '../../src/model/problem.ts'
import { hashOf } from '../http/host.ts'
import { probe } from './probes.ts'

const KEYS = ['rsk_a-long-key-that-is-shared-to-its-last-letter-1', 'rsk_a2', 'rsk_b', 'rsk_c']
/**
 * Sixteen letters at most of what a wrong key has in common with a right one, or nothing, or nearly
 * all.
 */
const WRONG = [
  'x',
  'rsk_',
  ...KEYS.flatMap((key) => [
    key.slice(0, -1),
    `${key}x`,
    `${key.slice(0, -1)}~`,
    `~${key.slice(1)}`,
    key.toUpperCase(),
    key.repeat(50),
  ]),
]

export const keys = (): void => {
  let ask: (key: string) => Promise<string>
  beforeAll(async () => {
    const caller = async (name: string, ...own: string[]): Promise<CallerConfig> => ({
      name,
      keyHash: await Promise.all(own.map(hashOf)),
      scopes: ['read'],
      stores: ['*'],
      limits: undefined,
    })
    const [a = '', a2 = '', b = '', c = ''] = KEYS
    const entrance = createAccess(
      openKeys(await Promise.all([caller('a', a, a2), caller('b', b), caller('c', c)])),
    )('read')
    const app = new Hono<Env>()
      .get('/', entrance, (context) => context.text(context.get('caller').name))
      .onError((error, context) => context.text((error as ProblemError).problem.code))
    ask = async (key) =>
      (await app.request('/', { headers: { authorization: `Bearer ${key}` } })).text()
  })

  /** How many bytes each comparison went through. */
  const compared = async (key: string, said: string): Promise<number[]> => {
    const reduce = vi.spyOn(Uint8Array.prototype, 'reduce')
    try {
      expect(await ask(key)).toBe(said)
      return reduce.mock.contexts.map((hash) => (hash as Uint8Array).length)
    } finally {
      reduce.mockRestore()
    }
  }
  const whole = KEYS.map(() => 32)

  probe(
    'a wrong key is compared with every hash, whole, before any right one was seen',
    () => WRONG,
    async (key) => expect(await compared(key, 'unauthenticated')).toEqual(whole),
  )
  probe(
    'so is a right one, the first time, wherever its hash stands',
    () => KEYS.map((key, index) => [key, 'aabc'[index] ?? ''] as const),
    async ([key, name]) => expect(await compared(key, name)).toEqual(whole),
  )
  probe(
    'and a wrong one still, once the right ones are known',
    () => WRONG,
    async (key) => expect(await compared(key, 'unauthenticated')).toEqual(whole),
  )
}
