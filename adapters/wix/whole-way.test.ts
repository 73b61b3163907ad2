/** Whole cancels on Wix's sandbox, where Wix's own words change what the gateway does next. */
import { describe, expect, it } from 'vitest'
import { wix as adapter } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { type Between, isCancel, open } from '../../test/adapter/replies.ts'

const wix = { adapter, createSandbox }

describe('a text for the buyer that the platform does not take', () => {
  it('is a refusal, and told: a mail without it is not what was asked for', async () => {
    const opened = open(wix, async (request, pass) =>
      isCancel(request)
        ? Response.json(
            {
              message: 'customMessage has size 900, expected 512 or less',
              details: {
                validationError: {
                  fieldViolations: [{ field: 'customMessage', violatedRule: 'MAX_LENGTH' }],
                },
              },
            },
            { status: 400 },
          )
        : pass(),
    )
    const { id } = await opened.cancel({
      orderId: 'paid',
      notify: true,
      message: '👀'.repeat(450),
      reason: 'x',
    })
    expect(await opened.rest(id)).toMatchObject({
      status: 'rejected',
      problem: { acted: 'no', upstream: { code: 'customMessage MAX_LENGTH' } },
      effects: { message: { outcome: 'skipped' }, reason: { outcome: 'skipped' } },
    })
  })
})

describe('a blank 403 of Wix', () => {
  const blank = () => Response.json({ message: '', details: {} }, { status: 403 })
  const when =
    (which: (request: Request) => boolean, times: number): Between =>
    async (request, pass) =>
      which(request) && times-- > 0 ? blank() : pass()
  const isLook = ({ method }: Request) => method === 'GET'

  it('on a look, once: looked at again', async () => {
    const opened = open(wix, when(isLook, 1))
    expect((await opened.rest((await opened.cancel({ orderId: 'paid' })).id)).status).toBe(
      'succeeded',
    )
  })
  it('on a look, again: the store’s credentials', async () => {
    const opened = open(wix, when(isLook, 2))
    expect(await opened.rest((await opened.cancel({ orderId: 'paid' })).id)).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-credentials', retryable: true },
    })
  })
  it('on the cancel: doubt, looked at, and never sent again by itself', async () => {
    const opened = open(wix, when(isCancel, 1))
    const record = await opened.cancel({ orderId: 'paid' })
    expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result: '403' }] })
    expect(await opened.rest(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(opened.sandbox.cancels.get('paid') ?? 0).toBe(0)
  })
})
