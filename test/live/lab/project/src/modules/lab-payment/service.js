/** A payment provider that misbehaves as its payment session's `data` asks: `fail_cancel`, `fail_refund`, `slow_ms`. */
const { randomUUID } = require('node:crypto')
const { appendFileSync } = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')
const { AbstractPaymentProvider, MedusaError } = require('@medusajs/framework/utils')

/** One line per call, written before the call does anything: what Medusa asked for, not what became of it. */
const log = (call, { amount, data, context }) => {
  const line = {
    at: new Date().toISOString(),
    call,
    session: data.session,
    amount,
    data,
    key: context?.idempotency_key,
  }
  appendFileSync(process.env.LAB_PROVIDER_LOG, JSON.stringify(line) + '\n')
}

const refuse = (what) => {
  throw new MedusaError(MedusaError.Types.UNEXPECTED_STATE, `lab: provider refused to ${what}`)
}

class LabPayment extends AbstractPaymentProvider {
  static identifier = 'lab'

  async initiatePayment(input) {
    const session = `lab_${randomUUID()}`
    const data = { ...input.data, session }
    log('initiate', { ...input, data })
    return { id: session, data }
  }

  async authorizePayment(input) {
    log('authorize', input)
    return { status: 'authorized', data: input.data }
  }

  async capturePayment(input) {
    log('capture', input)
    return { data: { ...input.data, captured: true } }
  }

  async cancelPayment(input) {
    log('cancel', input)
    await sleep(input.data.slow_ms ?? 0)
    if (input.data.fail_cancel) refuse('cancel')
    return { data: { ...input.data, canceled: true } }
  }

  async refundPayment(input) {
    log('refund', input)
    await sleep(input.data.slow_ms ?? 0)
    if (input.data.fail_refund) refuse('refund')
    return { data: { ...input.data, refunded: true } }
  }

  async updatePayment(input) {
    return { data: input.data }
  }

  async deletePayment(input) {
    return { data: input.data }
  }

  async retrievePayment(input) {
    return { data: input.data }
  }

  async getPaymentStatus() {
    return { status: 'authorized' }
  }

  async getWebhookActionAndData() {
    return { action: 'not_supported' }
  }
}

module.exports = { LabPayment }
