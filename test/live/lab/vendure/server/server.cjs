/**
 * A Vendure with its default order process and stock strategies, and of the lab: a payment handler
 * that writes down what it is asked, a process that refuses or stalls a cancel on demand, and
 * orders split among sellers.
 */
const { appendFileSync, existsSync, readFileSync } = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')
const vendure = require('@vendure/core')

const { LAB_PORT, LAB_DATABASE_URL, LAB_PASSWORD, LAB_KNOBS, LAB_PAYMENTS, LAB_NEW } = process.env

/** `refuses`: the text of a veto; `stallsMs`. Read at every use. */
const knobs = () => (existsSync(LAB_KNOBS) ? JSON.parse(readFileSync(LAB_KNOBS, 'utf8')) : {})

const writeDown = (call, order, amount) =>
  appendFileSync(LAB_PAYMENTS, `${JSON.stringify({ call, order: order.code, amount })}\n`)

const payments = new vendure.PaymentMethodHandler({
  code: 'lab',
  description: [{ languageCode: vendure.LanguageCode.en, value: 'Does as it is told' }],
  args: { settles: { type: 'boolean', defaultValue: false } },
  createPayment: (_, order, amount, { settles }, metadata) => ({
    amount,
    state: settles ? 'Settled' : 'Authorized',
    transactionId: `lab-${order.code}`,
    metadata,
  }),
  settlePayment(_, order, { amount }) {
    writeDown('settle', order, amount)
    return { success: true }
  },
  cancelPayment(_, order, { amount }) {
    writeDown('cancel', order, amount)
    return { success: true }
  },
  // A refund that is pending is created without a word of the provider.
  createRefund(_, __, amount, order) {
    writeDown('refund', order, amount)
    return { state: 'Settled', transactionId: `lab-refund-${order.code}` }
  },
})

/** A provider that does not answer: a refund of it stays pending. */
const slowPayments = new vendure.PaymentMethodHandler({
  code: 'lab-slow',
  description: [{ languageCode: vendure.LanguageCode.en, value: 'Refunds by hand' }],
  args: {},
  createPayment: (_, order, amount) => ({
    amount,
    state: 'Settled',
    transactionId: `lab-${order.code}`,
  }),
  settlePayment: () => ({ success: true }),
})

const ownProcess = {
  async onTransitionStart(_, to) {
    if (to !== 'Cancelled') return undefined
    const { refuses, stallsMs = 0 } = knobs()
    await sleep(stallsMs)
    return refuses
  },
}

/** A variant that is in a seller's channel too makes its line that seller's. */
let injected
const sellers = {
  init(injector) {
    injected = {
      hydrator: injector.get(vendure.EntityHydrator),
      channels: injector.get(vendure.ChannelService),
    }
  },
  async setOrderLineSellerChannel(context, { productVariant }) {
    await injected.hydrator.hydrate(context, productVariant, { relations: ['channels'] })
    const { id } = await injected.channels.getDefaultChannel(context)
    return productVariant.channels.find(
      (channel) => channel.id !== id && channel.code.startsWith('seller-'),
    )
  },
  splitOrder(_, { lines }) {
    const ids = [...new Set(lines.map((line) => line.sellerChannelId).filter(Boolean))]
    return ids.map((channelId) => ({
      channelId,
      state: 'PaymentSettled',
      lines: lines.filter((line) => line.sellerChannelId === channelId),
      shippingLines: [],
    }))
  },
}

vendure
  .bootstrap({
    logger: new vendure.DefaultLogger({ level: vendure.LogLevel.Warn, timestamp: true }),
    apiOptions: {
      port: Number(LAB_PORT),
      hostname: '127.0.0.1',
      adminApiPath: 'admin-api',
      shopApiPath: 'shop-api',
    },
    authOptions: {
      tokenMethod: ['bearer', 'api-key'],
      superadminCredentials: { identifier: 'superadmin', password: LAB_PASSWORD },
      requireVerification: false,
    },
    dbConnectionOptions: {
      type: 'postgres',
      url: LAB_DATABASE_URL,
      synchronize: LAB_NEW === 'yes',
      logging: false,
    },
    paymentOptions: { paymentMethodHandlers: [payments, slowPayments] },
    shippingOptions: { fulfillmentHandlers: [vendure.manualFulfillmentHandler] },
    orderOptions: {
      process: [vendure.defaultOrderProcess, ownProcess],
      orderSellerStrategy: sellers,
    },
    plugins: [],
  })
  .catch((error) => {
    console.error(error)
    process.exit(1)
  })
