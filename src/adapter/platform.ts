/** A platform as the list of platforms takes it: its adapter, and its imitation. */
import type { Adapter } from './contract.ts'
import type { Sandbox } from './sandbox.ts'

/** An adapter whose settings' type is its own business. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyAdapter = Adapter<any>

/** A platform as the list takes it: how to speak to it, and its imitation. */
export interface Platform {
  readonly adapter: AnyAdapter
  /** Loads it first: who has stores of their own never does. */
  readonly createSandbox: () => Promise<Sandbox>
}
