/**
 * Tells Rescind which orders were canceled in this Medusa, with a Standard Webhook
 * (https://www.standardwebhooks.com). It goes to `src/subscribers/` of the shop.
 */
const { createHmac } = require('node:crypto')
const { setTimeout: pause } = require('node:timers/promises')

/** Milliseconds before each try. What none of them told is found by Rescind's sweep. */
const PAUSES = [0, 1_000, 5_000, 30_000, 300_000]
const TIMEOUT_MS = 10_000

/** Of the time of this very try: Rescind takes none that is older than five minutes. */
const signed = (secret, id, body) => {
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
}

/** What went wrong; null: it was taken. The address is left out, for it may hold a token. */
const send = async (url, headers, body) => {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const reply = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await reply.body?.cancel()
    return reply.ok ? null : `status ${reply.status}`
  } catch (error) {
    return error.cause?.code ?? error.name
  }
}

const tell = async (url, secret, orderId, logger) => {
  const id = `evt_${orderId}_canceled`
  const timestamp = new Date().toISOString()
  const body = JSON.stringify({ type: 'order.canceled', timestamp, data: { orderId } })
  for (const ms of PAUSES) {
    // A server that is being stopped does not wait for the next try.
    await pause(ms, undefined, { ref: false })
    const wrong = await send(url, signed(secret, id, body), body)
    if (wrong === null) return
    logger.warn(`Rescind was not told that order ${orderId} is canceled: ${wrong}`)
  }
}

/** Returns at once: a bus that works one event after the other goes on with the next. */
exports.default = async ({ event, container }) => {
  const logger = container.resolve('logger')
  const { RESCIND_HOOK_URL: url, RESCIND_HOOK_SECRET: secret } = process.env
  if (!url || !secret) {
    logger.warn('Rescind is told nothing: RESCIND_HOOK_URL or RESCIND_HOOK_SECRET is not set')
    return
  }
  tell(url, secret, event.data.id, logger).catch((error) =>
    logger.error(`Rescind was not told that order ${event.data.id} is canceled`, error),
  )
}

exports.config = { event: 'order.canceled', context: { subscriberId: 'rescind' } }
