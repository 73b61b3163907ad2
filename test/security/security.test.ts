/**
 * Tries against the gateway as people who should not get in, or through, or to know: every route,
 * scope, store, input and reply.
 */
import { afterAll, describe } from 'vitest'
import { access } from './access.ts'
import { bodies } from './bodies.ts'
import { canaries } from './canaries.ts'
import { injection } from './injection.ts'
import { keys } from './keys.ts'
import { tell } from './probes.ts'
import { redirects } from './redirects.ts'

afterAll(tell)

describe('who may do what', access)
describe('keys', keys)
describe('paths and headers', injection)
describe('bodies', bodies)
describe('redirects', redirects)
describe('canaries', canaries)
