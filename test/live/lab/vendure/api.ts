/** How a Vendure of the lab is spoken to by hand: its Admin API, and its Shop API as a shopper. */

export type Ask = (query: string, variables?: object) => Promise<any>

export interface Reply {
  readonly status: number
  readonly token: string | null
  readonly body: any
}

export const post = async (
  address: string,
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> => {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  return {
    status: response.status,
    token: response.headers.get('vendure-auth-token'),
    body: await response.json(),
  }
}

/** The result of the one field that was asked for; errors, and refusals as results, are thrown. */
const resultOf = ({ body }: Reply, query: string): any => {
  const [result] = Object.values((body.data as object | null) ?? {}) as any[]
  if (body.errors || result?.errorCode)
    throw new Error(`${JSON.stringify(body.errors ?? result)}\n${query.slice(0, 200)}`)
  return result
}

export const ERROR = '... on ErrorResult { errorCode message }'

const LOGIN = `mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename ${ERROR} }
}`

export const login = async (
  address: string,
  username: string,
  password: string,
): Promise<string> => {
  const reply = await post(address, LOGIN, { username, password })
  resultOf(reply, LOGIN)
  return reply.token ?? ''
}

export const openAdmin = async (url: string, password: string): Promise<Ask> => {
  const address = `${url}/admin-api`
  const authorization = `Bearer ${await login(address, 'superadmin', password)}`
  return async (query, variables) =>
    resultOf(await post(address, query, variables, { authorization }), query)
}

/** A shopper: who is signed in where `token` is one's. The session goes on from call to call. */
export const openShopper = (
  url: string,
  { token = null, currency = 'USD' }: { token?: string | null; currency?: string } = {},
): Ask => {
  let session = token
  return async (query, variables) => {
    const reply = await post(
      `${url}/shop-api?currencyCode=${currency}`,
      query,
      variables,
      session === null ? {} : { authorization: `Bearer ${session}` },
    )
    session = reply.token ?? session
    return resultOf(reply, query)
  }
}
