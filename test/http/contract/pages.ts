/**
 * What is there for everybody: pages, problems, health, the document; methods and addresses that
 * are not; the sandbox's imitations.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROBLEM_CODES, PROBLEMS } from '../../../src/model/problem.ts'
import { document } from '../conformance.ts'
import { type Client, clientOf, type Host, type Open } from '../host.ts'

/** Addresses that a page would load something from, or lead to, elsewhere. */
const strangers = (html: string) =>
  [...html.matchAll(/\b(?:src|href|action|data|poster|srcset)\s*=\s*["']?([^"'\s>]+)/gi)]
    .map(([, address = '']) => address)
    .filter((address) => !/^[/#]/.test(address) || address.startsWith('//'))

export const pages = (open: Open) =>
  describe('pages, methods, sandbox', () => {
    let host: Host
    let ask: Client
    beforeAll(async () => {
      host = await open()
      ask = clientOf(host)
    })
    afterAll(() => host.close())

    it('/healthz and /readyz', async () => {
      expect((await ask('GET', '/healthz')).body).toEqual({ status: 'ok' })
      expect((await ask('GET', '/readyz')).body).toEqual({ status: 'ready' })
    })

    it('/openapi.json is the published document', async () => {
      expect((await ask('GET', '/openapi.json')).body).toEqual(document)
    })

    it('/docs names every route and needs no other host', async () => {
      const { status, headers, text } = await ask('GET', '/docs')
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
      for (const path of Object.keys(document['paths']).filter((path) => path.startsWith('/v1/')))
        expect(text).toContain(`<code>${path}</code>`)
      expect(strangers(text)).toEqual([])
      expect([...text.matchAll(/<link [^>]*>/g)].map(([link]) => link)).toEqual([
        '<link rel="stylesheet" href="/docs/style.css">',
      ])
      expect(
        text.match(/<script|<style|<iframe|<img|@import|url\(|<[^>]*\s(?:on\w+|style)\s*=/i),
      ).toBeNull()
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'self'; /,
      )
      for (const [, id = ''] of text.matchAll(/href="#([^"]+)"/g))
        expect(text, id).toContain(` id="${id}"`)
      for (const [, path = ''] of text.matchAll(/href="([^"#]+)"/g))
        expect((await ask('GET', path)).status, path).toBe(200)
    })

    it('/ leads a person to the console where there is one, and everybody else to /docs', async () => {
      const leads = async (accept?: string) => {
        const { status, headers } = await ask('GET', '/', undefined, accept ? { accept } : {})
        return [status, headers.get('location')]
      }
      const hasConsole = (await ask('GET', '/console')).status !== 404
      expect(await leads('text/html,application/xhtml+xml,*/*;q=0.8')).toEqual([
        302,
        hasConsole ? '/console' : '/docs',
      ])
      for (const accept of ['application/json', '*/*', undefined])
        expect(await leads(accept)).toEqual([302, '/docs'])
    })

    it.each(PROBLEM_CODES)('/problems/%s: a page, and JSON to whom asks for it', async (code) => {
      const page = await ask('GET', `/problems/${code}`, undefined, { accept: 'text/html,*/*' })
      expect([page.status, page.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=UTF-8',
      ])
      expect(page.text).toContain(`<h1>${PROBLEMS[code].title}</h1>`)
      expect(strangers(page.text)).toEqual([])
      const { body } = await ask('GET', `/problems/${code}`, undefined, {
        accept: 'application/json',
      })
      expect(body).toEqual({ type: `/problems/${code}`, code, ...PROBLEMS[code] })
    })
    it.each([
      ['application/json;q=0, text/html', 'text/html'],
      ['text/html, application/json;q=0.5', 'text/html'],
      ['text/html;q=0.5, application/json', 'application/json'],
      ['APPLICATION/JSON', 'application/json'],
    ])('Accept: %s is %s', async (accept, type) => {
      expect(
        (await ask('GET', '/problems/internal', undefined, { accept })).headers
          .get('content-type')
          ?.split(';')[0],
      ).toBe(type)
    })

    it.each([
      '/problems/nope',
      '/problems/__proto__',
      '/problems/',
      '/nope',
      '/v1',
      '/v1/',
      '/v1/cancellations/',
      '/v1/stores/sandbox-medusa/',
      '/v2/cancellations',
      '/V1/cancellations',
      '/sandbox',
      '/sandbox/nope/x',
      '/.env',
      '/%',
      '/%ff',
    ])('GET %s: 404', async (path) => {
      const { status, body } = await ask('GET', path)
      expect([status, body.code, body.instance]).toEqual([404, 'not-found', path])
    })

    it.each(
      Object.entries<any>(document['paths']).map(
        ([path, methods]) =>
          [path, Object.keys(methods).map((method) => method.toUpperCase())] as const,
      ),
    )('%s: other methods are 405, and Allow says which are not', async (template, known) => {
      const path = template
        .replace('{store}', 'sandbox-medusa')
        .replace('{id}', 'can_x')
        .replace('{orderId}', 'order_open')
        .replace('{platform}', 'medusa')
        .replace('{code}', 'internal')
      const allowed = [...known, ...(known.includes('GET') ? ['HEAD'] : [])].sort()
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
        (method) => !known.includes(method),
      )) {
        // the address of a record that is called preview
        if (template === '/v1/cancellations/preview' && method === 'GET') continue
        const { status, headers, body } = await ask(method, path)
        expect([method, status, body.code, headers.get('allow')?.split(', ').sort()]).toEqual([
          method,
          405,
          'method-not-allowed',
          allowed,
        ])
      }
    })

    it('HEAD answers like GET, without a body', async () => {
      for (const path of [
        '/healthz',
        '/v1/stores',
        '/v1/cancellations?limit=1',
        '/v1/stores/sandbox-medusa/orders/order_open',
        '/v1/cancellations/can_x',
        '/nope',
        '/v1/cancellations/can_x/withdraw',
      ]) {
        const [head, get] = [await ask('HEAD', path), await ask('GET', path)]
        expect([path, head.status, head.headers.get('content-type'), head.text]).toEqual([
          path,
          get.status,
          get.headers.get('content-type'),
          '',
        ])
      }
    })

    it('a Request-Id that is sent comes back; one that could do harm does not', async () => {
      expect(
        (await ask('GET', '/nope', undefined, { 'request-id': 'trace-1_A=' })).headers.get(
          'request-id',
        ),
      ).toBe('trace-1_A=')
      for (const id of ['a b', '<x>', 'x'.repeat(256), 'a;b', 'é'])
        expect(
          (await ask('GET', '/healthz', undefined, { 'request-id': id })).headers.get('request-id'),
        ).toMatch(/^[0-9a-f-]{36}$/)
    })

    it('no other origin is invited', async () => {
      for (const method of ['OPTIONS', 'GET']) {
        const { headers } = await ask(method, '/v1/stores', undefined, {
          origin: 'https://elsewhere.test',
          'access-control-request-method': 'POST',
        })
        expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
    })

    it('the sandbox: a store per platform, with orders to try that are what they say', async () => {
      const { body: platforms } = await ask('GET', '/v1/platforms')
      const { body: stores } = await ask('GET', '/v1/stores')
      expect(stores.data.map(({ id }: any) => id).sort()).toEqual(
        platforms.data.map(({ id }: any) => `sandbox-${id}`).sort(),
      )
      for (const { id } of stores.data) {
        const { body: store } = await ask('GET', `/v1/stores/${id}`)
        expect(store.examples.length).toBeGreaterThan(3)
        for (const example of store.examples)
          expect(
            (await ask('GET', `/v1/stores/${id}/orders/${example.id}`)).body.id,
            `${id}: ${example.id}`,
          ).toBe(example.id)
      }
    })

    it('the sandbox: imitations are served for any other client', async () => {
      const orders = '/sandbox/medusa/admin/orders'
      const authorization = `Basic ${btoa('sk_sandbox:')}`
      const { status, body } = await ask(
        'GET',
        `${orders}/order_open?fields=id,status`,
        undefined,
        { authorization },
      )
      expect([status, body.order.id, body.order.status]).toEqual([200, 'order_open', 'pending'])
      expect((await ask('GET', `${orders}/order_open`)).status).toBe(401)
      const login = await ask('POST', '/sandbox/medusa/auth/user/emailpass', {
        email: 'admin@sandbox.test',
        password: 'sandbox-password',
      })
      const canceled = await ask('POST', `${orders}/order_open-curl/cancel`, undefined, {
        authorization: `Bearer ${login.body.token}`,
      })
      expect([login.status, canceled.status, canceled.body.order.status]).toEqual([
        200,
        200,
        'canceled',
      ])
      expect(
        (await ask('GET', '/v1/stores/sandbox-medusa/orders/order_open-curl')).body.status,
      ).toBe('canceled')
      const asked = await ask('POST', '/v1/cancellations', {
        store: 'sandbox-medusa',
        orderId: 'order_open-curl',
      })
      expect([asked.status, asked.body.alreadyCanceled]).toEqual([201, true])
    })

    it('a target or a search that a platform does not have: 422, at its place', async (context) => {
      const { body } = await ask('GET', '/v1/platforms')
      const without = body.data.find(
        ({ capabilities }: any) => capabilities.transfer.can === 'never',
      )
      if (!without) return context.skip('every platform here has transfers')
      for (const path of ['/v1/cancellations', '/v1/cancellations/preview']) {
        const answer = await ask('POST', path, {
          store: `sandbox-${without.id}`,
          orderId: 'open',
          target: 'transfer',
        })
        expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([
          422,
          'unsupported',
          '/target',
        ])
      }
      return undefined
    })
  })
