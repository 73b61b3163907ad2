/** The search for the order that is to be canceled, by number or id, in one store or several. */
import type { Store } from '../connection/store.ts'
import type { CallerService } from '../gateway/service.ts'
import type { Order } from '../model/order.ts'
import { ProblemError } from '../model/problem.ts'
import { isOrderId } from '../model/request.ts'
import { empty, type Html, html, icon, kept, moneyText, said } from './elements.ts'
import { type Call, type ConsoleContext, show } from './layout.ts'

/** How many stores are searched at once when none is named. */
export const SEARCHED = 30
/** A store without such an order, with ids of another form or no search is none that failed. */
const NOT_THERE: readonly string[] = ['order-not-found', 'invalid-request', 'unsupported']

const address = (store: string, order: string): string =>
  `/console/new?${new URLSearchParams({ store, order }).toString()}`

const storeChoice = (stores: readonly Store[], chosen: string | undefined): Html =>
  html`
    <div>
      <label for="store">Store</label>
      <select id="store" name="store">
        <option value="">All stores</option>
        ${stores.map(
          ({ id }) => html`<option${id === chosen ? html` selected` : ''}>${id}</option>`,
        )}
      </select>
    </div>
  `

const examplesOf = (stores: readonly Store[]): Html =>
  stores.every(({ examples }) => examples.length === 0)
    ? html``
    : html`
      <section class="card folds">
        <h2>Orders to try</h2>
        ${stores.map(
          ({ id, examples }, index) => html`
            <details id="try-${id}"${index === 0 ? html` open` : ''}>
              <summary>${id}</summary>
              <ul class="orders">
                ${examples.map(
                  (example) => html`
                    <li>
                      <a href="${address(id, example.id)}">${example.id}</a>
                      <span>${example.says}</span>
                    </li>
                  `,
                )}
              </ul>
            </details>
          `,
        )}
      </section>
    `

/** `silent`: which stores could not be asked, and why. */
export interface Found {
  readonly found: readonly { readonly store: Store; readonly order: Order }[]
  readonly silent: readonly string[]
}
interface Searched {
  readonly all: readonly Store[]
  readonly stores: readonly Store[]
  readonly named: string | undefined
  readonly text: string
  /** Null: nothing was looked for yet. */
  readonly result: Found | null
}

/**
 * By id and by number; what a store cannot search, or does not answer, is said and not taken for
 * nothing.
 */
export const search = async (
  service: CallerService,
  stores: readonly Store[],
  text: string,
): Promise<Found> => {
  const silent: string[] = []
  // People write `#1001` for the order 1001, and some shops have it in the number.
  const numbers = [...new Set([text.replace(/^#\s*/, ''), text])].filter((one) => one !== '')
  const quietly = async <T>(store: Store, read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      if (!NOT_THERE.includes(error.problem.code))
        silent.push(`${store.id}: ${error.problem.title}`)
      return otherwise
    }
  }
  const found = await Promise.all(
    stores.map(async (store) => {
      const byNumber = async (): Promise<readonly Order[]> => {
        for (const number of numbers) {
          const orders = await quietly(store, () => service.findOrders(store.id, number), [])
          if (orders.length > 0) return orders
        }
        return []
      }
      const [byId, numbered] = await Promise.all([
        isOrderId(text)
          ? quietly(store, async () => [(await service.readOrder(store.id, text)).order], [])
          : [],
        store.adapter.find ? byNumber() : [],
      ])
      return [
        ...new Map([...byId, ...numbered].map((order) => [order.id, { store, order }])).values(),
      ]
    }),
  )
  return { found: found.flat(), silent: [...new Set(silent)] }
}

/** `leads`: to the form for a new cancellation. */
export const foundTable = (found: Found['found'], leads = true): Html =>
  html`
    <table class="rows">
      <caption class="out">Orders found</caption>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Store</th>
          <th scope="col">State</th>
          <th scope="col">Payment</th>
          <th scope="col" class="money">Total</th>
        </tr>
      </thead>
      <tbody>
        ${found.map(
          ({ store, order }) => html`
            <tr>
              <td>
                ${
                  leads
                    ? html`
                    <a class="order" href="${address(store.id, order.id)}" data-row>
                      ${said(order.number ?? order.id)}
                    </a>
                  `
                    : html`<span class="order">${said(order.number ?? order.id)}</span>`
                }
              </td>
              <td>${store.id}</td>
              <td>${order.status}</td>
              <td>${order.paymentStatus.replaceAll('_', ' ')}</td>
              <td class="money">${moneyText(order.totals.total)}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `

/** Which stores could not be asked, and why: what is not found may be there. */
export const barred = ({ silent }: Found): Html => html`
  ${silent.map(
    (why) => html`<p class="error">${icon('alert')}<span>Could not look: ${said(why)}</span></p>`,
  )}
`

const searchBody = ({ all, stores, named, text, result }: Searched): Html =>
  html`
    <div class="head">
      <div>
        <h1>New cancellation</h1>
        <p>First the order. Nothing is sent before you have seen what would happen.</p>
      </div>
    </div>
    <form class="filters" action="/console/new">
      ${storeChoice(all, named)}
      <div>
        <label for="order-find">Order number or id</label>
        <input id="order-find" name="find" value="${kept(text)}" required maxlength="128">
      </div>
      <button class="button is-first">Find</button>
    </form>
    ${
      !named && all.length > SEARCHED
        ? html`<p class="hint">Without a store the first ${SEARCHED} are searched.</p>`
        : ''
    }
    ${result ? barred(result) : ''}
    ${
      result && result.found.length > 0
        ? foundTable(result.found)
        : result
          ? empty(
              result.silent.length > 0 ? 'Not every store could be asked.' : 'No such order.',
              html`
        <p>
          Looked for “${said(text)}
          ” in ${stores.length === 1 ? stores[0]?.id : `${stores.length} stores`}
          . ${
            result.silent.length > 0
              ? 'Try again once they answer.'
              : 'The platform’s own id always finds it.'
          }
        </p>
      `,
            )
          : examplesOf(all)
    }
  `

export const searchPage = async (c: Call, context: ConsoleContext): Promise<Response> => {
  const service = c.get('service')
  const { store: named, find = '' } = c.req.query()
  const all = service.stores()
  const text = find.trim().slice(0, 128)
  const stores = named ? [service.store(named)] : all.slice(0, SEARCHED)
  const result = text ? await search(service, stores, text) : null
  const [only, ...others] = result?.found ?? []
  if (only && others.length === 0 && result?.silent.length === 0)
    return c.redirect(address(only.store.id, only.order.id), 303)
  return show(c, context, {
    title: 'New cancellation',
    place: 'new',
    body: searchBody({ all, stores, named, text, result }),
  })
}
