/** Deliberate breakages of the product, each of which its tests must notice: a guarantee whose loss nobody notices is none. */

export interface Mutation {
  /** What the gateway would be without. */
  readonly without: string
  readonly file: string
  /** In another file where the third says so. */
  readonly edits: readonly (readonly [find: string, replace: string, file?: string])[]
  /** The smallest test files that must notice, and a part of their tests' names where the files are slow. Or a part of the torture: it must not be blind either. */
  readonly tests: readonly string[] | `${string} ${'sqlite' | 'redis'}`
  readonly named?: string
  /** Tried in the short version too. */
  readonly quick?: true
  readonly needsRedis?: true
}

const ATTEMPT = 'src/gateway/attempt.ts'
const DECIDE = 'src/gateway/decide.ts'
const gateway = (...names: string[]) => names.map((name) => `test/gateway/${name}.test.ts`)
const SQLITE = ['test/ledger/sqlite.test.ts']

const NO_SETTLE: Mutation['edits'] = [["if (record.problem === null && now < settled) return { do: 'wait', until: settled, unchanged: false }", '']]
const NO_GUARD: Mutation['edits'] = [["if (same) return { outcome: 'deduplicated', record: same }", '']]
const FORGETFUL: Mutation['edits'] = [["if (record.status === 'sending') return doubt(undefined, store.settleMs)", "if (record.status === 'sending') return save({ type: 'unsent', result: { result: 'gone', ms: 0 }, wakeAt: shop.now() })"]]

export const MUTATIONS: readonly Mutation[] = [
  { without: 'the settle time before a look is believed', file: DECIDE, tests: gateway('doubt'), quick: true,
    edits: NO_SETTLE },
  { without: 'the lock while a call may still land', file: ATTEMPT, tests: gateway('locks'), quick: true,
    edits: [["return save({ type: 'doubt', result, refusal, wakeAt }, wakeAt)", "return save({ type: 'doubt', result, refusal, wakeAt })"]] },
  { without: 'the intent on the disk before the first byte', file: ATTEMPT, tests: gateway('success', 'doubt'), quick: true,
    edits: [['const saved = await shop.ledger.save(next, lease ?? undefined, hold)', "const saved = next.status === 'sending' ? (setTimeout(() => shop.ledger.save(next, lease ?? undefined, hold), 5), { ...next, version: next.version + 1 }) : await shop.ledger.save(next, lease ?? undefined, hold)"]] },
  { without: 'a look before the first cancel is sent', file: DECIDE, tests: gateway('refusal'), quick: true,
    edits: [["if (look.done) return { do: 'succeed', ours: isRetried(record) }", '']] },
  { without: 'a look before a cancel is sent again', file: ATTEMPT, tests: gateway('doubt'),
    edits: [['const decision = decide(record,', "const decision = record.status === 'in_doubt' ? { do: 'send' as const } : decide(record,"]] },
  { without: 'asking what a second cancel does there', file: DECIDE, tests: gateway('doubt'),
    edits: [["if (effect === 'refused' || effect === 'harmless') return { do: 'send' }", "return { do: 'send' }"]] },
  { without: 'looking for money that moved', file: DECIDE, tests: gateway('doubt'),
    edits: [["if (moved(record, look)) return { do: 'alarm', problem: moneyMovedProblem() }", '']] },
  { without: 'a look after a 2xx', file: ATTEMPT, tests: gateway('doubt', 'success'),
    edits: [['if (!look.done) return doubt(result, store.settleMs)', '']] },
  { without: 'a look after a refusal', file: ATTEMPT, tests: gateway('refusal'), quick: true,
    edits: [['const result = { result: failure.result, ms }\n    let look: Look', "const result = { result: failure.result, ms }\n    if (ms >= 0) return reject(refusalProblem(failure, null), { via: 'reply', result })\n    let look: Look"]] },
  { without: 'doubt about what a crash interrupted', file: ATTEMPT, tests: gateway('crash'), quick: true,
    edits: FORGETFUL },
  { without: 'the last moment at which it may be sent', file: 'src/adapter/connection.ts', tests: ['test/adapter/send.test.ts'],
    edits: [["if (isLate?.()) throw new CallFailure(unsent('not sent: too late'))", '']] },
  { without: 'doubt about a 500', file: 'src/adapter/failure.ts', tests: gateway('doubt', 'network'), quick: true,
    edits: [["if (status === 408 || status >= 500 || !explained) return meaning('doubt', status)", "if (status === 408 || status >= 500 || !explained) return meaning('not_processed', status)"]] },
  { without: 'evidence of what was handed to a socket', file: 'src/undici.ts', tests: ['test/adapter/undici.test.ts'],
    edits: [['new TransportError(reason, controller !== null,', 'new TransportError(reason, false,']] },
  { without: 'refusing redirects (Node)', file: 'src/undici.ts', tests: ['test/adapter/undici.test.ts'],
    edits: [['import { type Dispatcher, Pool }', 'import { type Dispatcher, interceptors, Pool }'], ['poolFor(origin).dispatch(', 'poolFor(origin).compose(interceptors.redirect({ maxRedirections: 3 })).dispatch(']] },
  { without: 'refusing redirects (fetch)', file: 'src/adapter/transport.ts', tests: [...gateway('network'), 'test/adapter/retry.test.ts', 'test/adapter/send.test.ts'],
    edits: [["redirect: 'manual'", "redirect: 'follow'"]] },
  { without: 'the caller in the scope of a key', file: 'src/ledger/ledger.ts', tests: gateway('repeats'),
    edits: [['JSON.stringify([key.caller, draft.request.store, key.value])', 'JSON.stringify([draft.request.store, key.value])']] },
  { without: 'comparing the body of a repeated key', file: 'src/ledger/sql.ts', tests: SQLITE,
    edits: [["used['fingerprint'] === key.fingerprint ? 'replayed' : 'key_reused'", "'replayed'"]] },
  { without: 'one cancellation per order', file: 'src/ledger/ledger.ts', tests: gateway('repeats'),
    edits: NO_GUARD },
  { without: 'the epoch of a lease (SQL)', file: 'src/ledger/sql.ts', tests: SQLITE,
    edits: [[' || (lease && !holds(lease))', '']] },
  { without: 'compare-and-set on the version (SQL)', file: 'src/ledger/sql.ts', tests: SQLITE,
    edits: [["current?.['version'] !== next.version || ", '']] },
  { without: 'leases that exclude each other (SQL)', file: 'src/ledger/sql.ts', tests: SQLITE,
    edits: [['if (held) return wake(', 'if (held && until(now()) < 0) return wake('], ['const holds = (', 'const until = (at: number) => at\n  const holds = (']] },
  { without: 'a sync on every commit', file: 'src/ledger/sqlite.ts', tests: ['test/ledger/sqlite-durability.test.ts'], named: 'syncs every commit',
    edits: [['pragma synchronous = full', 'pragma synchronous = normal'], ["pragma('synchronous') !== 2", "pragma('synchronous') !== 1"]] },
  { without: 'a commit before the answer', file: 'src/ledger/sqlite.ts', tests: ['test/ledger/sqlite-durability.test.ts'], named: 'over kill -9',
    edits: [
      ["const begin = () => prepared('begin immediate').run()", "const begin = () => { if (!database.isTransaction) { prepared('begin immediate').run(); setTimeout(() => prepared('commit').run(), 50) } }"],
      ["prepared('commit').run()\n      return results", 'return results'],
    ] },
  { without: 'the epoch of a lease (Redis)', file: 'src/ledger/redis-scripts.ts', tests: ['test/ledger/redis.test.ts'], needsRedis: true,
    edits: [["if epoch ~= '' and call('HGET', p .. 'epochs', lock) ~= epoch then return 0 end", '']] },
  { without: 'compare-and-set on the version (Redis)', file: 'src/ledger/redis-scripts.ts', tests: ['test/ledger/redis.test.ts'], needsRedis: true,
    edits: [['if was[1] ~= expected then return 0 end', '']] },
  { without: 'the pause after another Redis', file: 'src/ledger/redis-leases.ts', tests: ['test/ledger/redis-failure.test.ts'], named: 'restarted: no lease', needsRedis: true,
    edits: [['if tonumber(resume or 0) > at then', 'if tonumber(resume or 0) > at + 1e15 then']] },
  { without: 'proof that a replica has the intent (Redis)', file: 'src/ledger/redis-replicas.ts', tests: ['test/ledger/redis-replicas.test.ts'], named: 'falls silent', needsRedis: true,
    edits: [['server.replicas === 0 || tell(', 'server.replicas >= 0 || tell(']] },
  { without: 'doubt about a write whose answer was lost', file: 'src/http/app.ts', tests: ['test/http/lost-answers.test.ts'], needsRedis: true,
    edits: [["error.written === false || c.req.method === 'GET'", 'true']] },
  { without: 'a clock that cannot be set', file: 'src/node.ts', tests: ['test/http/clock.test.ts'],
    edits: [['timing: settled, now: steadyNow, ', 'timing: settled, ']] },
  { without: 'a breaker that goes by a clock that cannot be set', file: 'src/adapter/gate.ts', tests: ['test/adapter/gate.test.ts'], named: 'a rest is over in its time',
    edits: [['if (sickFor() === 0) breaker = open()', '']] },
  { without: 'patience with a ledger that takes no writes', file: 'src/gateway/slots.ts', tests: gateway('slots'),
    edits: [['attempt(store, record, customerToken).finally(', 'attempt(store, record, customerToken).then((left) => left ?? record).finally(']] },
  { without: 'forgetting the customer', file: 'src/model/cancellation.ts', tests: ['test/model/transition.test.ts'], quick: true,
    edits: [['effects: event.effects, order: withoutCustomer(event.order), before: null', 'effects: event.effects, order: event.order, before: null']] },
  { without: 'the settle time, at a seam', file: DECIDE, tests: 'sweep.ts sqlite',
    // Two guards stand for it: it is waited out before the look, and the look is not believed before. Each alone suffices.
    edits: [...NO_SETTLE, ['const wakeAt = shop.now() + pauseMs', 'const wakeAt = shop.now() + pauseMs * 0', ATTEMPT]] },
  { without: 'one cancellation per order, in a sequence', file: 'src/ledger/ledger.ts', tests: 'sequences.ts sqlite', edits: NO_GUARD },
  { without: 'doubt about what a crash interrupted, at a seam', file: ATTEMPT, tests: 'sweep.ts sqlite', edits: FORGETFUL },
]
