/** What a piece of work costs, in calls. */

/** The same functions, whose calls are counted in `asked`. */
export const counted = <T extends object>(asked: Record<string, number>, name: string, of: T): T =>
  Object.fromEntries(
    Object.entries(of).map(([method, work]) => [
      method,
      typeof work === 'function'
        ? (...values: never[]) => {
            asked[`${name}.${method}`] = (asked[`${name}.${method}`] ?? 0) + 1
            return (work as (...values: never[]) => unknown)(...values)
          }
        : work,
    ]),
  ) as T
