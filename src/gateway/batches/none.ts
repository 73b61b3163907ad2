/** The batches of a gateway that keeps none. */
import { refuse } from '../../model/problem.ts'
import type { Batches } from './service.ts'

const notHere = () => refuse('not-found', 'This gateway takes no batches.')
/** Where nobody keeps batches. */
export const NO_BATCHES: Batches = {
  create: notHere,
  get: notHere,
  list: notHere,
  items: notHere,
  pause: notHere,
  resume: notHere,
  stop: notHere,
}
