/** Mints a caller's key: `npm run key -- erp` prints the key once, and the `callers` entry that knows only its hash. */
import { createHash, randomBytes } from 'node:crypto'

const name = process.argv[2]
if (!name) {
  process.stderr.write('Say whose key it is: npm run key -- erp\n')
  process.exit(1)
}
const key = `rsk_${randomBytes(32).toString('base64url')}`
const entry = { name, keyHash: [`sha256:${createHash('sha256').update(key).digest('hex')}`], scopes: ['cancel', 'read'], stores: ['*'] }
process.stdout.write(`Key, shown once:\n  ${key}\n\nInto “callers” of the configuration:\n  ${JSON.stringify(entry)}\n`)
