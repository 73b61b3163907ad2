/** Medusa without its admin pages and without Redis: events and workflows stay in this one process. */
const { defineConfig } = require('@medusajs/framework/utils')

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { ssl: false, sslmode: 'disable' },
    http: { jwtSecret: process.env.JWT_SECRET, cookieSecret: process.env.COOKIE_SECRET },
  },
  modules: [
    {
      resolve: '@medusajs/medusa/payment',
      // Medusa's own pp_system_default is always there; pp_lab_lab refuses or stalls when a payment says so.
      options: { providers: [{ resolve: './src/modules/lab-payment', id: 'lab', options: {} }] },
    },
  ],
})
