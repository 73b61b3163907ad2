/** Registers the lab's payment provider with Medusa's payment module. */
const { ModuleProvider, Modules } = require('@medusajs/framework/utils')
const { LabPayment } = require('./service')

exports.default = ModuleProvider(Modules.PAYMENT, { services: [LabPayment] })
