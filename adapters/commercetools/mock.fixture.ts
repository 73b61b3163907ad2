/**
 * An imitation of commercetools that is not ours, served on loopback, with a project that has a
 * type for the reason and what else the tests need.
 */
import type { AddressInfo } from 'node:net'
import type { OrderImportDraft, OrderUpdateAction } from '@commercetools/platform-sdk'
import { CommercetoolsMock } from '@labdigital/commercetools-mock'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { commercetools } from './index.ts'
import { type Sdk, sdkOf } from './sdk.fixture.ts'

const PROJECT = 'acme'
const CREDENTIALS = { projectKey: PROJECT, clientId: 'gateway', clientSecret: 'secret' }
const SETTINGS = { ...CREDENTIALS, reasonField: 'cancelReason', reasonType: 'rescind' }

/** The mock imports an order only with a product of this number. */
export const SKU = 'POT-1'

const eur = (centAmount: number) =>
  ({ type: 'centPrecision', currencyCode: 'EUR', centAmount, fractionDigits: 2 }) as const

const draftOf = (orderNumber: string): OrderImportDraft => ({
  orderNumber,
  customerEmail: 'erika@example.com',
  orderState: 'Open',
  paymentState: 'Pending',
  totalPrice: eur(4_900),
  lineItems: [
    {
      name: { en: 'Teapot' },
      variant: { sku: SKU },
      price: { value: eur(2_450) },
      quantity: 2,
    },
  ],
})

/** What comes between the adapter and the mock, call by call; `pass` sends it. */
export type Between = (request: Request, pass: () => Promise<Response>) => Promise<Response>

/** Types of custom fields, and a product. */
const prepare = async (sdk: Sdk) => {
  const createType = (key: string, name: string) =>
    sdk
      .types()
      .post({
        body: {
          key,
          name: { en: key },
          resourceTypeIds: ['order'],
          fieldDefinitions: [
            { name, label: { en: name }, required: false, type: { name: 'String' } },
            { name: 'note', label: { en: 'note' }, required: false, type: { name: 'String' } },
          ],
        },
      })
      .execute()
  await createType('rescind', 'cancelReason')
  await createType('gift', 'wrapping')
  const { body: productType } = await sdk
    .productTypes()
    .post({ body: { key: 'pot', name: 'Pot', description: '' } })
    .execute()
  await sdk
    .products()
    .post({
      body: {
        productType: { typeId: 'product-type', id: productType.id },
        name: { en: 'Teapot' },
        slug: { en: 'teapot' },
        masterVariant: { sku: SKU },
        publish: true,
      },
    })
    .execute()
}

export const startMock = async () => {
  const mock = new CommercetoolsMock({
    enableAuthentication: true,
    validateCredentials: true,
    defaultProjectKey: PROJECT,
  })
  // Not `runServer`: it listens on every interface.
  await mock.app.listen({ port: 0, host: '127.0.0.1' })
  const base = `http://127.0.0.1:${(mock.server.address() as AddressInfo).port}`
  /** Somebody else of the project. */
  const sdk = sdkOf(base, { ...CREDENTIALS, clientId: 'shop' }, fetch)
  await prepare(sdk)
  let count = 0
  return {
    base,
    sdk,
    close: () => mock.app.close(),
    /** A gateway of its own over this project. */
    open(more: object = {}, between: Between = (_, pass) => pass()) {
      const calls: Request[] = []
      const transport = fetchTransport((url, init) => {
        const request = new Request(url, init)
        calls.push(request.clone())
        return between(request, () => fetch(url, init))
      })
      return {
        calls,
        ...openHarness(commercetools, { ...SETTINGS, baseUrl: base, ...more }, transport),
      }
    },
    async importOrder(change: Partial<OrderImportDraft> = {}) {
      const body = { ...draftOf(`A-${(count += 1)}`), ...change }
      return (await sdk.orders().importOrder().post({ body }).execute()).body
    },
    get: async (ID: string) => (await sdk.orders().withId({ ID }).get().execute()).body,
    update: async (ID: string, version: number, actions: OrderUpdateAction[]) =>
      (await sdk.orders().withId({ ID }).post({ body: { version, actions } }).execute()).body,
  }
}
export type Mock = Awaited<ReturnType<typeof startMock>>

export const isCancel = ({ method, url }: Request): boolean =>
  method === 'POST' && new URL(url).pathname.includes('/orders/')
