/**
 * The Worker under test: the real one, with the configuration of whichever host of the tests a
 * request or an object belongs to.
 */
import { DurableObject, type DurableObjectState } from 'cloudflare:workers'
import console from '../../src/hosts/workers/console.ts'
import worker, { Account as RealAccount, type Bindings } from '../../src/hosts/workers/index.ts'
import { bindingsOf, bindingsOfObject, hasConsole } from './hosts.ts'

export class Account extends RealAccount {
  constructor(state: DurableObjectState, bindings: Bindings) {
    super(state, bindingsOfObject(state.id.toString()) ?? bindings)
  }
}

/** An object with nothing but its storage, for the ledger alone. */
export class Shelf extends DurableObject {
  alarm(): void {}
}

export default {
  fetch(request: Request, bindings: Bindings) {
    const { hostname } = new URL(request.url)
    return (hasConsole(hostname) ? console : worker).fetch(
      request,
      bindingsOf(hostname) ?? bindings,
    )
  },
}
