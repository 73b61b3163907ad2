/** The contract over HTTP in workerd: the same assertions as on Node. */
import { testHost } from '../http/suite.ts'
import { openWorker } from './hosts.ts'

testHost('Workers', openWorker)
