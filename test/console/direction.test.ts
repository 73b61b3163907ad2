/**
 * Texts that others wrote turn nothing around: whatever is in them, on every page, they stand in a
 * direction of their own, and forms give them back as they were.
 */
import { describe, expect, it } from 'vitest'
import { callerOf, openHouse } from './house.ts'

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
    const house = openHouse({
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
    const cookie = await house.enter(key)
    const told: string[] = []
    /**
     * Asks for a page, and holds it against the rule; `tells`: that the evil text is on it at all.
     */
    const see = async (
      path: string,
      more: Omit<NonNullable<Parameters<typeof house.ask>[1]>, 'cookie'> = {},
      tells = true,
    ): Promise<string> => {
      const { text, status } = await house.ask(path, { ...more, cookie })
      expect([path, status < 500, BARE.test(text)]).toEqual([path, true, false])
      expect([
        path,
        besideOf(text)
          .split('\n')
          .filter((line) => line.includes(LETTER)),
      ]).toEqual([path, []])
      if (tells) expect([path, /<bdi>[^<]*\u05e9/.test(text)]).toEqual([path, true])
      told.push(path)
      return text
    }
    const cancel = async (
      orderId: string,
      fields: Record<string, string> = {},
    ): Promise<string> => {
      const { location } = await house.ask('/console/new/cancel', {
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
    return { ...house, cookie, see, cancel }
  }

  it('of a cancellation: story, lists, what needs a person, and how it was resolved', async () => {
    const { see, cancel, ask, cookie, faults } = await open()
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
      await see(path)
    const story = await see(done)
    expect(story).toContain('SO-\\u202e')
    expect(/<pre[^>]*>(curl[^<]*)<\/pre>/.exec(story)?.[1]).toContain('\\u202e')
    expect((await ask('/console/find', { cookie, headers: {} })).status).toBe(303)
    await ask(`${needing}/resolve`, { form: { as: 'not_canceled', note: EVIL }, cookie })
    expect(await see(needing)).toMatch(/“<bdi>SO-\u05e91174<\/bdi>”, says <bdi>anna/)
    // The script’s own answer, and what it announces.
    expect(
      (await ask('/console', { cookie, headers: { 'rescind-live': 'old' } })).text,
    ).not.toMatch(BARE)
    expect(faults).toEqual([])
  })

  it('of an order looked for, wished for, previewed; forms give back what they got', async () => {
    const { see, ask, cookie, gateway, faults } = await open()
    await see('/console/new?store=hostile&order=order_paid')
    await see(`/console/new?${new URLSearchParams({ find: EVIL }).toString()}`)
    await see('/console/new?store=hostile&find=order_paid', {}, false)
    const wishes = {
      store: 'hostile',
      orderId: 'order_paid',
      reason: EVIL,
      reference: EVIL,
      target: 'order',
    }
    const wrong = await see('/console/new/preview', {
      form: { ...wishes, notify: 'no', message: EVIL, orderId: `order ${EVIL}` },
    })
    expect(decoded(/<textarea[^>]*>([^<]*)</.exec(wrong)?.[1] ?? '')).toBe(EVIL)
    const preview = await see('/console/new/preview', { form: wishes })
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
    const { see, ask, cookie, batches, faults } = await open()
    const file = (text: string) => {
      const body = new FormData()
      body.set('file', new File([text], `${EVIL}.csv`))
      return { body }
    }
    await see(
      '/console/batches/check',
      file(`store,orderId,reason\n${EVIL},order_paid,x\nhostile,order_paid,${EVIL.repeat(60)}\n`),
      false,
    )
    await see('/console/batches/check', file(`store,${EVIL}\nhostile,order_paid\n`))
    const checked = await see(
      '/console/batches/check',
      file(
        [
          'store,orderId,reason,reference',
          `hostile,order_paid,${EVIL},${EVIL}`,
          `hostile,order_fulfilled,${EVIL},${EVIL}`,
          `hostile,order_none,${EVIL},${EVIL}`,
          '',
        ].join('\n'),
      ),
      false,
    )
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
        { timeout: 10_000 },
      )
      .not.toBeNull()
    await see(location ?? '')
    await see('/console/batches')
    for (const path of [
      `/console/cancellations/${encodeURIComponent(EVIL)}`,
      `/console/cancellations?status=${encodeURIComponent(EVIL)}`,
      `/console/${encodeURIComponent(EVIL)}`,
      '/console/stores',
    ])
      await see(path)
    expect(faults).toEqual([])
  })
})
