/**
 * kill -9 at random times under load, before a platform that resets, hangs, errs and lands late;
 * and a naive control that must fail where the gateway does not.
 */
import { isLong, report, ROUNDS, secondsSince } from './figures.ts'
import {
  kill,
  pause,
  type Process,
  sqlite,
  startGateway,
  startNaive,
  startPlatform,
} from './lab.ts'
import { openRedis } from './redis.ts'
import { injected, judge, openFleet, openWeather, storm } from './storm.ts'
import { truthOf } from './truth.ts'

const KILLS = (isLong ? 10 : 8) * ROUNDS
const NAIVE_KILLS = 3
const NAIVE_CLIENTS = 4

const soak = async (platform: Process, ledger: string, address: string, gateways: number) => {
  const started = performance.now()
  const weather = await openWeather(platform)
  const { random } = weather
  const fleet = await openFleet(gateways, () =>
    startGateway({ platform, baseUrl: weather.proxy.url, ledger: address }),
  )
  const accepted = await storm({
    fleet,
    weather,
    prefix: ledger,
    async trouble() {
      for (let count = 0; count < KILLS; count++) {
        await pause(250 + random() * 750)
        // Now and then all at once.
        const victims =
          random() < 0.2 ? fleet.living.map((_, index) => index) : [Math.floor(random() * gateways)]
        await Promise.all(victims.map((index) => fleet.restart(index)))
      }
    },
  })
  const verdict = await judge(accepted, fleet, platform)
  if (accepted.length < KILLS)
    verdict.violations.push(`only ${accepted.length} accepted in ${KILLS} kills`)
  await fleet.end()
  report({
    what: 'killed under load',
    ledger,
    gateways,
    faults: `${KILLS} kills, ${injected(weather)} faults`,
    ...verdict,
    seconds: secondsSince(started),
  })
}

/**
 * The same weather for a gateway that retries until it succeeds: the platform must count doubles,
 * or the test is blind.
 */
const naive = async (platform: Process) => {
  const started = performance.now()
  const weather = await openWeather(platform)
  const { random } = weather
  let target = await startNaive('naive', platform, weather.proxy.url)
  const accepted: string[] = []
  weather.calm = false
  const clients = Array.from({ length: NAIVE_CLIENTS }, async (_, number) => {
    for (let serial = 0; !weather.calm; serial++) {
      const orderId = `order_paid-naive-${number}-${serial}`
      while (
        !(await fetch(`${target.url}/${orderId}`, { method: 'POST' }).then(
          ({ ok }) => ok,
          () => false,
        ))
      )
        await pause(20)
      accepted.push(orderId)
      await pause(40)
    }
  })
  for (let count = 0; count < NAIVE_KILLS; count++) {
    await pause(250 + random() * 750)
    await kill(target)
    target = await startNaive('naive', platform, weather.proxy.url)
  }
  weather.calm = true
  await Promise.all(clients)
  await pause(1_500)
  const truths = await Promise.all(accepted.map((orderId) => truthOf(platform, orderId)))
  await kill(target)
  const doubles = truths.filter(({ canceled, repeated }) => canceled + repeated > 1).length
  report({
    what: 'naive control',
    ledger: 'a file',
    gateways: 1,
    faults: `${NAIVE_KILLS} kills, ${injected(weather)} faults`,
    accepted: accepted.length,
    double: doubles,
    lost: null,
    wrong: null,
    seconds: secondsSince(started),
    says: 'retries until 2xx; must double, or the count is blind',
    violations: doubles > 0 ? [] : ['the naive control doubled nothing: this torture is blind'],
  })
}

const platform = await startPlatform()
if (process.argv[2] === 'redis') {
  const redis = await openRedis('killed under load')
  if (redis) await soak(platform, 'Redis', redis.url, 2)
} else {
  await soak(platform, 'SQLite', sqlite('soak'), 1)
  await naive(platform)
}
process.exit()
