/**
 * Texts that others wrote turn nothing around: whatever is in them, on every page, they stand in a
 * direction of their own, and forms give them back as they were.
 */
import { describe, expect, it } from 'vitest'
import { callerOf, openFixture } from './fixture.ts'

/**
 * A letter that is written from right to left, and every character that says so of what follows.
 */
const LETTER = '\u05e9'
const TURNS = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'
const EVIL = `SO-\u202e${LETTER}1174${TURNS}`
// oxlint-disable-next-line no-misleading-character-class
const BARE = /[\u202a-\u202e\u2066-\u2069]/

/**
 * What is left of a page where nothing stands on its own: no element, no attribute, no text that
 * the browser keeps apart by itself.
 */
const besideOf = (page: string): string =>
  page
    .replaceAll(/<bdi>[^<]*<\/bdi>/g, '')
    .replaceAll(/<(title|option|textarea|pre)\b[^>]*>[^<]*<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')

const decoded = (value: string): string =>
  value.replaceAll(/&#x([0-9a-f]+);/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )

describe('direction', () => {
  const open = async () => {
    const key = 'rsk_anna'
    const fixture = openFixture({
      callers: [await callerOf(`anna ${LETTER}`, key, ['read', 'cancel', 'operate'])],
      says: (reply) =>
        reply
          .replaceAll(
            /"(first_name|title|product_title|variant_sku|email|message)":"[^"]*"/g,
            (_, name: string) => `"${name}":${JSON.stringify(EVIL)}`,
          )
          .replaceAll(
            /"display_id":(\d+)/g,
            (_, number: string) => `"display_id":${JSON.stringify(`${EVIL}${number}`)}`,
          ),
    })
    const cookie = await fixture.enter(key)
    /**
     * Asks for a page, and holds it against the rule; `tells`: that the evil text is on it at all.
     */
    const visit = async (
      path: string,
      more: Omit<NonNullable<Parameters<typeof fixture.ask>[1]>, 'cookie'> = {},
      tells = true,
    ): Promise<string> => {
      const { text, status } = await fixture.ask(path, { ...more, cookie })
      expect([path, status < 500, BARE.test(text)]).toEqual([path, true, false])
      expect([
        path,
        besideOf(text)
          .split('\n')
          .filter((line) => line.includes(LETTER)),
      ]).toEqual([path, []])
      if (tells) expect([path, /<bdi>[^<]*\u05e9/.test(text)]).toEqual([path, true])
      return text
    }
    const cancel = async (
      orderId: string,
      fields: Record<string, string> = {},
    ): Promise<string> => {
      const { location } = await fixture.ask('/console/new/cancel', {
        form: {
          store: 'hostile',
          orderId,
          reason: EVIL,
          reference: EVIL,
          key: `console-${crypto.randomUUID()}`,
          ...fields,
        },
        cookie,
      })
      return location ?? ''
    }
    return { ...fixture, cookie, visit, cancel }
  }

  it('of a cancellation: story, lists, what needs a person, and how it was resolved', async () => {
    const { visit, cancel, ask, cookie, faults } = await open()
    const [done, refused, needing] = [
      await cancel('order_paid'),
      await cancel('order_fulfilled'),
      await cancel('order_400-after-refund'),
    ]
    for (const path of [
      done,
      refused,
      needing,
      `${needing}?look=now`,
      '/console',
      '/console/cancellations',
      `/console/cancellations?${new URLSearchParams({
        reference: EVIL,
        order: EVIL,
        store: EVIL,
        status: '',
      }).toString()}`,
    ])
      await visit(path)
    const story = await visit(done)
    expect(story).toContain('SO-\\u202e')
    expect(/<pre[^>]*>(curl[^<]*)<\/pre>/.exec(story)?.[1]).toContain('\\u202e')
    expect((await ask('/console/find', { cookie, headers: {} })).status).toBe(303)
    await ask(`${needing}/resolve`, { form: { as: 'not_canceled', note: EVIL }, cookie })
    expect(await visit(needing)).toMatch(/“<bdi>SO-\u05e91174<\/bdi>”, says <bdi>anna/)
    // The script’s own answer, and what it announces.
    expect(
      (await ask('/console', { cookie, headers: { 'rescind-live': 'old' } })).text,
    ).not.toMatch(BARE)
    expect(faults).toEqual([])
  })

  it('of an order looked for, wished for, previewed; forms give back what they got', async () => {
    const { visit, ask, cookie, gateway, faults } = await open()
    await visit('/console/new?store=hostile&order=order_paid')
    await visit(`/console/new?${new URLSearchParams({ find: EVIL }).toString()}`)
    await visit('/console/new?store=hostile&find=order_paid', {}, false)
    await visit(`/console/find?${new URLSearchParams({ q: EVIL }).toString()}`)
    await visit('/console/find?q=order_paid&stores=1', {}, false)
    const wishes = {
      store: 'hostile',
      orderId: 'order_paid',
      reason: EVIL,
      reference: EVIL,
      target: 'order',
    }
    const wrong = await visit('/console/new/preview', {
      form: { ...wishes, notify: 'no', message: EVIL, orderId: `order ${EVIL}` },
    })
    expect(decoded(/<textarea[^>]*>([^<]*)</.exec(wrong)?.[1] ?? '')).toBe(EVIL)
    const preview = await visit('/console/new/preview', { form: wishes })
    const form =
      /<form method="post" action="\/console\/new\/cancel">(.*?)<\/form>/s.exec(preview)?.[1] ?? ''
    const hidden = Object.fromEntries(
      [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        decoded(value),
      ]),
    )
    const { location } = await ask('/console/new/cancel', { form: hidden, cookie })
    const { request } = await gateway.get(location?.split('/').at(-1) ?? '')
    expect([request.reason, request.reference]).toEqual([EVIL, EVIL])
    expect(faults).toEqual([])
  })

  it('of a batch: its file, its mistakes and its items; and of what cannot be found', async () => {
    const { visit, ask, cookie, batches, faults } = await open()
    const file = (text: string) => {
      const body = new FormData()
      body.set('file', new File([text], `${EVIL}.csv`))
      return { body }
    }
    await visit(
      '/console/batches/check',
      file(`store,orderId,reason\n${EVIL},order_paid,x\nhostile,order_paid,${EVIL.repeat(60)}\n`),
      false,
    )
    await visit('/console/batches/check', file(`store,${EVIL}\nhostile,order_paid\n`))
    const sent = await ask('/console/batches/check', {
      cookie,
      ...file(
        [
          'store,orderId,reason,reference',
          `hostile,order_paid,${EVIL},${EVIL}`,
          `hostile,order_fulfilled,${EVIL},${EVIL}`,
          `hostile,order_none,${EVIL},${EVIL}`,
          '',
        ].join('\n'),
      ),
    })
    const checked = await visit(sent.location ?? '')
    const { location } = await ask('/console/batches/start', {
      form: { draft: /name="draft" value="([^"]+)"/.exec(checked)?.[1] ?? '' },
      cookie,
    })
    await expect
      .poll(
        async () => {
          await batches.tick()
          return (await batches.get(location?.split('/').at(-1) ?? '')).finishedAt
        },
        { timeout: 30_000 },
      )
      .not.toBeNull()
    await visit(location ?? '')
    await visit('/console/batches')
    for (const path of [
      `/console/cancellations/${encodeURIComponent(EVIL)}`,
      `/console/cancellations?status=${encodeURIComponent(EVIL)}`,
      `/console/${encodeURIComponent(EVIL)}`,
      '/console/stores',
    ])
      await visit(path)
    expect(faults).toEqual([])
  })
})
