/**
 * The runtime's clocks, timers and chance as the simulated processes see them: while one is under
 * way, everything comes from it.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What stands in the place of the runtime's own. */
export interface Stand {
  /** `performance.now()`. */
  readonly steady: () => number
  /** `Date.now()`. */
  readonly wall: () => number
  readonly float: () => number
  readonly setTimeout: (run: () => void, ms: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}

const realSetImmediate = globalThis.setImmediate
/** Once everything that is ready has run: promises are resolved before this comes round. */
export const whenIdle = (run: () => void): void => void realSetImmediate(run)

interface Secret {
  readonly raw: Uint8Array
}
const bytesOf = (source: BufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
const macOf = ({ raw }: Secret, text: BufferSource) =>
  createHmac('sha256', raw).update(bytesOf(text)).digest()

/** WebCrypto without its threads, whose turns nobody could choose. */
const subtle = {
  digest: async (_: string, text: BufferSource) => {
    const sum = createHash('sha256').update(bytesOf(text)).digest()
    return sum.buffer.slice(sum.byteOffset, sum.byteOffset + sum.byteLength)
  },
  importKey: async (_: string, raw: BufferSource): Promise<Secret> => ({ raw: bytesOf(raw) }),
  sign: async (_: string, key: Secret, text: BufferSource) => macOf(key, text),
  verify: async (_: string, key: Secret, signature: BufferSource, text: BufferSource) =>
    timingSafeEqual(bytesOf(signature), macOf(key, text)),
}

/** Puts the stand in everybody's way; what it returns takes it away again. */
export const install = (stand: Stand): (() => void) => {
  const undo: (() => void)[] = []
  const replace = (owner: object, name: string, value: unknown) => {
    const own = Object.getOwnPropertyDescriptor(owner, name)
    Object.defineProperty(owner, name, { value, configurable: true, writable: true })
    undo.push(() => {
      if (own) Object.defineProperty(owner, name, own)
      else Reflect.deleteProperty(owner, name)
    })
  }
  replace(globalThis, 'setTimeout', stand.setTimeout)
  replace(globalThis, 'clearTimeout', stand.clearTimeout)
  replace(performance, 'now', stand.steady)
  replace(Date, 'now', stand.wall)
  replace(Math, 'random', stand.float)
  replace(crypto, 'getRandomValues', (into: Uint8Array) => {
    for (let index = 0; index < into.length; index++) into[index] = Math.floor(stand.float() * 256)
    return into
  })
  for (const [name, value] of Object.entries(subtle)) replace(crypto.subtle, name, value)
  return () => {
    for (const one of undo.toReversed()) one()
  }
}
