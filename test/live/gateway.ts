/**
 * A whole gateway with stores of its own configuration, spoken to over HTTP, for the live tests.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../../src/hosts/node/index.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

/** Starts a gateway; `ask` speaks to it as any client would, with this key where there is one. */
export const openGateway = async (config: object, key?: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'rescind-live-'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const { url, close } = await start({
    RESCIND_CONFIG: join(folder, 'config.json'),
    RESCIND_LEDGER: `sqlite:${join(folder, 'ledger.db')}`,
    PORT: '0',
    LOG_LEVEL: 'silent',
  })
  const ask = async (
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status } = response
    return { status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }
  const until = async (id: string, ms: number): Promise<any> => {
    for (const end = Date.now() + ms; ;) {
      const { body } = await ask('GET', `/v1/cancellations/${id}`, undefined, { prefer: 'wait=25' })
      if (body.final || body.status === 'needs_attention') return body
      if (Date.now() > end) throw new Error(`still ${body.status} after ${ms} ms`)
    }
  }
  return {
    url,
    ask,
    until,
    cancel: (body: object, headers: Record<string, string> = {}) =>
      ask('POST', '/v1/cancellations', body, { prefer: 'wait=25', ...headers }),
    async close() {
      await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
