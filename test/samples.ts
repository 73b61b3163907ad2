/** Reads what /metrics tells, for the tests of it. */

/** The samples of a text, by name and labels. */
export const samplesOf = (text: string) =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
        return [
          `${name}{${[...labels.matchAll(/\w+="[^"]*"/g)]
            .map(([label]) => label)
            .sort()
            .join(',')}}` as string,
          Number(value),
        ] as const
      }),
  )
