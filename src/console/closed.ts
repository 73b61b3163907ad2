/** A console that has no secret: nobody can log in, and every address of it says what to do. */
import type { Hono } from 'hono'
import type { Env } from '../http/auth.ts'
import { html, icon } from './elements.ts'
import { type ConsoleContext, show } from './layout.ts'
import { MIN_SECRET } from './session.ts'

export const addClosed = (app: Hono<Env>, context: ConsoleContext): void => {
  app.all('*', (c) =>
    show(
      c,
      context,
      {
        title: 'Not set up yet',
        place: null,
        body: html`
          <div class="empty is-trouble">
            <h1>${icon('alert')} The console is not set up yet</h1>
            <p>
              It has no secret to sign sessions with, so nobody can log in. The API works all the
              same.
            </p>
            <p>
              <strong>What to do:</strong> set <code>RESCIND_SESSION_SECRET</code> to
              at least ${MIN_SECRET} random characters. On Cloudflare Workers:
            </p>
            <pre tabindex="0">
              openssl rand -base64 32 | npx wrangler secret put RESCIND_SESSION_SECRET
            </pre>
          </div>
        `,
      },
      503,
    ),
  )
}
