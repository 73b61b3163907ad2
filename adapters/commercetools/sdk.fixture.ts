/** commercetools' own SDK as a client of whatever answers at an address; it sends nothing twice. */
import { createApiBuilderFromCtpClient } from '@commercetools/platform-sdk'
import { ClientBuilder } from '@commercetools/ts-client'

interface Credentials {
  readonly projectKey: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes?: string[]
}

/**
 * `withConcurrentModificationMiddleware` is left out, as it must be: it answers a 409 by the same
 * body with the version of that moment (recordings/sdk-traps.json), and no precondition is left.
 */
export const sdkOf = (
  base: string,
  { projectKey, clientId, clientSecret, scopes }: Credentials,
  httpClient: typeof fetch,
) => {
  const client = new ClientBuilder()
    .withClientCredentialsFlow({
      host: base,
      projectKey,
      credentials: { clientId, clientSecret },
      scopes: scopes ?? [`manage_orders:${projectKey}`],
      httpClient,
    })
    .withHttpMiddleware({ host: base, httpClient })
    .build()
  return createApiBuilderFromCtpClient(client).withProjectKey({ projectKey })
}
export type Sdk = ReturnType<typeof sdkOf>
