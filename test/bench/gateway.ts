/** The real gateway, as `npm start` would run it, in a process that tells what it has used. */
import { start } from '../../src/hosts/node/index.ts'
import { report } from './usage.ts'

const { url } = await start(process.env)
report()
process.send?.({ url })
