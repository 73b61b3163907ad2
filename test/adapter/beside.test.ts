/** What a body says beside its data: how long to stay away. */
import { describe, expect, test } from 'vitest'
import { type Answer, failing } from './acme.ts'

describe('a wait', () => {
  test.each([
    [
      'in the body, which is a word of too many calls',
      { status: 503, text: '{"code":"paused","waitMs":1499.2}' },
      { kind: 'unsent', code: 'platform-throttled', retryAfterMs: 1_500 },
    ],
    [
      'in body and header, of which the longer counts',
      { status: 429, text: '{"waitMs":1500}', headers: { 'retry-after': '7' } },
      { kind: 'unsent', retryAfterMs: 7_000 },
    ],
    [
      'of a year',
      { status: 503, text: '{"code":"paused","waitMs":31536000000}' },
      { retryAfterMs: 3_600_000 },
    ],
    ['that is over', { status: 503, text: '{"code":"paused","waitMs":-5}' }, { retryAfterMs: 0 }],
    [
      'after what may have been done',
      { status: 503, text: '{"code":"other","waitMs":1500}' },
      { kind: 'doubt', code: 'platform-unavailable', retryAfterMs: 1_500 },
    ],
  ] as [string, Answer, object][])('%s', async (_, answer, meant) =>
    expect(await failing(answer)).toMatchObject(meant),
  )
})
