/** Chance that comes from a seed alone: the same seed, the same world, on every machine. */

export interface Random {
  /** From 0, inclusive, to 1. */
  readonly float: () => number
  /** A whole number from the first to the last, both included. */
  readonly between: (first: number, last: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <T>(list: readonly T[]) => T
  /** One of these, each as often as its weight says. */
  readonly weigh: <T>(list: readonly (readonly [weight: number, value: T])[]) => T
}

/** Mulberry32: one word of state, enough for worlds of a few thousand choices. */
export const openRandom = (seed: number): Random => {
  let state = (seed ^ 0x9e_37_79_b9) >>> 0
  const float = () => {
    state = (state + 0x6d_2b_79_f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  // Seeds that follow on each other begin alike.
  for (let turn = 0; turn < 4; turn++) float()
  const between = (first: number, last: number) => first + Math.floor(float() * (last - first + 1))
  return {
    float,
    between,
    chance: (probability) => float() < probability,
    pick: <T>(list: readonly T[]): T => list[between(0, list.length - 1)] as T,
    weigh<T>(list: readonly (readonly [number, T])[]): T {
      let left = float() * list.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of list) {
        left -= weight
        if (left < 0) return value
      }
      return (list.at(-1) as readonly [number, T])[1]
    },
  }
}
