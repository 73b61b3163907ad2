/**
 * A Medusa behind a store of the suite: the sandbox's imitation, which can also be away or refuse
 * our credentials.
 */
import { createSandbox } from '../../adapters/medusa/sandbox/index.ts'

export interface Platform {
  fetch(request: Request): Promise<Response>
  /** How it is: `away` answers 503 to everything, `refusing` 401. */
  mood: 'well' | 'away' | 'refusing'
  /** How many cancels it has carried out, by order. */
  readonly cancels: ReadonlyMap<string, number>
  /** Every request it got, as method and path. */
  readonly calls: string[]
  /** Answers nothing until what this returns is called. */
  hold(): () => void
}

export const openPlatform = (): Platform => {
  const { app, cancels } = createSandbox()
  let held: Promise<void> | null = null
  const platform: Platform = {
    mood: 'well',
    cancels,
    calls: [],
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    async fetch(request) {
      platform.calls.push(`${request.method} ${new URL(request.url).pathname}`)
      if (held) await held
      if (platform.mood === 'away')
        return new Response('<h1>Service Unavailable</h1>', {
          status: 503,
          headers: { 'content-type': 'text/html' },
        })
      if (platform.mood === 'refusing')
        return Response.json({ message: 'Unauthorized' }, { status: 401 })
      return app.fetch(request)
    },
  }
  return platform
}

/** Settings with which a gateway may speak to it. */
export const settings = (baseUrl: string) => ({ ...createSandbox().settings, baseUrl })
