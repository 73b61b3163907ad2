/**
 * Notices that somebody else made of real ones: bits turned, ends cut off, parts moved, doubled or
 * mixed. None says what the platform did not. RESCIND_NOTICES says how many, RESCIND_SEED which.
 */
import { expect, it } from 'vitest'
import type { Signature } from '../../src/adapter/notices.ts'
import { readNotice, type Received } from '../../src/connection/notices.ts'
import { firstAccepted, receivedOf, settingsFor } from '../../src/testing/notices.ts'
import { vectors } from './vectors.ts'

const COUNT = Number(process.env['RESCIND_NOTICES'] ?? 4_000)
const SEED = Number(process.env['RESCIND_SEED'] ?? 20_261_129)

type Bytes = Uint8Array<ArrayBuffer>
type Below = (end: number) => number

/** Numbers below an end, the same for a seed (mulberry32). */
const numbers = (seed: number): Below => {
  let state = seed
  return (end) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }
}

const join = (...parts: Bytes[]): Bytes => Uint8Array.from(parts.flatMap((part) => [...part]))

/** What is done to the bytes of a body, with another one at hand. */
const CHANGES: readonly ((body: Bytes, below: Below, other: Bytes) => Bytes)[] = [
  (body, below) => body.with(below(body.length), below(256)),
  (body, below) => {
    const at = below(body.length)
    return body.with(at, (body[at] ?? 0) ^ (1 << below(8)))
  },
  (body, below) => body.slice(0, below(body.length)),
  (body, below) => body.slice(1 + below(body.length - 1)),
  (body, below) => {
    const [from, to] = [below(body.length), below(body.length)].sort((one, two) => one - two)
    return join(body.slice(to), body.slice(from, to), body.slice(0, from))
  },
  (body, below) => {
    const at = below(body.length)
    return join(body.slice(0, at), Uint8Array.of(below(256)), body.slice(at))
  },
  (body, below) => {
    const at = below(body.length)
    return join(body.slice(0, at), body.slice(at + 1 + below(8)))
  },
  (body) => join(body, body),
  (body, below, other) => join(body.slice(0, below(body.length)), other.slice(below(other.length))),
  (_, __, other) => other,
]

const PROVING: Record<Signature['scheme'], (signature: Signature) => string[]> = {
  'hmac-of-body': (signature) => ('header' in signature ? [signature.header] : []),
  'hmac-of-sorted-json': (signature) => ('header' in signature ? [signature.header] : []),
  'standard-webhook': () => ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  'jwt-rs256': () => [],
}

/** One letter of a text is another that may stand in a header, or is gone. */
const changeText = (text: string, below: Below): string => {
  const at = below(text.length)
  const letter = String.fromCharCode(0x21 + below(94))
  const others = [text.slice(0, at), letter, text.slice(at + 1)]
  return below(4) === 0 ? text.slice(0, at) + text.slice(at + 1) : others.join('')
}

const originals = vectors.map(({ adapter, settings, file }) => {
  const one = firstAccepted(file)
  const { signature } = adapter.notices as { signature: Signature }
  return {
    name: adapter.id,
    adapter,
    nowMs: Date.parse(file.now),
    settings: settingsFor(adapter, settings, file, one),
    received: receivedOf(one),
    verdict: one.verdict,
    proving: PROVING[signature.scheme](signature),
  }
})
type Original = (typeof originals)[number]

const mutate = ({ received, proving }: Original, below: Below): Received => {
  const { body, headers, query } = received
  const inHeaders = proving.length > 0 && below(3) === 0
  if (inHeaders) {
    const [name = '', changed] = [proving[below(proving.length)], new Headers(headers)]
    changed.set(name, changeText(headers.get(name) ?? '', below))
    return { ...received, headers: changed }
  }
  if (query.size > 0 && below(3) === 0) {
    const [[name, value] = ['', ''], changed] = [[...query][0], new URLSearchParams(query)]
    changed.set(name, changeText(value, below))
    return { ...received, query: changed }
  }
  const other = originals[below(originals.length)] as Original
  const change = CHANGES[below(CHANGES.length)] as (typeof CHANGES)[number]
  return { ...received, body: change(body, below, other.received.body) }
}

const asText = ({ body, headers, query }: Received) =>
  JSON.stringify([[...body], [...headers], [...query]])

/** What a JSON says, whatever its spaces and the order of its members. */
const meaning = (body: Bytes): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return null
  }
}

it(`of ${COUNT} changed notices none is accepted that says another (seed ${SEED})`, async () => {
  const below = numbers(SEED)
  let [same, refused] = [0, 0]
  for (let count = 0; count < COUNT; count++) {
    const original = originals[count % originals.length] as Original
    const { name, adapter, settings, nowMs, received, verdict } = original
    const changed = mutate(original, below)
    const judged = await readNotice(adapter, settings, changed, nowMs)
    if (judged.kind === 'refused') {
      refused++
      continue
    }
    same++
    expect(judged, `${name}: ${asText(changed)}`).toEqual(verdict)
    // Nothing changed, or only what the platform itself does not sign: how its JSON is written.
    if (asText(changed) !== asText(received))
      expect([meaning(changed.body), [...changed.headers], [...changed.query]], name).toEqual([
        meaning(received.body),
        [...received.headers],
        [...received.query],
      ])
  }
  expect(refused).toBeGreaterThan(COUNT * 0.9)
  expect(same + refused).toBe(COUNT)
})
