/**
 * What is used of the Workers runtime, as types: its own package would shadow the DOM's `fetch`
 * types everywhere else.
 */
declare module 'cloudflare:workers' {
  export interface DurableObjectStorage {
    readonly sql: {
      exec(
        statement: string,
        ...values: unknown[]
      ): { toArray(): Readonly<Record<string, string | number | null>>[] }
    }
    transactionSync<T>(work: () => T): T
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
    deleteAlarm(): Promise<void>
  }

  export interface DurableObjectState {
    readonly id: { toString(): string }
    readonly storage: DurableObjectStorage
  }

  export interface DurableObjectStub {
    fetch(request: Request): Promise<Response>
  }

  export interface DurableObjectNamespace<Stub extends DurableObjectStub = DurableObjectStub> {
    idFromName(name: string): { toString(): string }
    get(id: { toString(): string }): Stub
  }

  export abstract class DurableObject<Bindings = unknown> {
    protected readonly ctx: DurableObjectState
    protected readonly env: Bindings
    constructor(state: DurableObjectState, bindings: Bindings)
  }
}
