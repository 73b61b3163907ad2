/**
 * Deliberate breakages of the product, each of which its tests must notice: a guarantee whose loss
 * nobody notices is none. Longer than 400 lines because it is data, one list without a branch.
 */

export interface Mutation {
  /** What the gateway would be without. */
  readonly without: string
  readonly file: string
  /** In another file where the third says so. */
  readonly edits: readonly (readonly [find: string, replace: string, file?: string])[]
  /**
   * The smallest test files that must notice, and a part of their tests' names where the files are
   * slow. Or a part of the torture: it must not be blind either.
   */
  readonly tests: readonly string[] | `${string} ${'sqlite' | 'redis'}`
  readonly named?: string
  /** What the part of the torture must find; left out: anything. */
  readonly says?: RegExp
  /** Tried in the short version too. */
  readonly quick?: true
  readonly needsRedis?: true
}

const ADMISSION = 'src/gateway/admission.ts'
const CHANGES = 'src/adapter/changes.ts'
const RUN = 'src/gateway/workflow/run.ts'
const CLIENT = 'src/connection/client.ts'
const DECIDE = 'src/gateway/workflow/decide.ts'
const FORETELL = 'src/gateway/workflow/foretell.ts'
const DELIVERY = 'src/model/delivery.ts'
const EFFECT = 'src/model/effect.ts'
const CLASSIFY = 'src/connection/classify.ts'
const RUNNER = 'src/gateway/batches/runner.ts'
const IDENTITY = 'src/gateway/workflow/identity.ts'
const JOB = 'src/gateway/workflow/job.ts'
const LEDGER = 'src/ledger/rules.ts'
const NOTICE = 'src/connection/notices.ts'
const DUE = 'src/gateway/notices/due.ts'
const FINDINGS = 'src/gateway/notices/findings.ts'
const HEARD = 'src/model/notice.ts'
const SWEEPER = 'src/gateway/notices/sweeper.ts'
const KEPT = 'src/alerts/kept.ts'
const TELLER = 'src/alerts/teller.ts'
const ALERTS = ['teller', 'several'].map((name) => `test/alerts/${name}.test.ts`)
const PLAN = 'src/gateway/links/plan.ts'
const FOLLOW = 'src/gateway/links/follow.ts'
const DRIVER = 'src/gateway/links/driver.ts'
const TRANSITIONS = 'src/model/transitions.ts'
const LOOK = 'src/gateway/workflow/look.ts'
const SEND = 'src/gateway/workflow/send.ts'
const SETTLE = 'src/gateway/workflow/settle.ts'
const SIGNATURE = 'src/connection/signature.ts'
const gateway = (...names: string[]) => names.map((name) => `test/gateway/${name}.test.ts`)
const NOTICES = ['test/notices/notices.test.ts']
const SQLITE = ['test/ledger/sqlite.test.ts']

const NO_SETTLE: Mutation['edits'] = [
  [
    "if (record.problem === null && now < settled) return { do: 'wait', until: settled, " +
      'unchanged: false }',
    '',
  ],
]
const NO_GUARD: Mutation['edits'] = [
  ["if (same) return { outcome: 'deduplicated', record: same }", ''],
]
const FORGETFUL: Mutation['edits'] = [
  [
    "if (record.status === 'sending' && !isRunning(record)) return doubt(job, undefined, " +
      'store.settleMs)',
    "if (record.status === 'sending' && !isRunning(record)) return save(job, { type: 'unsent', " +
      'result: { result: ' +
      "'gone', ms: 0 }, wakeAt: deps.now() })",
  ],
  [
    "import { send } from './send.ts'",
    "import { send } from './send.ts'\nimport { save } from './job.ts'",
  ],
]
const AS_WRITTEN: Mutation['edits'] = [
  ['return orderId === request.orderId ? request : { ...request, orderId }', 'return request'],
]
const ANYBODYS: Mutation['edits'] = [
  ['return leadsTo(store, first) || store.movedFrom.includes(first) ? null : first', 'return null'],
]
const UNLOOKED: Mutation['edits'] = [
  [
    '  let look: Look\n  try {\n    const lockKey',
    '  if (isLapsed(job)) return reject(job, expired(record))\n  let look: Look\n  try {\n    ' +
      'const lockKey',
  ],
]
const ANY_ORDER: Mutation['edits'] = [
  ["if (!isOf(store, orderId, look)) throw failureOf('doubt', '200 another order')", ''],
]
const NO_WORD: Mutation['edits'] = [
  [
    "const word = answer.result === '202' || operation.says?.(context, answer.reply) === false " +
      "? undefined : ('canceled' as const)",
    "const word = undefined as 'canceled' | undefined",
  ],
]

export const MUTATIONS: readonly Mutation[] = [
  {
    without: 'the settle time before a look is believed',
    file: DECIDE,
    tests: gateway('doubt'),
    quick: true,
    edits: NO_SETTLE,
  },
  {
    without: 'the lock while a call may still land',
    file: SETTLE,
    tests: gateway('locks'),
    quick: true,
    edits: [
      [
        "return save(job, { type: 'doubt', result, wakeAt, ...more }, wakeAt)",
        "return save(job, { type: 'doubt', result, wakeAt, ...more })",
      ],
    ],
  },
  {
    without: 'the intent on the disk before the first byte',
    file: JOB,
    tests: gateway('success', 'doubt'),
    quick: true,
    edits: [
      [
        'const saved = await deps.records.save(record, transition(record, { ...change, at: ' +
          'deps.now() } as Event), job.lease ?? undefined, hold)',
        'const next = transition(record, { ...change, at: deps.now() } as Event)\n  const ' +
          'write = () => deps.records.save(record, next, job.lease ?? undefined, hold)\n  const ' +
          'saved = ' +
          "next.status === 'sending' ? (setTimeout(write, 5), { ...next, version: next.version + " +
          '1 }) : await write()',
      ],
    ],
  },
  {
    without: 'a look before the first cancel is sent',
    file: DECIDE,
    tests: gateway('obstacle'),
    quick: true,
    edits: [
      [
        "look: Look, store: Store): Decision => {\n  if (look.done) return { do: 'succeed', " +
          'ours: (isRetried(record) || record.doubted === true) && isOurs(record) }',
        'look: Look, store: Store): Decision => {',
      ],
    ],
  },
  {
    without: 'asking whether anything of ours went out',
    file: DECIDE,
    tests: gateway('decide'),
    edits: [['(isRetried(record) || record.doubted === true) && isOurs(record)', 'isOurs(record)']],
  },
  {
    without: 'asking whether the only call was refused',
    file: DECIDE,
    tests: gateway('freshness', 'decide'),
    edits: [["record.problem === null && record.word !== 'canceled_already')", 'true)']],
  },
  {
    without: 'a look before a cancel is sent again',
    file: RUN,
    tests: gateway('doubt'),
    edits: [
      [
        'const decision = decide(record,',
        "const decision = record.status === 'in_doubt' ? { do: 'send' as const } : decide(record,",
      ],
    ],
  },
  {
    without: 'asking what a second cancel does there',
    file: DECIDE,
    tests: gateway('doubt'),
    edits: [
      [
        "const isSafe = effect === 'refused' || effect === 'harmless'",
        "const isSafe = effect !== 'harmful'",
      ],
    ],
  },
  {
    without: 'looking for money that moved',
    file: DECIDE,
    tests: gateway('doubt'),
    edits: [
      [
        "if (hasMoneyMoved(record, look)) return { do: 'escalate', problem: moneyMovedProblem() }",
        '',
      ],
    ],
  },
  {
    without: 'a look after a 2xx',
    file: SEND,
    tests: gateway('doubt', 'success'),
    edits: [
      [
        'if (!look.done) return doubt(job, result, word ? lookAgainMs(0, store.settleMs) : ' +
          'store.settleMs, { word })',
        '',
      ],
    ],
  },
  {
    without: 'a look after a refusal',
    file: SEND,
    tests: gateway('refusal'),
    quick: true,
    edits: [
      [
        "const word = failure.saysCanceled ? ('canceled_already' as const) : undefined\n",
        "const word = failure.saysCanceled ? ('canceled_already' as const) : undefined\n  if " +
          "(ms >= 0) return reject(job, refusalProblem(failure, null), { via: 'reply', result " +
          '})\n',
      ],
    ],
  },
  {
    without: 'doubt about what a crash interrupted',
    file: RUN,
    tests: gateway('crash'),
    quick: true,
    edits: FORGETFUL,
  },
  {
    without: 'the last moment at which it may be sent',
    file: CLIENT,
    tests: ['test/adapter/send.test.ts'],
    edits: [["if (isLate?.()) throw new CallFailure(unsent('not sent: too late'))", '']],
  },
  {
    without: 'doubt about a 500',
    file: CLASSIFY,
    tests: gateway('doubt', 'network'),
    quick: true,
    edits: [
      [
        "if (status === 408 || status >= 500 || !explained) return meaning('doubt', status)",
        "if (status === 408 || status >= 500 || !explained) return meaning('not_processed', " +
          'status)',
      ],
    ],
  },
  {
    without: 'evidence of what was handed to a socket',
    file: 'src/connection/transport-undici.ts',
    tests: ['test/adapter/undici.test.ts'],
    edits: [
      ['new TransportError(reason, controller !== null,', 'new TransportError(reason, false,'],
    ],
  },
  {
    without: 'refusing redirects (Node)',
    file: 'src/connection/transport-undici.ts',
    tests: ['test/adapter/undici-replies.test.ts'],
    edits: [
      ['import { type Dispatcher, Pool }', 'import { type Dispatcher, interceptors, Pool }'],
      [
        'poolFor(origin).dispatch(',
        'poolFor(origin).compose(interceptors.redirect({ maxRedirections: 3 })).dispatch(',
      ],
    ],
  },
  {
    without: 'refusing redirects (fetch)',
    file: 'src/connection/transport.ts',
    tests: [...gateway('network'), 'test/adapter/retry.test.ts', 'test/adapter/send.test.ts'],
    edits: [["redirect: 'manual'", "redirect: 'follow'"]],
  },
  {
    without: 'the caller in the scope of a key',
    file: LEDGER,
    tests: gateway('repeats'),
    edits: [
      [
        'JSON.stringify([key.caller, draft.request.store, key.value])',
        'JSON.stringify([draft.request.store, key.value])',
      ],
    ],
  },
  {
    without: 'comparing the body of a repeated key',
    file: LEDGER,
    tests: SQLITE,
    edits: [
      [
        "fingerprint === key.fingerprint || fingerprint === key.plain ? 'replayed' : 'key_reused'",
        "'replayed'",
      ],
    ],
  },
  {
    without: 'one cancellation per order',
    file: LEDGER,
    tests: gateway('repeats'),
    edits: NO_GUARD,
  },
  {
    without: 'the epoch of a lease (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    edits: [[' || (lease && !holds(sql, lease))', '']],
  },
  {
    without: 'compare-and-set on the version (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    edits: [["current?.['version'] !== next.version || ", '']],
  },
  {
    without: 'what is owed in the write that it tells of (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    named: 'what a save owes',
    edits: [['oweRows(sql, owed)', '']],
  },
  {
    without: 'an entry in the write that it tells of (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    named: 'a save writes its entry',
    edits: [['noteRow(sql, noted)', '']],
  },
  {
    without: 'an entry with the claim that creates',
    file: LEDGER,
    tests: SQLITE,
    named: 'a claim writes its entry',
    edits: [['store.note(noted)', '']],
  },
  {
    without: 'an entry before an act that others write down',
    file: 'src/gateway/audit/acts.ts',
    tests: ['test/http/node.test.ts'],
    named: 'any other act is noted',
    edits: [['await audit.note(noted) let isDone = false', 'let isDone = false']],
  },
  {
    without: 'the word that what was done may be there, though its entry is not',
    file: 'src/gateway/audit/acts.ts',
    tests: ['test/gateway/acts.test.ts'],
    edits: [['throw isDone ? unsure(error) : error', 'throw error']],
  },
  {
    without: 'a chain of an audit log that is one piece',
    file: 'src/cli/audit.ts',
    tests: ['test/cli/audit.test.ts'],
    named: 'verify',
    edits: [['return previous === before.hash', 'return before.hash']],
  },
  {
    without: 'the newest event in the row of a subject',
    file: DELIVERY,
    tests: [...SQLITE, 'test/model/delivery.test.ts'],
    edits: [['if (row && owed.revision <= row.revision) return null', '']],
  },
  {
    without: 'settling only what was sent',
    file: DELIVERY,
    tests: [...SQLITE, 'test/model/delivery.test.ts'],
    edits: [['row?.revision !== revision', '!row']],
  },
  {
    without: 'a look that concludes only over what it read (SQL)',
    file: 'src/ledger/sql/notices.ts',
    tests: SQLITE,
    named: 'notices',
    edits: [['if (find(sql, store, orderId)?.version !== version) return false', '']],
  },
  {
    without: 'versions of notices that are given once (SQL)',
    file: 'src/ledger/sql/notices.ts',
    tests: SQLITE,
    named: 'notices',
    edits: [['heard.orderId), heard, spent)', 'heard.orderId), heard, 0)']],
  },
  {
    without: 'versions of links that are given once (SQL)',
    file: 'src/ledger/sql/links.ts',
    tests: SQLITE,
    named: 'links',
    edits: [['(current?.version ?? spentOf(sql)) + 1', 'next.version + 1']],
  },
  {
    without: 'an order in one link at most (SQL)',
    file: 'src/ledger/sql/links.ts',
    tests: SQLITE,
    named: 'links',
    edits: [['if (taken !== undefined && taken !== next.name) return { taken }', '']],
  },
  {
    without: 'a link that is due since a save of its order (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    named: 'links',
    edits: [['touchLink(sql, saved.request, now)', '']],
  },
  {
    without: 'a link that is due since a claim of its order (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    named: 'links',
    edits: [['touchLink(sql, draft.request, now)', '']],
  },
  {
    without: 'the last that stands, behind one that is open again (SQL)',
    file: 'src/ledger/sql/records.ts',
    tests: SQLITE,
    named: 'the guard of an order',
    edits: [
      [' and reopened_at is null', ''],
      ['cancellations indexed by by_success where', 'cancellations where'],
    ],
  },
  {
    without: 'requests that nothing of the platform answers',
    file: LEDGER,
    tests: ['test/ledger/memory.test.ts'],
    named: 'the guard of an order',
    edits: [["...(origin === 'platform' ? [{ origin }] : [])", '']],
  },
  {
    without: 'what is open again, which stands in nobody’s way',
    file: LEDGER,
    tests: ['test/ledger/memory.test.ts'],
    named: 'the guard of an order',
    edits: [['record.reopenedAt === undefined &&', '']],
  },
  {
    without: 'an alarm for what is due for a look',
    file: 'src/ledger/sql/durable.ts',
    tests: ['test/ledger/alarm.test.ts'],
    edits: [['later(looks, LOOKS_MS),', '']],
  },
  {
    without: 'leases that exclude each other (SQL)',
    file: 'src/ledger/sql/leases.ts',
    tests: SQLITE,
    edits: [['if (held) {', 'if (held && now() < 0) {']],
  },
  {
    without: 'a sync on every commit',
    file: 'src/ledger/sql/sqlite.ts',
    tests: ['test/ledger/sqlite-durability.test.ts'],
    named: 'syncs every commit',
    edits: [
      ['pragma synchronous = full', 'pragma synchronous = normal'],
      ["pragma('synchronous') !== 2", "pragma('synchronous') !== 1"],
    ],
  },
  {
    without: 'a commit before the answer',
    file: 'src/ledger/sql/sqlite.ts',
    tests: ['test/ledger/sqlite-durability.test.ts'],
    named: 'over kill -9',
    edits: [
      [
        "const begin = () => prepared('begin immediate').run()",
        "const begin = () => { if (!database.isTransaction) { prepared('begin " +
          "immediate').run(); setTimeout(() => prepared('commit').run(), 50) } }",
      ],
      ["prepared('commit').run()\n      return results", 'return results'],
    ],
  },
  {
    without: 'the epoch of a lease (Redis)',
    file: 'src/ledger/redis/claims.ts',
    tests: ['test/ledger/redis.test.ts'],
    needsRedis: true,
    edits: [
      ["if epoch ~= '' and call('HGET', p .. 'epochs', lock) ~= epoch then return 0 end", ''],
    ],
  },
  {
    without: 'compare-and-set on the version (Redis)',
    file: 'src/ledger/redis/claims.ts',
    tests: ['test/ledger/redis.test.ts'],
    needsRedis: true,
    edits: [['if was[1] ~= expected then return 0 end', '']],
  },
  {
    without: 'what is owed in the write that it tells of (Redis)',
    file: 'src/ledger/redis/claims.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'what a save owes',
    needsRedis: true,
    edits: [['owe(17)', '']],
  },
  {
    without: 'an entry in the write that it tells of (Redis)',
    file: 'src/ledger/redis/claims.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'a save writes its entry',
    needsRedis: true,
    edits: [['note(ARGV[16])', '']],
  },
  {
    without: 'a link that is due since a save of its order (Redis)',
    file: 'src/ledger/redis/claims.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'links',
    needsRedis: true,
    edits: [['note(ARGV[16]) touch(place, now)', 'note(ARGV[16])']],
  },
  {
    without: 'a look that concludes only over what it read (Redis)',
    file: 'src/ledger/redis/notices.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'notices',
    needsRedis: true,
    edits: [["'version') ~= expected then return 0 end", "'version') == '' then return 0 end"]],
  },
  {
    without: 'versions of notices that are given once (Redis)',
    file: 'src/ledger/redis/notices.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'notices',
    needsRedis: true,
    edits: [['version = spent,', "version = '0',"]],
  },
  {
    without: 'the guards of requests, for what the platform canceled (Redis)',
    file: 'src/ledger/redis/records.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'the guard of an order',
    needsRedis: true,
    edits: [['{ heldTo: guardsOf(record) }', '{ heldTo: [guardOf(record)] }']],
  },
  {
    without: 'settling only what was sent (Redis)',
    file: 'src/ledger/redis/deliveries.ts',
    tests: ['test/ledger/redis.test.ts'],
    named: 'was replaced meanwhile',
    needsRedis: true,
    edits: [['or row.revision ~= revision', '']],
  },
  {
    without: 'the pause after another Redis',
    file: 'src/ledger/redis/leases.ts',
    tests: ['test/ledger/redis-failure.test.ts'],
    named: 'restarted: no lease',
    needsRedis: true,
    edits: [['if tonumber(resume or 0) > at then', 'if tonumber(resume or 0) > at + 1e15 then']],
  },
  {
    without: 'proof that a replica has the intent (Redis)',
    file: 'src/ledger/redis/replicas.ts',
    tests: ['test/ledger/redis-replicas.test.ts'],
    named: 'falls silent',
    needsRedis: true,
    edits: [['server.replicas === 0 || report(', 'server.replicas >= 0 || report(']],
  },
  {
    without: 'doubt about a write whose answer was lost',
    file: 'src/http/app.ts',
    tests: ['test/http/lost-answers.test.ts'],
    needsRedis: true,
    edits: [["error.written === false || c.req.method === 'GET'", 'true']],
  },
  {
    without: 'a clock that cannot be set',
    file: 'src/hosts/node/gateway.ts',
    tests: ['test/http/clock.test.ts'],
    edits: [['retention, now: steadyNow, ', 'retention, ']],
  },
  {
    without: 'a breaker that goes by a clock that cannot be set',
    file: 'src/connection/gate.ts',
    tests: ['test/adapter/gate.test.ts'],
    named: 'a rest is over in its time',
    edits: [['if (sickFor() === 0) breaker = open()', '']],
  },
  {
    without: 'patience with a ledger that takes no writes',
    file: 'src/gateway/scheduler.ts',
    tests: gateway('scheduler'),
    edits: [
      [
        'attempt(store, record, customerToken).finally(',
        'attempt(store, record, customerToken).then((left) => left ?? record).finally(',
      ],
    ],
  },
  {
    without: 'forgetting the customer',
    file: TRANSITIONS,
    tests: ['test/model/transition.test.ts'],
    quick: true,
    edits: [
      [
        'effects: event.effects, order: withoutCustomer(event.order), ...CLOSED',
        'effects: event.effects, order: event.order, ...CLOSED',
      ],
    ],
  },
  // A world that is not as assumed.
  {
    without: 'one spelling of an order’s id, at the door',
    file: IDENTITY,
    tests: gateway('identity'),
    quick: true,
    edits: AS_WRITTEN,
  },
  {
    without: 'one spelling of an order’s id, in batches',
    file: 'src/gateway/batches/service.ts',
    tests: gateway('identity'),
    edits: [
      [
        'store ? { ...request, orderId: canonicalOf(store.adapter, request.orderId) } : request',
        'request',
      ],
    ],
  },
  {
    without: 'one spelling of an order’s id, in lists',
    file: IDENTITY,
    tests: gateway('identity'),
    edits: [
      [
        'return [name, name.toUpperCase()].filter((one) => canonicalOf(adapter, one) === name)',
        'return name === orderId ? [] : [orderId]',
      ],
    ],
  },
  {
    without: 'a refusal of what is no id there',
    file: IDENTITY,
    tests: gateway('identity'),
    edits: [['spellingOf(adapter, orderId) ??', 'spellingOf(adapter, orderId) ?? orderId ??']],
  },
  {
    without: 'knowing what the call said whose job ended well',
    file: SETTLE,
    tests: gateway('running'),
    edits: [['reply !== undefined || isRunning(job.record)', 'reply !== undefined']],
  },
  {
    without: 'the wait that the body of a reply asks for',
    file: CLASSIFY,
    tests: ['test/adapter/beside.test.ts'],
    edits: [["if (typeof body !== 'number' || Number.isNaN(body)) return header", 'return header']],
  },
  {
    without: 'a refusal of a global id where the platform has none',
    file: 'src/adapter/contract.ts',
    tests: gateway('identity'),
    edits: [['spelled !== null && isPlainId(spelled) ? spelled : null', 'spelled']],
  },
  {
    without: 'asking of which order a reply tells',
    file: CLIENT,
    tests: ['test/adapter/poor-replies.test.ts'],
    named: 'a reply about another order',
    edits: [
      [
        'if (call.about && isAnother(adapter, call.about.orderId, call.about.ids(reply))) ' +
          "throw new CallFailure(unreadable(incoming.status, 'another order'))",
        '',
      ],
    ],
  },
  {
    without: 'the platform’s own case in a reply',
    file: CLIENT,
    tests: ['test/adapter/poor-replies.test.ts'],
    named: 'another spelling',
    edits: [
      [
        'canonicalOf(adapter, String(id)) !== canonicalOf(adapter, orderId)',
        'String(id) !== orderId',
      ],
    ],
  },
  {
    without: 'asking of which order a look tells',
    file: LOOK,
    tests: gateway('identity'),
    quick: true,
    edits: ANY_ORDER,
  },
  {
    without: 'asking of which order the cancel’s reply tells',
    file: LOOK,
    tests: gateway('identity'),
    edits: [
      [
        'return isOf(store, context.request.orderId, proof) ? { ...proof,',
        'return true ? { ...proof,',
      ],
    ],
  },
  {
    without: 'the word of a yes',
    file: SEND,
    tests: gateway('freshness'),
    quick: true,
    edits: NO_WORD,
  },
  {
    without: 'the word of “already canceled”',
    file: SEND,
    tests: gateway('freshness'),
    quick: true,
    edits: [
      [
        "const word = failure.saysCanceled ? ('canceled_already' as const) : undefined",
        "const word = undefined as 'canceled_already' | undefined",
      ],
    ],
  },
  {
    without: 'patience with a read against the platform’s word',
    file: DECIDE,
    tests: gateway('freshness'),
    edits: [
      [
        'if (record.word && !look.done) return later(',
        'if (record.word && record.tries < 0) return later(',
      ],
    ],
  },
  {
    without: 'a store that is one merchant’s account',
    file: IDENTITY,
    tests: gateway('account'),
    quick: true,
    edits: ANYBODYS,
  },
  {
    without: 'the first account of a store, once and for all (SQL)',
    file: 'src/ledger/sql/sql.ts',
    tests: SQLITE,
    edits: [
      ['insert or ignore into stores', 'insert or replace into stores'],
      ['accountOf(sql, name) ?? commit(', 'commit('],
    ],
  },
  {
    without: 'the account in the guard',
    file: LEDGER,
    tests: gateway('account'),
    edits: [['...(account === undefined ? [] : [account])', '']],
  },
  {
    without: 'what is open from before the move',
    file: ADMISSION,
    tests: gateway('account'),
    edits: [
      [
        'const open = (await deps.identities.hasMoved(asked.store)) ? await ' +
          'openElsewhere(deps, draft) : undefined',
        'const open = undefined as Cancellation | undefined',
      ],
    ],
  },
  {
    without: 'the look at the deadline',
    file: RUN,
    tests: gateway('ends'),
    quick: true,
    edits: UNLOOKED,
  },
  {
    without: 'a look before a no, where an earlier call may have done it',
    file: SETTLE,
    tests: gateway('ends'),
    named: 'unlooked',
    edits: [
      [
        'if (isRetried(record) || record.word || (isOpen && !look))',
        'if (isRetried(record) || record.word)',
      ],
    ],
  },
  {
    without: 'a person for what may be done in a store that is gone',
    file: 'src/gateway/strays.ts',
    tests: gateway('strays'),
    named: 'taken out',
    edits: [
      [
        '!isRetried(record) && !record.doubted && !record.word',
        '!isRetried(record) && !record.word',
      ],
    ],
  },
  {
    without: 'what was in the way',
    file: JOB,
    tests: gateway('ends'),
    edits: [
      [
        '({ result, detail, upstream }: Failure): Hindrance => ({ result, detail, upstream })',
        '(failure: Failure) => (failure.result === null ? failure : undefined)',
      ],
    ],
  },
  {
    without: 'what was read back before',
    file: EFFECT,
    tests: gateway('ends'),
    edits: [
      [
        "name !== 'order' && isSeen(before[name]) && now[name].basis !== 'confirmed' ? " +
          'before[name] : now[name]',
        'now[name]',
      ],
    ],
  },
  {
    without: 'what was known before a person closed it',
    file: EFFECT,
    tests: gateway('ends'),
    edits: [["name !== 'order' && isKnown(known[name]) ? known[name] : end[name]", 'end[name]']],
  },
  {
    without: 'saying that it is a person’s word',
    file: EFFECT,
    tests: gateway('ends'),
    edits: [
      [
        "const says = `A person says that it is ${canceled ? '' : 'not '}canceled.`",
        "const says = `A person says that it is ${canceled ? '' : 'not '}canceled.`\n  if " +
          "(says) return { ...effects, order: effect(true, canceled ? 'applied' : 'skipped', " +
          "'none') }",
      ],
    ],
  },
  {
    without: 'a restart that is answered by what stands now',
    file: ADMISSION,
    tests: gateway('repeats'),
    edits: [
      [
        '    // Its own “no” is out of date: what stands now answers.\n',
        "    if (current) return { record: current, how: 'replayed', begins: false }\n",
      ],
    ],
  },
  {
    without: 'giving up the turn of a batch that was stopped',
    file: RUNNER,
    tests: gateway('stopped-batches'),
    named: 'nor begun',
    edits: [
      [
        "await (batch.status === 'stopped' ? forgo(runner, row, batch) : submit(runner, row, " +
          'batch))',
        'await submit(runner, row, batch)',
      ],
    ],
  },
  {
    without: 'binding the key of what a stopped batch gave up',
    file: RUNNER,
    tests: gateway('stopped-batches'),
    named: 'only slow',
    edits: [
      [
        'const record = await runner.gateway.forgo(row.request, caller, keyOf(row), id, keyName)',
        'const record = null as Cancellation | null',
      ],
    ],
  },
  {
    without: 'an end for records of a store that is gone',
    file: 'src/gateway/gateway.ts',
    tests: gateway('strays'),
    named: 'taken out',
    edits: [['await workStrays(shared, names)', '']],
  },
  {
    without: 'a bound to how often a note is tried',
    file: SEND,
    tests: gateway('reason'),
    edits: [['if (tries < NOTE_TRIES)', 'if (tries >= 0)']],
  },
  {
    without: 'a bound to how often a reason holds up its cancel',
    file: SEND,
    tests: gateway('reason'),
    edits: [
      [
        'return carries && sameDoubts(record) >= REASON_TRIES',
        'return carries && sameDoubts(record) > 1_000',
      ],
    ],
  },
  {
    without: 'what the look right before a cancel found',
    file: SEND,
    tests: gateway('unsent'),
    quick: true,
    edits: [['found: before.found', 'found: undefined']],
  },
  {
    without: 'going on without a reason that is refused',
    file: SEND,
    tests: gateway('reason'),
    edits: [
      [
        'failure.aboutReason ? nextLeftOut(record) : undefined',
        'failure.aboutReason && ms < 0 ? nextLeftOut(record) : undefined',
      ],
    ],
  },
  {
    without: 'a bound to the same doubt again and again',
    file: DECIDE,
    tests: gateway('reason'),
    edits: [['same >= SAME_DOUBTS', 'same >= 1_000']],
  },
  {
    without: 'trying ever less often',
    file: DECIDE,
    tests: gateway('reason'),
    edits: [['store.settleMs * (2 ** Math.max(0, same - 1) - 1)', 'store.settleMs * 0']],
  },
  {
    without: 'a second look at a word that may mean a burst',
    file: RUN,
    tests: gateway('ends'),
    named: 'a burst',
    edits: [
      [
        "code === 'platform-credentials' && (kind === 'refused' || (kind === 'doubt' && " +
          'record.hindrance?.result === result))',
        "code === 'platform-credentials'",
      ],
    ],
  },
  {
    without: 'telling a list that was not told from an empty one',
    file: 'src/adapter/tolerant.ts',
    tests: ['test/adapter/poor-replies.test.ts'],
    edits: [
      [
        'return read.success ? [read.data] : []\n  }) ?? null)',
        'return read.success ? [read.data] : []\n  }) ?? [])',
      ],
    ],
  },
  {
    without: 'asking for no cache',
    file: CLIENT,
    tests: ['test/adapter/send.test.ts'],
    edits: [["...(call.method === 'GET' && { 'cache-control': 'no-cache' }),", '']],
  },
  {
    without: 'the digits of large numbers',
    file: 'src/connection/reply.ts',
    tests: ['test/adapter/answers.test.ts'],
    edits: [
      [
        'LONG_NUMBER.test(json) ? JSON.parse(json, withDigits) : JSON.parse(json)',
        'JSON.parse(json)',
      ],
    ],
  },
  {
    without: 'undoing what compresses a reply (Node)',
    file: 'src/connection/transport-undici.ts',
    tests: ['test/adapter/undici-replies.test.ts'],
    edits: [["const codings = (encoding ?? '')", "const codings = (encoding === null ? '' : '')"]],
  },
  {
    without: 'the longest of several waiting times',
    file: CLASSIFY,
    tests: ['test/adapter/answers.test.ts'],
    edits: [['Math.ceil(Math.max(...waits))', 'Math.ceil(Math.min(...waits))']],
  },
  {
    without: 'the platform’s own clock in Retry-After',
    file: CLASSIFY,
    tests: ['test/adapter/answers.test.ts'],
    edits: [['Number.isNaN(there) ? now : there', 'now']],
  },
  {
    without: 'doubt about a refusal that invites to try again',
    file: CLASSIFY,
    tests: ['test/adapter/answers.test.ts'],
    edits: [
      [
        "invitesAgain(status, error) ? { ...meaning('doubt', status)",
        "status < 0 ? { ...meaning('doubt', status)",
      ],
    ],
  },
  {
    without: 'cutting a message where nothing is halved',
    file: CLASSIFY,
    tests: ['test/adapter/send.test.ts'],
    edits: [['while (end > 0 && OF_A_NUMBER.includes(text.charAt(end - 1))) end -= 1', '']],
  },
  {
    without: 'comparing money by its value',
    file: 'src/model/order.ts',
    tests: ['test/model/order.test.ts'],
    edits: [
      [
        'a && b ? isSameMoney(a, b) : isNothing(a) && isNothing(b)',
        'a?.amount === b?.amount && a?.currency === b?.currency',
      ],
    ],
  },
  {
    without: 'telling money that is not told from none',
    file: 'src/model/order.ts',
    tests: ['test/model/order.test.ts'],
    edits: [['isNothing(a) && isNothing(b)', 'true']],
  },
  {
    without: 'a slot for each store’s first',
    file: 'src/gateway/scheduler.ts',
    tests: gateway('scheduler'),
    edits: [
      [
        'return own === 0 || (own < PER_STORE && total < IN_ALL)',
        'return own < PER_STORE && total < IN_ALL',
      ],
    ],
  },
  {
    without: 'patience with wrong keys',
    file: 'src/console/session.ts',
    tests: ['test/console/console.test.ts'],
    edits: [['if (wrong > WRONG_KEYS - 1)', 'if (wrong > 1e9)']],
  },
  {
    without: 'the refusal of a console that has no secret',
    file: 'src/console/index.ts',
    tests: ['test/console/closed.test.ts'],
    edits: [
      ['if (callers !== null && secret === null) {', 'if (Number(secret) === 1) {'],
      [
        "createSessions(keys, secret ?? '', gateway.audit)",
        "createSessions(keys, secret ?? 'x'.repeat(32), gateway.audit)",
      ],
    ],
  },
  {
    without: 'respect for files that are there',
    file: 'src/cli/init-workers.ts',
    tests: ['test/cli/init-workers.test.ts'],
    edits: [["{ flag: 'wx', mode }", "{ flag: 'w', mode }"]],
  },

  {
    without: 'the digits of ISO 4217',
    file: 'src/model/money.ts',
    tests: ['test/model/money.test.ts'],
    edits: [["3: 'BHD IQD", "2: 'BHD IQD"]],
  },
  {
    without: 'a sweep in slices',
    file: 'src/ledger/sql/retention.ts',
    tests: ['test/ledger/growth.test.ts'],
    edits: [['const PORTION = 50', 'const PORTION = 50_000']],
  },
  {
    without: 'a guard that reads only what can stand in the way',
    file: 'src/ledger/sql/records.ts',
    tests: ['test/ledger/growth.test.ts'],
    edits: [
      [
        '(message is null or message = ? or id = (select id ${AMONG_SUCCEEDED} order by ' +
          'created_at desc, id desc limit 1))',
        '(? is not ? or true)',
      ],
    ],
  },

  // The torture itself must not be blind either.
  {
    without: 'the settle time, at a failpoint',
    file: DECIDE,
    tests: 'sweep.ts sqlite',
    // Two guards stand for it: it is waited out before the look, and the look is not believed
    // before. Each alone suffices.
    edits: [
      ...NO_SETTLE,
      [
        'const wakeAt = job.deps.now() + pauseMs',
        'const wakeAt = job.deps.now() + pauseMs * 0',
        SETTLE,
      ],
    ],
  },
  {
    without: 'the word of a yes, in a world with caches',
    file: SEND,
    tests: 'world.ts sqlite',
    edits: NO_WORD,
  },
  {
    without: 'one spelling of an order’s id, in a world with two',
    file: IDENTITY,
    tests: 'world.ts sqlite',
    edits: AS_WRITTEN,
  },
  {
    without: 'a store that is one merchant’s account, in a world where it moves',
    file: IDENTITY,
    tests: 'world.ts sqlite',
    edits: ANYBODYS,
  },
  {
    without: 'the look at the deadline, in a world of backups',
    file: RUN,
    tests: 'world.ts sqlite',
    edits: UNLOOKED,
  },
  {
    without: 'asking of which order a look or a reply tells, in a world that mixes them up',
    file: LOOK,
    tests: 'world.ts sqlite',
    // Both say so: each alone suffices.
    edits: [
      ...ANY_ORDER,
      [
        'if (call.about && isAnother(adapter, call.about.orderId, call.about.ids(reply))) ' +
          "throw new CallFailure(unreadable(incoming.status, 'another order'))",
        '',
        CLIENT,
      ],
    ],
  },
  {
    without: 'one cancellation per order, in a sequence',
    file: LEDGER,
    tests: 'sequences.ts sqlite',
    edits: NO_GUARD,
  },
  {
    without: 'doubt about what a crash interrupted, at a failpoint',
    file: RUN,
    tests: 'sweep.ts sqlite',
    edits: FORGETFUL,
  },
  {
    without: 'an algorithm that a token does not choose',
    file: SIGNATURE,
    tests: NOTICES,
    edits: [["if (header?.['alg'] !== 'RS256' || 'crit' in header) return UNPROVED", '']],
  },
  {
    without: 'the end of a token, where it names none',
    file: SIGNATURE,
    tests: NOTICES,
    edits: [["typeof end === 'number' && end * 1_000", 'Number(end ?? Infinity) * 1_000']],
  },
  {
    without: 'the age of a Standard Webhook that comes early',
    file: SIGNATURE,
    tests: ['test/notices/library.test.ts'],
    edits: [['Math.abs(ageS) <= TOLERANCE_S', 'ageS <= TOLERANCE_S']],
  },
  {
    without: 'a bound on the signatures that are looked through',
    file: SIGNATURE,
    tests: NOTICES,
    edits: [['|| signatures.length > MOST_SIGNATURES', '']],
  },
  {
    without: 'a bound on how deep a body is, before it is proved',
    file: SIGNATURE,
    tests: NOTICES,
    edits: [['if (depth === DEEPEST) return null', '']],
  },
  {
    without: 'one spelling of a signature',
    file: 'src/adapter/webhook-secret.ts',
    tests: NOTICES,
    edits: [['btoa(binary) === text ?', 'btoa(binary) !== null ?']],
  },
  {
    without: 'asking which shop a notice is for',
    file: NOTICE,
    tests: NOTICES,
    quick: true,
    edits: [
      [
        "if (notices.shop && !notices.shop(settings, body, headers)) return refused('another shop')",
        '',
      ],
    ],
  },
  {
    without: 'refusing an empty body, whatever proves it',
    file: NOTICE,
    tests: ['adapters/woocommerce/woocommerce.test.ts'],
    edits: [["body.length === 0 ? refused('empty') :", '']],
  },
  {
    without: 'the secret before, while one replaces it',
    file: NOTICE,
    tests: ['adapters/woocommerce/woocommerce.test.ts'],
    edits: [['of [webhookSecret, previousWebhookSecret]', 'of [webhookSecret]']],
  },
  {
    without: 'the token of an address that nobody signs for',
    file: NOTICE,
    tests: NOTICES,
    edits: [["if (!(await isSame(settings.webhookToken, token))) return refused('unproved')", '']],
  },
  {
    without: 'one spelling of an order’s id in a notice',
    file: NOTICE,
    tests: NOTICES,
    edits: [['spellingOf(adapter, id)', 'id as string | null']],
  },
  {
    without: 'a platform’s own topics, and no others',
    file: NOTICE,
    tests: NOTICES,
    edits: [['Object.hasOwn(topics, topic)', 'topic in topics']],
  },
  {
    without: 'disbelief of a list in another order, or from another time on',
    file: CHANGES,
    tests: ['adapters/medusa/sweep.test.ts', 'adapters/wix/sweep.test.ts'],
    edits: [['if (times.some((time, index) => time < (times[index - 1] ?? since)))', 'if (false)']],
  },
  {
    without: 'disbelief of a list of other times',
    file: CHANGES,
    tests: ['adapters/shoplazza/sweep.test.ts'],
    edits: [['if (orders.length > 0 && found.length === 0)', 'if (false)']],
  },
  {
    without: 'a way through more orders of one time than a page holds',
    file: 'adapters/medusa/sweep.ts',
    tests: ['adapters/medusa/sweep.test.ts'],
    edits: [['offset: isFull ? before + rows.length : 0', 'offset: 0']],
  },
  {
    without: 'a look at the archived orders of a shop',
    file: 'adapters/shopline/sweep.ts',
    tests: ['adapters/shopline/sweep.test.ts'],
    edits: [['return hidden ? null : { hidden: true, after: null }', 'return null']],
  },
  {
    without: 'knowing which stores may list',
    file: 'src/adapter/contract.ts',
    tests: ['adapters/mercur/sweep.test.ts'],
    edits: [['sweep && (sweep.may?.(settings) ?? true) ? sweep : null', 'sweep ?? null']],
  },
  {
    without: 'a person for goods that went back with a refusal',
    file: DECIDE,
    tests: gateway('aftermath'),
    edits: [
      [
        "if (look.changed) return { do: 'escalate', problem: changedProblem(look.changed, failure) }",
        '',
      ],
    ],
  },
  {
    without: 'a person for goods that went back with an answer that was lost',
    file: DECIDE,
    tests: gateway('aftermath'),
    edits: [
      ["if (look.changed) return { do: 'escalate', problem: changedProblem(look.changed) }", ''],
    ],
  },
  {
    without: 'one cancel at a time on a Vendure',
    file: 'adapters/vendure/index.ts',
    tests: ['adapters/vendure/particular.test.ts'],
    edits: [["lockKey: async () => 'stock',", '']],
  },
  {
    without: 'doubt after an error in a part of Vendure’s reply',
    file: 'adapters/vendure/errors.ts',
    tests: ['adapters/vendure/particular.test.ts'],
    edits: [['return path && path.length > 1', 'return path && path.length > 9']],
  },
  {
    without: 'knowing that Vendure’s lines went before its refusal',
    file: 'adapters/vendure/cancel.ts',
    tests: ['adapters/vendure/particular.test.ts'],
    edits: [['...(!done && pieces === 0 && memo.pieces > 0 && { changed: HALF }),', '']],
  },
  {
    without: 'sparing a shopper’s cart on Vendure',
    file: 'adapters/vendure/cancel.ts',
    tests: ['adapters/vendure/vendure.test.ts'],
    edits: [
      [
        "if (order.active || order.state === 'AddingItems' || order.state === 'ArrangingPayment')",
        'if (false)',
      ],
    ],
  },
  {
    without: 'a reason that Vendure’s buyer cannot read',
    file: 'adapters/vendure/cancel.ts',
    tests: ['adapters/vendure/particular.test.ts'],
    edits: [['note: text, isPublic: false', 'note: text, isPublic: true']],
  },
  {
    without: 'a way through more of Vendure’s orders of one time than a page holds',
    file: 'adapters/vendure/sweep.ts',
    tests: ['adapters/vendure/sweep.test.ts'],
    edits: [['skip: ties.length === rows.length ? before + rows.length : 0', 'skip: 0']],
  },
  {
    without: 'a checkpoint that stays behind what may still be written',
    file: 'src/client/changes.ts',
    tests: ['test/client/changes.test.ts'],
    edits: [
      ['const settled = isBefore(place, horizon) ? place : horizon', 'const settled = place'],
    ],
  },
  {
    without: 'a checkpoint that no clock moves',
    file: 'src/client/changes.ts',
    tests: ['test/client/changes.test.ts'],
    edits: [
      ['const settled = isBefore(place, horizon) ? place : horizon', 'const settled = horizon'],
    ],
  },
  {
    without: 'waiting for the others of a link, in the client',
    file: 'src/client/cancel.ts',
    tests: ['test/client/linked.test.ts'],
    edits: [["&& link?.status !== 'canceling'", '']],
  },
  {
    without: 'telling that a batch came to its end',
    file: RUNNER,
    tests: ['test/http/events-out.test.ts'],
    edits: [['runner.ledger.finish(next, owed)', 'runner.ledger.finish(next)']],
  },
  {
    without: 'patience with a webhook whose name is gone',
    file: 'src/gateway/deliveries/gone.ts',
    tests: ['test/gateway/deliveries/gone.test.ts'],
    edits: [['now() - goneSince >= GONE_LIFE_MS', 'true']],
  },
  {
    without: 'a look of a notice that never says “still open”',
    file: FINDINGS,
    tests: gateway('notices'),
    quick: true,
    edits: [
      [
        "if (held.length === 0) return 'nothing'",
        "for (const one of records) if (one.status === 'in_doubt') await move(deps, one, { type: " +
          "'reject', at, via: 'reconciled', order: look.order, effects: skipped(one.request), " +
          "problem: { code: 'order-not-cancelable', detail: 'It is open.', retryable: true } " +
          "as never }); if (held.length === 0) return 'nothing'",
      ],
    ],
  },
  {
    without: 'a look that concludes canceled, and nothing else, without the lease',
    file: 'src/gateway/workflow/conclude.ts',
    tests: gateway('notices', 'crash-links'),
    edits: [["if (decision.do !== 'succeed') return false", 'if (decision) return false']],
  },
  {
    without: 'an echo that costs no read',
    file: DUE,
    tests: gateway('notices'),
    quick: true,
    edits: [["if (row.changeHeard === 0) return 'echo'", '']],
  },
  {
    without: 'the pause after our own cancel, for what it sets off',
    file: DUE,
    tests: gateway('suspicions'),
    edits: [['if (now < settledAt + store.settleMs) return settledAt + store.settleMs', '']],
  },
  {
    without: 'patience with the answer to our own call',
    file: DUE,
    tests: gateway('notices'),
    edits: [
      [
        "if (records.some((record) => record.status === 'sending' && !isRunning(record))) return " +
          'now + SENDING_MS',
        '',
      ],
    ],
  },
  {
    without: 'a second look before an order is open again',
    file: FINDINGS,
    tests: gateway('notices'),
    quick: true,
    edits: [["if (!isConfirmed(row, 'reopened', at, store.settleMs)) return 'suspected'", '']],
  },
  {
    without: 'a suspicion that counts from the first look',
    file: HEARD,
    tests: gateway('suspicions'),
    edits: [['const at = row.suspicion?.of === of ? row.suspicion.at : now', 'const at = now']],
  },
  {
    without: 'a pause while something is suspected',
    file: HEARD,
    tests: gateway('suspicions'),
    edits: [
      ['const pauseUntil = Math.max(row.pauseUntil, dueAt)', 'const pauseUntil = row.pauseUntil'],
      ['const waits = Math.max(left.dueAt ?? 0, pauseUntil)', 'const waits = pauseUntil'],
    ],
  },
  {
    without: 'what was heard while its order was looked at',
    file: DUE,
    tests: gateway('suspicions'),
    edits: [
      ['notices.settle(current, afterMore(current, row, next))', 'notices.settle(current, next)'],
    ],
  },
  {
    without: 'records that nobody changed since the look began',
    file: DUE,
    tests: gateway('suspicions'),
    edits: [
      [
        "case 'stale': return { outcome: null, next: lookAgainAt(row, now + STALE_MS, row) }",
        "case 'stale': return { outcome: 'unchanged', next: null }",
      ],
    ],
  },
  {
    without: 'rest for an order that was opened again and that nobody asked for since',
    file: 'src/gateway/links/standing.ts',
    tests: gateway('follows'),
    edits: [["return reopened && !isAsked ? ['reopened', reopened] : ", 'return ']],
  },
  {
    without: 'one shop’s records in the look of a notice',
    file: 'src/gateway/workflow/identity.ts',
    tests: gateway('notices-names'),
    edits: [["request.target === 'order' && account === undefined", "request.target === 'order'"]],
  },
  {
    without: 'the one name of an order that was canceled at its platform',
    file: FINDINGS,
    tests: gateway('notices-names'),
    edits: [['unasked(store, canonicalOf(store.adapter, order.id))', 'unasked(store, order.id)']],
  },
  {
    without: 'members that a link has now, in the answer about a record',
    file: 'src/gateway/links/caller.ts',
    tests: ['test/http/sync.test.ts'],
    edits: [['return view && holds(view.link, request) ? view : null', 'return view ?? null']],
  },
  {
    without: 'silence about what nobody asked for',
    file: DUE,
    tests: gateway('notices'),
    edits: [
      ["if (records.length === 0 && link === null && !isListening(store.id)) return 'unheard'", ''],
    ],
  },
  {
    without: 'a sweep that reads again what it may have missed',
    file: SWEEPER,
    tests: gateway('sweep'),
    edits: [['current.watermark - sweep.overlapMs', 'current.watermark']],
  },
  {
    without: 'the stages of a link',
    file: PLAN,
    tests: gateway('links'),
    quick: true,
    edits: [
      [
        'const turn = waiting.filter(({ member }) => member.stage === stage)',
        'const turn = waiting',
      ],
    ],
  },
  {
    without: 'the stages of a link, when it is killed',
    file: PLAN,
    tests: 'links.ts sqlite',
    says: /a stage before its turn/,
    edits: [
      [
        'const turn = waiting.filter(({ member }) => member.stage === stage)',
        'const turn = waiting',
      ],
    ],
  },
  {
    without: 'a stage that waits for doubt in an earlier one',
    file: PLAN,
    tests: gateway('links'),
    edits: [['if (turn.length > 0 && !isHeldUp)', 'if (turn.length > 0)']],
  },
  {
    without: 'a look at all orders of a link before the first call',
    file: 'src/gateway/links/first-look.ts',
    tests: gateway('links'),
    quick: true,
    edits: [["if (run?.linked === 'each') return", 'if (run) return']],
  },
  {
    without: 'the key of a run',
    file: 'src/gateway/links/members.ts',
    tests: gateway('links-bounds'),
    edits: [['workflow.records.claim(draft, key)', 'workflow.records.claim(draft, null)']],
  },
  {
    without: 'a refusal of the later stages',
    file: PLAN,
    tests: gateway('links'),
    edits: [["if (linked === 'all' && refused)", 'if (refused && waiting.length < 0)']],
  },
  {
    without: 'a refusal of the later stages, when it is killed',
    file: PLAN,
    tests: 'links.ts sqlite',
    says: /canceled \d/,
    edits: [["if (linked === 'all' && refused)", 'if (refused && waiting.length < 0)']],
  },
  {
    without: 'time for the merchant’s own glue',
    file: FOLLOW,
    tests: gateway('links'),
    edits: [['return now < lookAt + LOOK_MS ?', 'return now < 0 ?']],
  },
  {
    without: 'a bound to how many links follow',
    file: FOLLOW,
    tests: gateway('links-bounds'),
    edits: [['if (recent.length >= MOST_RUNS) return null', '']],
  },
  {
    without: 'a run that only a caller or a platform starts',
    file: FOLLOW,
    tests: gateway('links', 'links-bounds'),
    quick: true,
    edits: [["state === 'canceled' && record?.origin === 'platform'", "state === 'canceled'"]],
  },
  {
    without: 'the reach of who put the link',
    file: FOLLOW,
    tests: gateway('links-bounds'),
    edits: [['if (!reaches(link.caller, stores)) return null', '']],
  },
  {
    without: 'an event of a link for its new status alone',
    file: DRIVER,
    tests: gateway('links-bounds'),
    edits: [['const isEvent = status !== link.status && (', 'const isEvent = (']],
  },

  // What a platform takes as a job of its own, refuses under 200, or would do again.
  {
    without: 'the patience with a job of the platform',
    file: RUN,
    tests: gateway('running'),
    quick: true,
    edits: [
      [
        "if (record.status === 'sending' && !isRunning(record))",
        "if (record.status === 'sending')",
      ],
    ],
  },
  {
    without: 'doubt of a job that is forgotten',
    file: RUN,
    tests: gateway('running'),
    edits: [['{ result: JOB_GONE, ms: deps.now() - at }', '{ result: JOB_GONE, ms: 0 }']],
  },
  {
    without: 'an end to a job that never ends',
    file: RUN,
    tests: gateway('running'),
    edits: [
      [
        'if (isOver(job)) return escalate(job, cannotTell(record), { look }) return look',
        'return look',
      ],
    ],
  },
  {
    without: 'refusals under 200',
    file: CLIENT,
    tests: gateway('running'),
    edits: [['errors.some(({ status }) => status >= 200 && status <= 299)', 'errors.length < 0']],
  },
  {
    without: 'restraint where a second cancel does harm',
    file: DECIDE,
    tests: gateway('doubt'),
    edits: [
      [
        "isSafe || (effect === 'unknown' && store.onDoubt === 'resend')",
        "isSafe || store.onDoubt === 'resend'",
      ],
    ],
  },
  {
    without: 'the wish for a refund among the wishes',
    file: 'src/model/request.ts',
    tests: gateway('refund'),
    edits: [['&& (a.refund ?? null) === (b.refund ?? null)', '']],
  },
  {
    without: 'the word that nobody paid',
    file: FORETELL,
    tests: gateway('refund'),
    edits: [
      [
        'if (NOTHING_PAID.includes(before.paymentStatus) && !PAID.includes(now.paymentStatus))',
        'if (NOTHING_PAID.length < 0)',
      ],
    ],
  },
  {
    without: 'the lock of a job that nobody could ask for',
    file: SETTLE,
    tests: gateway('running'),
    edits: [['isRunning(record) ? wakeAt : undefined', 'undefined']],
  },
  {
    without: 'the word of a job that failed, where the order is canceled',
    file: DECIDE,
    tests: gateway('running'),
    edits: [['!look.failed || earlierMayHaveActed(record)', 'true']],
  },
  {
    without: 'a look at what was paid in between',
    file: FORETELL,
    tests: gateway('refund'),
    edits: [['&& !PAID.includes(now.paymentStatus)', '']],
  },
  {
    without: 'the end of a key',
    file: 'src/http/keys.ts',
    tests: ['test/http/keys.test.ts'],
    edits: [['expiresAt === null || now < expiresAt', 'now > -1']],
  },
  {
    without: 'the end of a session with its key',
    file: 'src/console/session.ts',
    tests: ['test/http/keys.test.ts'],
    edits: [
      ['if (!known || expiryOf(known, wall()) !== null) return null', 'if (!known) return null'],
    ],
  },
  {
    without: 'the store as it is configured when its turn comes',
    file: 'src/gateway/scheduler.ts',
    tests: gateway('scheduler'),
    named: 'what waits in a line',
    edits: [['if (!store) return null', 'if (!store) throw new Error(id)']],
  },
  {
    without: 'keys that no file takes away',
    file: 'src/hosts/node/reload.ts',
    tests: ['test/http/reload.test.ts'],
    named: 'opens nothing',
    edits: [['(callers === null) !== (keys.callers() === null)', 'callers === undefined']],
  },
  {
    without: 'the end of a session whose key may no longer read',
    file: 'src/console/session.ts',
    tests: ['test/http/keys.test.ts'],
    edits: [["known.caller.scopes.includes('read') ? known.caller : null", 'known.caller']],
  },
  {
    without: 'a configuration that is refused whole',
    file: 'src/hosts/node/reload.ts',
    tests: ['test/http/reload.test.ts'],
    named: 'opens nothing',
    edits: [
      ['const next = source.load()', 'const next = source.load(); if (next) keys.replace(null)'],
    ],
  },
  {
    without: 'the rule of a store that moved, while it runs',
    file: 'src/hosts/node/stores.ts',
    tests: ['test/http/reload-stores.test.ts'],
    named: 'pointed at another account',
    edits: [
      [
        'const next = config.stores.map(',
        'const was = [...stores.values()].map(({ identity }) => identity); const next = config.stores.map(',
      ],
      [
        'for (const store of next) stores.set(store.id, store)',
        'for (const store of next) stores.set(store.id, { ...store, movedFrom: was })',
      ],
    ],
  },
  // Four eyes.
  {
    without: 'the approval, in what is decided and in what may be written',
    file: DECIDE,
    tests: gateway('approval', 'approval-races'),
    quick: true,
    edits: [
      [
        "return decision.do === 'send' && !isApproved(record) ? { do: 'ask' } : decision",
        'return decision',
      ],
      ["if (type === 'send') return isApproved(record)", '', TRANSITIONS],
    ],
  },
  {
    without: 'the approval, where something else decides than the decision',
    file: TRANSITIONS,
    tests: ['test/model/approval.test.ts'],
    edits: [["if (type === 'send') return isApproved(record)", '']],
  },
  {
    without: 'a new approval of what ended and is asked for again',
    file: TRANSITIONS,
    tests: gateway('approval'),
    edits: [
      [
        'approval: event.needsApproval ? awaited : undefined',
        'approval: event.needsApproval ? (record.approval ?? awaited) : undefined',
      ],
    ],
  },
  {
    without: 'a second pair of eyes',
    file: 'src/gateway/revision.ts',
    tests: gateway('approval'),
    edits: [
      ['if (record.caller === by)', 'if (record.caller === undefined)'],
      [
        'awaitsApproval(record) && event.by !== record.caller',
        'awaitsApproval(record)',
        TRANSITIONS,
      ],
    ],
  },
  {
    without: 'the approval of a batch’s rows',
    file: RUNNER,
    tests: gateway('approval-races'),
    named: 'a batch',
    edits: [
      ['  needsApproval,\n  asker: { caller, key: keyName', '  asker: { caller, key: keyName'],
    ],
  },
  {
    without: 'the approval of what follows on a platform’s cancel',
    file: 'src/gateway/gateway.ts',
    tests: gateway('approval-races'),
    named: 'linked',
    edits: [['!mustBeApproved(caller) && reaches(caller, asked)', 'reaches(caller, asked)']],
  },
  {
    without: 'the refusal of linked orders that one approval is not of',
    file: 'src/gateway/ask.ts',
    tests: gateway('approval-races'),
    named: 'linked',
    edits: [['if (asking.needsApproval) mustBeApprovable(byCustomer, link)', '']],
  },
  {
    without: 'an end of waiting for approval',
    file: SETTLE,
    tests: gateway('approval'),
    named: 'its time',
    edits: [
      ["type: 'ask', order, wakeAt: job.record.deadlineAt", "type: 'ask', order, wakeAt: Infinity"],
    ],
  },
  {
    without: 'the quiet after a message to people',
    file: KEPT,
    tests: ALERTS,
    edits: [['toldAt === null || isAhead(toldAt, now) ? 0 : toldAt + quietMs', '0']],
  },
  {
    without: 'the memory of what people were told',
    file: KEPT,
    tests: ALERTS,
    edits: [['fresh: things.filter(({ key }) => !known.has(key))', 'fresh: things']],
  },
  {
    without: 'the memory of what people were told before a message that fails',
    file: KEPT,
    tests: ALERTS,
    edits: [["row.state === 'delivered'", 'row.body.length > 0']],
  },
  {
    without: 'one gateway that tells people, of several',
    file: TELLER,
    tests: ALERTS,
    edits: [
      [
        'written?.revision === revision && written.body === body ? written : null',
        'written && { ...written, body }',
      ],
    ],
  },
  {
    without: 'the pauses before a message to people is tried again',
    file: TELLER,
    tests: ALERTS,
    edits: [
      [
        'Math.max(health.nextAt, quietUntil(memory, alert.quietMs, now()))',
        'quietUntil(memory, alert.quietMs, now())',
      ],
    ],
  },
  {
    without: 'the end of what was owed to people and is solved',
    file: TELLER,
    tests: ALERTS,
    edits: [['solved.length === 0)) {', 'solved.length === 0) && false) {']],
  },
  {
    without: 'the one line that what others wrote is told in',
    file: 'src/messages/digest.ts',
    tests: ['test/messages/digest.test.ts', 'test/alerts/chat.test.ts'],
    edits: [["text.toWellFormed().replaceAll(UNSEEN, ' ')", 'text']],
  },
  {
    without: 'encryption on the way to the server of mails',
    file: 'src/hosts/node/mail.ts',
    tests: ['test/alerts/mail.test.ts'],
    edits: [['requireTLS: !secure && !allowPlain', 'requireTLS: false']],
  },
  {
    without: 'the order at hand in what is foretold of its money',
    file: FORETELL,
    tests: ['test/http/previews.test.ts'],
    edits: [['ofThisOrder(known.payment, look.order)', 'known.payment']],
  },
]
