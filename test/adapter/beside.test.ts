/** What is said beside the data of a reply: how long to stay away, and by which version it came. */
import { describe, expect, test } from 'vitest'
import { type Answer, CANCEL, clientWith, failing, failureOf } from './acme.ts'

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

describe('a reply', () => {
  test.each([
    ['another', { 'x-version': '3' }, '200 answered by version 3'],
    ['its own', { 'x-version': '2' }, null],
    ['none', {}, null],
  ])('whose header names %s version', async (_, headers, result) => {
    const call = {
      ...CANCEL,
      unlike: (header: (name: string) => string | null) =>
        ['2', null].includes(header('x-version')) ? null : 'answered by version 3',
    }
    const performing = clientWith({ headers }).perform(call, () => false)
    if (result === null) expect((await performing).reply).toEqual({ id: '1' })
    else
      expect(await failureOf(performing)).toMatchObject({
        kind: 'doubt',
        code: 'platform-unavailable',
        result,
        detail: 'The platform’s reply is not read, since it was answered by version 3.',
      })
  })
})
