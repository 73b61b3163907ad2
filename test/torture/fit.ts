/** Whether a mutant still fits the code: what it would break stands there, and once. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutation } from './mutations.ts'

export const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** A piece of code however the formatter lays it out: over how many lines, with which commas. */
export const laidOut = (find: string): RegExp => {
  const tokens = find.match(/[\w$]+|[^\s\w$]/g) ?? []
  const source = tokens.map((token, index) => {
    const plain = token.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    return index > 0 && /[)\]}]/.test(token) ? `,?\\s*${plain}` : plain
  })
  return new RegExp(source.join('\\s*'), 'g')
}

/** Why an edit cannot be made: the code has moved on, so that the mutant would be the product. */
export const misfit = (place: string, { file, edits }: Mutation): string | null => {
  const odd = edits
    .map(([find, , other = file]) => ({
      find,
      other,
      times: textOf(join(place, other)).match(laidOut(find))?.length ?? 0,
    }))
    .find(({ times }) => times !== 1)
  return odd ? `${odd.other} holds ${odd.times} times: ${odd.find}` : null
}
