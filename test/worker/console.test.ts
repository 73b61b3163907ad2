/**
 * The console on Workers: signed in across isolates, every flow over several accounts' objects, and
 * what is refused before anything is done.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { configOf, until } from '../http/host.ts'
import { openPlatform } from '../http/platform.ts'
import { type Bound, listen, openBound } from './hosts.ts'

const KEY = 'rsk_anna'
const SECRET = 'a secret of the tests, long enough'
const STORES = ['london', 'paris'] as const

const closing: Bound[] = []
afterEach(async () => {
  for (const { host } of closing.splice(0)) await host.close()
})

const keep = (bound: Bound): Bound => {
  closing.push(bound)
  return bound
}

let count = 0

/** A configuration with a shop of its own for each store, and so with an object for each. */
const openConfig = async () => {
  const name = `console${++count}.test`
  const platforms = new Map(STORES.map((store) => [store, openPlatform()]))
  for (const [store, platform] of platforms)
    listen(`${store}.${name}`, (request) => platform.fetch(request))
  const callers = [
    { name: 'anna', key: KEY, scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
    { name: 'reader', key: 'rsk_reader', scopes: ['read'], stores: ['paris'] },
  ] as const
  const config = await configOf({ callers, stores: STORES }, (id) => `https://${id}.${name}`)
  return { platforms, config: JSON.stringify(config) }
}

/** What a browser would send to it. */
const browserAt = ({ host, origin }: Bound) => {
  let cookie = ''
  const ask = async (
    path: string,
    body?: Record<string, string> | FormData,
    headers: Record<string, string> = {},
  ) => {
    const answer = await host.fetch(
      new Request(origin + path, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        ...(body && { body: body instanceof FormData ? body : new URLSearchParams(body) }),
        headers: { ...(body && { origin }), ...(cookie && { cookie }), ...headers },
      }),
    )
    return {
      status: answer.status,
      location: answer.headers.get('location') ?? '',
      headers: answer.headers,
      text: await answer.text(),
    }
  }
  const enter = async (key = KEY) => {
    const answer = await ask('/console/login', { key })
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    return answer
  }
  return { ask, enter, forget: () => (cookie = '') }
}

/** The hidden fields of the form that leads to this address. */
const hiddenOf = (text: string, action: string): Record<string, string> => {
  const [, form = ''] = new RegExp(`action="${action}"[^>]*>(.*?)</form>`, 's').exec(text) ?? []
  const plain = (value: string) =>
    value
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')
  return Object.fromEntries(
    [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      plain(value),
    ]),
  )
}

const open = async () => {
  const { platforms, config } = await openConfig()
  const bound = keep(
    openBound({ RESCIND_CONFIG: config, RESCIND_SESSION_SECRET: SECRET }, { console: true }),
  )
  const browser = browserAt(bound)
  await browser.enter()
  /** Cancels through the forms, as a person does. */
  const cancel = async (store: string, orderId: string) => {
    const wish = { store, orderId, target: 'order' }
    const preview = await browser.ask('/console/new/preview', wish)
    const fields = hiddenOf(preview.text, '/console/new/cancel')
    return { preview, press: () => browser.ask('/console/new/cancel', fields) }
  }
  return { bound, config, platforms, cancel, ...browser }
}

describe('signed in', () => {
  it('asks for a key, and takes none that it does not know', async () => {
    const { ask, enter, forget } = await open()
    forget()
    const away = await ask('/console/cancellations')
    expect([away.status, away.location]).toEqual([
      303,
      '/console/login?next=%2Fconsole%2Fcancellations',
    ])
    const pressed = await ask('/console/new/cancel', { store: 'paris', orderId: 'order_open' })
    expect([pressed.status, pressed.location]).toEqual([303, '/console/login?over=1'])
    const wrong = await enter('rsk_wrong')
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    expect(wrong.text).toContain('This key is not known.')
    expect((await enter()).location).toBe('/console')
    expect((await ask('/console')).text).toContain('Nothing needs you.')
  })

  it('another isolate knows the session by the secret that both have, and no other', async () => {
    const { config, ask, enter } = await open()
    const cookie = (await enter()).headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await ask('/console')).status).toBe(200)
    for (const [secret, status] of [
      [SECRET, 200],
      ['another secret, that is as long as it', 303],
    ] as const) {
      // Other bindings are another application, as a fresh isolate makes it.
      const other = keep(
        openBound({ RESCIND_CONFIG: config, RESCIND_SESSION_SECRET: secret }, { console: true }),
      )
      const answer = await browserAt(other).ask('/console', undefined, { cookie })
      expect([secret, answer.status]).toEqual([secret, status])
    }
  })

  it.each([[undefined], ['short']])('with the secret %s it says what to do', async (secret) => {
    const lines: string[] = []
    const console = vi
      .spyOn(globalThis.console, 'log')
      .mockImplementation((line: string) => void lines.push(line))
    try {
      const { config } = await openConfig()
      const bound = keep(
        openBound(
          {
            RESCIND_CONFIG: config,
            LOG_LEVEL: 'error',
            ...(secret && { RESCIND_SESSION_SECRET: secret }),
          },
          { console: true },
        ),
      )
      const { ask } = browserAt(bound)
      for (const path of ['/console', '/console/login', '/console/cancellations']) {
        const { status, text } = await ask(path)
        expect([path, status]).toEqual([path, 503])
        expect(text).toContain('wrangler secret put RESCIND_SESSION_SECRET')
        expect(text).not.toContain('type="password"')
      }
      const login = await ask('/console/login', { key: KEY })
      expect([login.status, login.headers.get('set-cookie')]).toEqual([503, null])
      const headers = { authorization: `Bearer ${KEY}` }
      expect((await ask('/v1/stores', undefined, headers)).status, 'the API goes on').toBe(200)
      expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
        'the console needs the secret RESCIND_SESSION_SECRET, at least 32 characters',
      ])
    } finally {
      console.mockRestore()
    }
  })

  it('a form from elsewhere is not read, a scope that is missing is said', async () => {
    const { ask, enter, platforms } = await open()
    const wish = { store: 'paris', orderId: 'order_open', target: 'order' }
    const stray = await ask('/console/new/cancel', wish, { origin: 'https://evil.example' })
    expect(stray.status).toBe(403)
    expect(stray.text).toContain('This form came from elsewhere')
    await enter('rsk_reader')
    expect((await ask('/console/new/cancel', { ...wish, key: 'k' })).status).toBe(403)
    expect((await ask('/console/stores')).text).not.toContain('london')
    expect(platforms.get('paris')?.cancels).toEqual(new Map())
  })
})

describe('one order', () => {
  it('is previewed, canceled once however often it is pressed, and told as a story', async () => {
    const { ask, cancel, platforms } = await open()
    const { preview, press } = await cancel('paris', 'order_open')
    expect(preview.text).toContain('would be canceled')
    expect(platforms.get('paris')?.cancels.size).toBe(0)
    const [first, second] = await Promise.all([press(), press()])
    expect([first.status, second.location]).toEqual([303, first.location])
    expect(first.location).toMatch(/^\/console\/cancellations\/can_/)
    expect((await ask(first.location)).text).toContain('The order is canceled.')
    expect(platforms.get('paris')?.cancels.get('order_open')).toBe(1)
    const mark = { 'rescind-live': 'an older one' }
    expect((await ask(first.location, undefined, mark)).text).toMatch(/^<div id="live"/)
  })

  it('is followed: a page that is held answers when something changed', async () => {
    const { ask, cancel, platforms } = await open()
    const london = platforms.get('london')
    if (!london) throw new Error('there is no London')
    const { press } = await cancel('london', 'order_open-held')
    london.mood = 'away'
    const { location } = await press()
    const mark = /data-mark="([^"]+)"/.exec((await ask(location)).text)?.[1] ?? ''
    expect(mark).not.toBe('')
    const followed = ask(location, undefined, { 'rescind-live': mark })
    london.mood = 'well'
    const { status, text } = await followed
    expect(status).toBe(200)
    expect(/data-mark="([^"]+)"/.exec(text)?.[1]).not.toBe(mark)
  })

  it('that needs a person is on the first page with the day, and is resolved', async () => {
    const { ask, cancel } = await open()
    const story = (await (await cancel('paris', 'order_400-after-refund')).press()).location
    await (await cancel('london', 'order_paid')).press()
    const home = (await ask('/console')).text
    expect(home).toContain('Money moved, but the order is not canceled')
    // Counts of two objects, each of its own store.
    for (const store of STORES) expect(home).toMatch(new RegExp(`scope="row"><bdi>${store}</bdi>`))
    expect(home).toContain('All 2 stores')
    const form = { as: 'not_canceled', note: 'Taken back by hand' }
    expect((await ask(`${story}/resolve`, form)).status).toBe(303)
    expect((await ask(story)).text).toContain('Taken back by hand')
    expect((await ask('/console')).text).toContain('Nothing needs you.')
  })

  it('is found by its id and its reference, listed over all objects, and exported', async () => {
    const { ask, cancel } = await open()
    const locations: string[] = []
    for (const store of STORES)
      locations.push((await (await cancel(store, `order_open-${store}`)).press()).location)
    const found = await ask('/console/find?q=order_open-paris')
    expect([found.status, found.location]).toEqual([303, locations[1]])
    const list = (await ask('/console/cancellations')).text
    for (const location of locations) expect(list).toContain(`href="${location}"`)
    const file = await ask('/console/cancellations.csv')
    expect(file.headers.get('content-type')).toContain('text/csv')
    for (const store of STORES) expect(file.text).toContain(`order_open-${store}`)
  })
})

describe('many orders', () => {
  const upload = (rows: readonly string[]) => {
    const form = new FormData()
    form.set('file', new File([['store,orderId,reason', ...rows].join('\n')], 'orders.csv'))
    return form
  }
  const sent = (fields: Record<string, string>) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    return form
  }

  it('a file is checked, carried by its page, and started once, in whichever isolate', async () => {
    const { ask, platforms } = await open()
    const rows = STORES.map((store) => `${store},order_open-b,"Out of “stock”, sorry <b>"`)
    const checked = await ask('/console/batches/check', upload(rows))
    expect(checked.status).toBe(200)
    expect(checked.text).toContain('2 orders would be canceled.')
    expect([...platforms.values()].map(({ cancels }) => cancels.size)).toEqual([0, 0])
    const fields = hiddenOf(checked.text, '/console/batches/start')
    expect(JSON.parse(fields['items'] ?? '')).toHaveLength(2)
    const [first, second] = [
      await ask('/console/batches/start', sent(fields)),
      await ask('/console/batches/start', sent(fields)),
    ]
    expect([first.status, second.location]).toEqual([303, first.location])
    expect(first.location).toMatch(/^\/console\/batches\/bat_/)
    const page = await until(
      () => ask(first.location),
      ({ text }) => text.includes('<strong>Finished'),
      20_000,
    )
    expect(page.text).toContain('Batch of 2 orders')
    expect([...platforms.values()].map(({ cancels }) => cancels.get('order_open-b'))).toEqual([
      1, 1,
    ])
    expect((await ask('/console/batches')).text).toContain(first.location)
    const [id] = /can_\w+/.exec((await ask(`${first.location}/items.csv`)).text) ?? []
    const story = (await ask(`/console/cancellations/${id}`)).text
    expect(story, 'to the letter').toContain('Out of “stock”, sorry &lt;b&gt;')
  })

  it('mistakes are named by line, and nothing that was changed on the way is taken', async () => {
    const { ask, platforms } = await open()
    const wrong = await ask('/console/batches/check', upload(['paris,a b,x', 'rome,order_open,x']))
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('2 mistakes in the file')
    const checked = await ask('/console/batches/check', upload(['paris,order_open,x']))
    const fields = hiddenOf(checked.text, '/console/batches/start')
    for (const items of ['', '[', '[]', '[{"store":"rome","orderId":"order_open"}]', '{}']) {
      const { status, text } = await ask('/console/batches/start', sent({ ...fields, items }))
      expect([items, status]).toEqual([items, 400])
      expect(text).toContain('nothing was sent')
    }
    const many = JSON.stringify(
      Array.from({ length: 101 }, (_, index) => ({
        store: 'paris',
        orderId: `order_open-${index}`,
      })),
    )
    for (const number of ['', '100'])
      expect(
        (await ask('/console/batches/start', sent({ ...fields, items: many, number }))).status,
      ).toBe(400)
    expect(platforms.get('paris')?.cancels.size).toBe(0)
    expect((await ask('/console/batches')).text).toContain('None yet.')
  })
})

describe('the other pages', () => {
  it('stores, links and webhooks stand over all objects', async () => {
    const { ask, bound } = await open()
    const members = STORES.map((store) => ({ store, orderId: 'order_open' }))
    const link = await bound.host.fetch(
      new Request(`${bound.origin}/v1/links/SO-1`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ members }),
      }),
    )
    expect(link.status).toBe(201)
    expect((await ask('/console/links/SO-1')).text).toContain('order_open')
    expect((await ask('/console/links')).text).toContain('SO-1')
    const stores = (await ask('/console/stores')).text
    for (const store of STORES) expect(stores).toContain(store)
    expect((await ask('/console/webhooks')).text).toContain('None of this key.')
    const nowhere = await ask('/console/nowhere')
    expect(nowhere.status).toBe(404)
    expect(nowhere.text).toContain('Nothing has this address.')
  })

  it('the sandbox is open, and says so', async () => {
    const { ask } = browserAt(keep(openBound({}, { console: true })))
    const { status, text } = await ask('/console')
    expect(status).toBe(200)
    expect(text).toContain('whoever reaches this address may do everything here')
    expect((await ask('/console/style.css')).headers.get('content-type')).toContain('text/css')
  })

  it('without the entry for it there is no console', async () => {
    const { ask } = browserAt(keep(openBound({})))
    const { status, headers } = await ask('/console')
    expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })
})
