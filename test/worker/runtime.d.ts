/**
 * What the tests use of the Workers runtime and of the plugin that runs them in it, as types: see
 * src/hosts/workers/runtime.d.ts.
 */
declare module 'cloudflare:workers' {
  import type { AccountStub } from '../../src/hosts/workers/front.ts'

  interface Namespace<
    Stub extends DurableObjectStub = DurableObjectStub,
  > extends DurableObjectNamespace<Stub> {
    newUniqueId(): { toString(): string }
  }
  export const env: { readonly ACCOUNTS: Namespace<AccountStub>; readonly SHELVES: Namespace }
  export const exports: { readonly default: { fetch(request: Request): Promise<Response> } }
}

declare module 'cloudflare:test' {
  import type { DurableObject, DurableObjectState, DurableObjectStub } from 'cloudflare:workers'

  /** Runs it inside the object, with its storage. */
  export const runInDurableObject: <T>(
    stub: DurableObjectStub,
    work: (
      object: DurableObject,
      state: DurableObjectState & { abort(reason: string): void },
    ) => T | Promise<T>,
  ) => Promise<T>
  /** Runs the alarm that is set, at once; false: none is. */
  export const runDurableObjectAlarm: (stub: DurableObjectStub) => Promise<boolean>
  /** Ends the object when it is idle; what is stored stays. */
  export const evictDurableObject: (stub: DurableObjectStub) => Promise<void>
}
