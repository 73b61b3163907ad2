/** Who is let into the imitated Wix site: who has an account's key, or an app's token. */
import type { Context } from 'hono'
import { readJson } from '../../../src/adapter/sandbox-kit.ts'
import { failure, refusal } from './errors.ts'

// Pages of dev.wix.com: "Make REST API Calls with an API Key", "Create Access Token", "About
// Errors".

const TOKEN_SECONDS = 14_400 // "Create Access Token": always four hours
const SITE_ID = '5173e000-0000-4000-8000-000000000001'

export const KEY = { apiKey: 'fake-wix-key', siteId: SITE_ID }
export const READING_KEY = { apiKey: 'fake-wix-reading-key', siteId: SITE_ID }
export const APP = {
  appId: 'a9900000-0000-4000-8000-000000000001',
  appSecret: 'fake-wix-secret',
  instanceId: '1257a9ce-0000-4000-8000-000000000001',
}
const WANTED = {
  grant_type: 'client_credentials',
  client_id: APP.appId,
  client_secret: APP.appSecret,
  instance_id: APP.instanceId,
}

export function createAccess() {
  /** When each token runs out. */
  const tokens = new Map<string, number>()
  let issued = 0
  return {
    issued: () => issued,
    expireTokens: () => tokens.clear(),

    /**
     * Throws a 401 for an unknown caller. A known one without site header or permission gets a 403,
     * seen to be blank.
     */
    authorize(c: Context, permission: 'read' | 'modify'): void {
      const given = c.req.header('authorization') ?? ''
      if ((tokens.get(given.replace(/^Bearer /i, '')) ?? 0) > Date.now()) return
      const isReader = given === READING_KEY.apiKey
      if (given !== KEY.apiKey && !isReader)
        throw refusal(401, 'UNAUTHENTICATED', 'Unknown or expired credentials.')
      if (c.req.header('wix-site-id') !== SITE_ID) throw failure(403)
      if (permission === 'modify' && isReader) throw failure(403)
    },

    /** Answers with a token, or in the form of RFC 6749, section 5.2. */
    async issue(c: Context) {
      c.header('Cache-Control', 'no-store')
      const body = (await readJson(c.req.raw)) as Record<string, unknown> | null | undefined
      const wrong = Object.entries(WANTED).find(([name, value]) => body?.[name] !== value)
      if (wrong)
        return c.json({ error: 'invalid_client', error_description: `Wrong ${wrong[0]}.` }, 401)
      const token = `fake-token-${++issued}-${crypto.randomUUID()}`
      tokens.set(token, Date.now() + TOKEN_SECONDS * 1_000)
      return c.json({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS })
    },
  }
}
export type Access = ReturnType<typeof createAccess>
