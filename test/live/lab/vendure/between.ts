/** Stands between a gateway and a Vendure: counts its cancels, and lets a test come between. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Passing {
  readonly name: string
  readonly variables: any
}

/** What comes before a cancel is handed on; false: its reply gets lost. */
export type Before = (passing: Passing) => Promise<boolean | void>

export const openBetween = async (to: string) => {
  const names: Passing[] = []
  let before: Before = async () => undefined
  let [under, most] = [0, 0]
  const server = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      const body = Buffer.concat(pieces).toString()
      const { query, variables } = JSON.parse(body)
      const passing = { name: /^\w+ (\w+)/.exec(query)?.[1] ?? '', variables }
      names.push(passing)
      const isCancel = passing.name === 'Cancel' || passing.name === 'Transition'
      if (isCancel) most = Math.max(most, ++under)
      const isAnswered = !isCancel || (await before(passing)) !== false
      const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
      const reply = await fetch(to + (request.url ?? ''), {
        method: 'POST',
        headers: headers as Record<string, string>,
        body,
      })
      const text = await reply.text()
      if (isCancel) under -= 1
      if (!isAnswered) return response.destroy()
      const token = reply.headers.get('vendure-auth-token')
      return response
        .writeHead(reply.status, {
          'content-type': reply.headers.get('content-type') ?? '',
          ...(token !== null && { 'vendure-auth-token': token }),
        })
        .end(text)
    })().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What passed since this was asked last, and how many cancels were under way at most. */
    passed() {
      const told = { names: names.splice(0), most }
      most = under
      return told
    },
    comeBetween(next: Before = async () => undefined) {
      before = next
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
