/** Page cursors: opaque to callers, the place of the last record seen to us. */
import { z } from 'zod'
import { refuse } from '../model/problem.ts'

const Place = z.tuple([z.number().int(), z.string().min(1)])

export const toCursor = ({ at, id }: { readonly at: number; readonly id: string }): string =>
  btoa(JSON.stringify([at, id])).replaceAll('=', '')

/** Throws `invalid-request` for a cursor that we did not make. */
export const readCursor = (cursor: string): { readonly at: number; readonly id: string } => {
  try {
    const [at, id] = Place.parse(JSON.parse(atob(cursor)))
    return { at, id }
  } catch {
    return refuse('invalid-request', 'The cursor is not one of ours.', {
      errors: [{ pointer: '/cursor', detail: 'use nextCursor of the page before, unchanged' }],
    })
  }
}
