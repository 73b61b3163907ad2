/**
 * Virtual time: a heap of what is to happen, and processes that die or are held still between any
 * two steps. Of what is ready at one time the seed chooses what goes first.
 */
import { createHash } from 'node:crypto'
import { whenIdle } from './globals.ts'
import { openRandom, type Random } from './random.ts'

/** The time of day at which every world begins. */
export const T0 = Date.UTC(2026, 10, 21, 12)

/** A process of a gateway, as machines see it. */
export interface Process {
  readonly name: string
  isAlive: boolean
  /** Held still until then: nothing of it runs. */
  stillUntil: number
  /** By how much its wall clock was set. */
  wallOffsetMs: number
}

interface Happening {
  readonly at: number
  /** Drawn from the seed: the lowest of one time goes first. */
  readonly turn: number
  readonly process: Process | null
  readonly run: () => void
  isOff?: true
}

const isBefore = (a: Happening, b: Happening) => a.at < b.at || (a.at === b.at && a.turn < b.turn)

const openHeap = () => {
  const heap: Happening[] = []
  const at = (index: number) => heap[index] as Happening
  return {
    size: () => heap.length,
    push(one: Happening) {
      let index = heap.push(one) - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        if (!isBefore(one, at(parent))) break
        heap[index] = at(parent)
        index = parent
      }
      heap[index] = one
    },
    pop(): Happening | undefined {
      const first = heap[0]
      const last = heap.pop()
      if (!first || !last || heap.length === 0) return first
      let index = 0
      for (;;) {
        let child = 2 * index + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && isBefore(at(child + 1), at(child))) child += 1
        if (!isBefore(at(child), last)) break
        heap[index] = at(child)
        index = child
      }
      heap[index] = last
      return first
    },
  }
}

export interface Simulation {
  readonly random: Random
  /** Milliseconds since the world began. */
  readonly now: () => number
  /** The process whose step this is; null: the world's. */
  readonly current: () => Process | null
  /** Has something happen so much later; to a process, unless it is dead by then. */
  readonly after: (ms: number, process: Process | null, run: () => void) => Happening
  readonly cancel: (happening: Happening) => void
  /** Resolves when this is so, or nothing is left to happen, or it is so late. */
  readonly runUntil: (isOver: () => boolean, end: number) => Promise<void>
  /** Writes down what happened: what two runs of one seed must agree on. */
  readonly note: (line: string) => void
  readonly steps: () => number
  readonly digest: () => string
  readonly lines: readonly string[]
}

export interface SimulationOptions {
  readonly seed: number
  /** Asked before every step of a living process; it may kill it or hold it still. */
  readonly onStep: (process: Process) => void
  /** Told of every line at once. */
  readonly tell?: ((line: string) => void) | undefined
}

/** More steps than that is a world that never ends. */
const MOST_STEPS = 400_000

interface Clockwork {
  readonly heap: ReturnType<typeof openHeap>
  readonly random: Random
  readonly onStep: (process: Process) => void
  now: number
  steps: number
  current: Process | null
}

const put = (
  { heap, random }: Clockwork,
  at: number,
  process: Process | null,
  run: () => void,
): Happening => {
  const one: Happening = { at: Math.ceil(at), turn: random.float(), process, run }
  heap.push(one)
  return one
}

/** Has one thing happen; whether anything ran. */
const step = (clockwork: Clockwork, one: Happening): boolean => {
  const { process } = one
  if (one.isOff || process?.isAlive === false) return false
  clockwork.now = Math.max(clockwork.now, one.at)
  if (process) {
    if (process.stillUntil <= clockwork.now) clockwork.onStep(process)
    if (!process.isAlive) return false
    if (process.stillUntil > clockwork.now) {
      put(clockwork, process.stillUntil, process, () => {
        if (!one.isOff) one.run()
      })
      return false
    }
  }
  clockwork.steps += 1
  clockwork.current = process
  one.run()
  return true
}

const runUntil = (clockwork: Clockwork, isOver: () => boolean, end: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const { heap } = clockwork
    const turn = () => {
      clockwork.current = null
      try {
        while (!isOver()) {
          const one = heap.pop()
          if (!one) return resolve()
          if (one.at > end) {
            heap.push(one)
            clockwork.now = Math.max(clockwork.now, end)
            return resolve()
          }
          if (clockwork.steps > MOST_STEPS) throw new Error('the world does not come to an end')
          if (step(clockwork, one)) return whenIdle(turn)
        }
        resolve()
      } catch (error) {
        reject(error as Error)
      }
    }
    whenIdle(turn)
  })

export const openSimulation = ({ seed, onStep, tell }: SimulationOptions): Simulation => {
  const random = openRandom(seed)
  const lines: string[] = []
  const clockwork: Clockwork = {
    heap: openHeap(),
    random,
    onStep,
    now: 0,
    steps: 0,
    current: null,
  }
  return {
    random,
    now: () => clockwork.now,
    current: () => clockwork.current,
    after: (ms, process, run) => put(clockwork, clockwork.now + Math.max(0, ms), process, run),
    cancel(happening) {
      happening.isOff = true
    },
    runUntil: (isOver, end) => runUntil(clockwork, isOver, end),
    note(line) {
      const whole = `${clockwork.now} ${line}`
      lines.push(whole)
      tell?.(whole)
    },
    steps: () => clockwork.steps,
    digest: () => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16),
    lines,
  }
}
