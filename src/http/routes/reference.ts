/**
 * The OpenAPI document and its page. A file of its own, so that a Worker may be built without them
 * (`RESCIND_REFERENCE=0`, scripts/bundle.ts).
 */
import { createRoute, z } from '@hono/zod-openapi'
import { Money } from '../../model/money.ts'
import { Customer, Order } from '../../model/order.ts'
import { Problem } from '../../model/problem.ts'
import { CancelRequest, ItemDefaults } from '../../model/request.ts'
import { aPage, ApprovalAnswer, json, LinkMark, open, problems, RequestedBy } from '../answers.ts'
import type { App } from '../auth.ts'
import { type Document, openApi } from '../reference/document.ts'
import { reference, SHEET } from '../reference/page.ts'
import { STYLE } from '../reference/sheet.ts'
import { BatchRequest } from './batches.ts'
import { ErasureRequest } from './erasures.ts'
import { ApproveRequest, DeclineRequest, ResolveRequest } from './cancellations.ts'
import { LinkRequest } from './links.ts'
import { SweepRequest } from './stores.ts'
import { ReplayRequest } from './webhooks.ts'

interface Routes {
  readonly app: App
  /** Whether there are pages for people under `/console`. */
  readonly hasConsole: boolean
}

/** Whether it is a person with a browser who asks, and no program. */
const isBrowser = (accept: string | undefined): boolean => /\btext\/html\b/i.test(accept ?? '')

export const addReference = ({ app, hasConsole }: Routes): void => {
  let document: Document | undefined
  let page: string | undefined
  const get = () => (document ??= openApi(app))
  app.openapi(
    createRoute({
      ...open,
      path: '/openapi.json',
      operationId: 'getDocument',
      summary: 'This document',
      responses: { 200: json(z.looseObject({}), 'OpenAPI 3.1.'), ...problems },
    }),
    (c) => c.json(get() as never, 200),
  )
  app.openapi(
    createRoute({
      ...open,
      path: '/docs',
      operationId: 'getReference',
      summary: 'The reference',
      responses: { 200: aPage, ...problems },
    }),
    async (c) => c.html((page ??= String(await reference(get()))), 200),
  )
  app.get(SHEET, (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/', (c) =>
    c.redirect(hasConsole && isBrowser(c.req.header('accept')) ? '/console' : '/docs'),
  )
}

/**
 * Shapes that are generated first and as they are; else the generator takes the “or null” of one
 * place for the shape's own.
 */
const SHAPES = [
  Money,
  Customer,
  Order,
  Problem,
  LinkMark,
  RequestedBy,
  ApprovalAnswer,
  CancelRequest,
  ItemDefaults,
  ResolveRequest,
  ApproveRequest,
  DeclineRequest,
  BatchRequest,
  ReplayRequest,
  SweepRequest,
  LinkRequest,
  ErasureRequest,
] as const

/** Registers what the document needs beside the routes. */
export const describe = (app: App): void => {
  for (const shape of SHAPES) {
    const meta = shape.meta() as { readonly id: string }
    app.openAPIRegistry.register(meta.id, shape.meta(meta))
  }
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A caller’s key: `rsk_…`',
  })
}
