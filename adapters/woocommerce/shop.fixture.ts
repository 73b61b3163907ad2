/**
 * The imitation behind real servers on loopback, with TLS and without: what speaks to it there goes
 * through sockets, as to a shop.
 */
import { createRequire } from 'node:module'
import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type library from '@woocommerce/woocommerce-rest-api'
import { createSandbox } from './sandbox/index.ts'

/** WooCommerce's own client, in CommonJS: loaded as such, since loaders differ on its default. */
export const { default: Client } = createRequire(import.meta.url)(
  '@woocommerce/woocommerce-rest-api',
) as typeof library
export type ClientOptions = ConstructorParameters<typeof Client>[0]

const pem = (name: string, base64: string) =>
  `-----BEGIN ${name}-----\n${base64}\n-----END ${name}-----\n`
/** Of these tests and of nothing else: for 127.0.0.1, signed by itself, from 2020 to 2099. */
const KEY = pem(
  'EC PRIVATE KEY',
  'MHcCAQEEIJZw58rHSX67aK/CrmwHj0Py8m30uoSnYmA/35FxI5OvoAoGCCqGSM49AwEHoUQDQgAEtN6dvrBVgrXu' +
    '+tJK7LbvpJpsPg7AyDnUvIHZM+ao6n8hOIZoqG2CoSW9DT14xYq6Fp8usWTLODBS0VtpgvwWHg==',
)
export const CERTIFICATE = pem(
  'CERTIFICATE',
  'MIIBSzCB8aADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCTEyNy4wLjAuMTAgFw0yMDAxMDEwMDAwMDBa' +
    'GA8yMDk5MTIzMTAwMDAwMFowFDESMBAGA1UEAwwJMTI3LjAuMC4xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' +
    'tN6dvrBVgrXu+tJK7LbvpJpsPg7AyDnUvIHZM+ao6n8hOIZoqG2CoSW9DT14xYq6Fp8usWTLODBS0VtpgvwWHqMy' +
    'MDAwDwYDVR0RBAgwBocEfwAAATAdBgNVHQ4EFgQUkLfoURlGstp9AYo00og3+qn76powCgYIKoZIzj0EAwIDSQAw' +
    'RgIhAI26BHXLgRHSYE422YYOKtmiHq2dHYhSkyeRl4vy1g1dAiEAnDrSFwwWI4gkEG7pcbbR1haRHrO1AAE2/JzR' +
    'USeXATI=',
)

export interface Shop {
  readonly sandbox: ReturnType<typeof createSandbox>
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  /** Of every request: method, path and query. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export const openShop = async (protocol: 'http' | 'https'): Promise<Shop> => {
  const sandbox = createSandbox()
  const asked: string[] = []
  const answer = getRequestListener(async (request) => sandbox.app.fetch(request))
  const listener: RequestListener = (incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    void answer(incoming, outgoing)
  }
  const server =
    protocol === 'https'
      ? createSecure({ key: KEY, cert: CERTIFICATE }, listener)
      : createPlain(listener)
  const port = await listen(server)
  return {
    sandbox,
    asked,
    url: `${protocol}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
